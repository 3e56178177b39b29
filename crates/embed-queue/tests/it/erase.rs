//! What is to leave the file is found, and leaves it.

use std::fs;

use embed_queue::{Document, Piece, Scope, Status};

use crate::provider::Fake;
use crate::world::{World, counts, document};

#[tokio::test]
async fn erased_words_are_nowhere_in_the_files() {
    let world = World::new(Fake::new());
    let secret = "Секретарёва";
    for number in 0..20 {
        world.later(document(&number.to_string(), &["обычный текст"])).await;
    }
    world.later(document("secret", &[&format!("звонила {secret} секретарёва")])).await;
    let folder = world.path().parent().unwrap().to_owned();
    let anywhere = |word: &str| {
        let files = fs::read_dir(&folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
    };
    assert!(anywhere(secret) && anywhere("секретарев"));
    world.store().delete("files", "secret").unwrap();
    world.store().scrub().unwrap();
    for word in [secret, "секретарёва", "секретарева", "секретарев"] {
        assert!(!anywhere(word), "{word} is still there");
    }
    world.check();
    assert_eq!(world.chunks(), counts(20, 0, 0));
}

#[tokio::test]
async fn documents_are_read_back_as_they_were_given() {
    let world = World::new(Fake::new());
    let first = Document::new("crm.deal", "7").titled("Сделка").with("contacts", vec![1, 2]);
    let first = first.pieces([Piece::text("один").under(&["Склад", "Приём"]), Piece::text("два")]);
    let second = document("b", &["три"]);
    world.now(first.clone()).await.unwrap();
    world.later(second.clone()).await;
    let mut seen = Vec::new();
    let found = world.store().fitting(&mut |document| {
        seen.push(document.clone());
        document.collection == "crm.deal"
    });
    assert_eq!(found.unwrap(), [Scope::document("crm.deal", "7")]);
    assert_eq!(seen, [first, second]);
}

#[tokio::test]
async fn words_of_a_provider_that_repeats_a_text_are_erased_and_the_failure_stays() {
    let world = World::new(Fake::new().refusing("яд"));
    world.later(document("a", &["один", "два", "три", "четыре", "яд"])).await;
    world.work().await;
    let why = |position: usize| world.store().why(&Scope::default()).unwrap().swap_remove(position);
    assert!(why(4).error.unwrap().contains("poison"));
    assert_eq!(world.store().blot_failures(&|words| words.contains("poison")).unwrap(), 1);
    assert_eq!((why(4).status, why(4).error.as_deref()), (Status::Failed, Some("erased")));
    assert_eq!(world.store().blot_failures(&|words| words.contains("poison")).unwrap(), 0);
    assert_eq!(world.chunks(), counts(0, 4, 1));
    world.check();
}
