//! What is to leave the file is found, and leaves it.

use std::fs;

use embed_queue::{Document, Piece, Request, Scope, Search, Status};

use crate::provider::Fake;
use crate::world::{World, at, counts, document};

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

/// A document of many chunks, a note, and what both say.
async fn a_book(embedded: bool) -> World {
    let world = World::new(Fake::new());
    let texts: Vec<String> = (0..2_600).map(|number| format!("Отгрузка, раздел {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    world.later(document("book", &texts)).await;
    if embedded {
        world.work().await;
    }
    world.later(document("note", &["Отгрузка, заметка", "Отгрузка, раздел 7"])).await;
    world
}

#[tokio::test]
async fn a_document_of_many_chunks_leaves_nothing_behind() {
    for by_purge in [false, true] {
        let world = a_book(true).await;
        world.work().await;
        if by_purge {
            assert_eq!(world.store().purge(&[Scope::document("files", "book")]).unwrap().documents, 1);
        } else {
            assert!(world.store().delete("files", "book").unwrap());
            assert!(!world.store().delete("files", "book").unwrap());
        }
        assert_eq!(world.chunks(), counts(0, 2, 0));
        let rows = |table: &str| -> i64 {
            world.file().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
        };
        let left = ["chunks", "embeddings", "vectors", "words", "leaving"].map(rows);
        assert_eq!(left, [2, 2, 2, 2, 0]);
        world.check();
    }
}

#[tokio::test]
async fn nothing_is_seen_of_a_large_document_whose_removal_was_interrupted_and_the_next_one_goes_on() {
    for embedded in [true, false] {
        let world = a_book(embedded).await;
        // As after the first of its transactions.
        let take = "INSERT INTO leaving SELECT id FROM documents WHERE source = 'book';
                    DELETE FROM documents WHERE source = 'book';";
        world.file().execute_batch(take).unwrap();
        for search in [Search::Hybrid, Search::Vector, Search::Text] {
            let request = Request { search, floor: -1.0, ..Request::new("отгрузка раздел 8") };
            let found = world.queue.search(request, at(0)).await.unwrap();
            assert!(found.hits.iter().all(|hit| hit.source == "note"), "{search:?}: {:?}", found.hits);
            assert_eq!(found.documents.total(), 1);
            assert_eq!(found.chunks.total(), 2, "{search:?}");
            assert_eq!(found.hits.len(), usize::from(embedded), "{search:?}");
        }
        assert_eq!(world.chunks().total(), 2);
        let before = world.provider.calls().iter().sum::<usize>();
        world.work().await;
        let sent = world.provider.calls().iter().sum::<usize>() - before;
        assert_eq!(sent, if embedded { 1 } else { 2 }, "texts of a deleted document are not sent");
        assert_eq!(world.chunks(), counts(0, 2, 0));
        world.check();
        let left: i64 = world.file().query_row("SELECT count(*) FROM chunks", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 2, "the worker goes on with the removal");
    }
}

#[tokio::test]
async fn a_document_that_comes_again_while_it_is_removed_is_stored_and_found() {
    let world = a_book(true).await;
    let take = "INSERT INTO leaving SELECT id FROM documents WHERE source = 'book';
                DELETE FROM documents WHERE source = 'book';";
    world.file().execute_batch(take).unwrap();
    world.later(document("book", &["Отгрузка, раздел 9", "Другое издание"])).await;
    world.work().await;
    assert_eq!(world.chunks(), counts(0, 4, 0));
    assert_eq!(world.provider.most_repeated(), 1, "its text had a vector still");
    world.check();
}

#[tokio::test]
async fn a_scope_is_a_part_of_the_queue_however_it_is_named() {
    let world = World::new(Fake::new().refusing("poison"));
    let of = |collection: &str, source: &str, text: &str| {
        Document::new(collection, source).pieces([Piece::text(text)])
    };
    world.now(of("a", "x", "it works")).await.unwrap();
    for collection in ["b", "c"] {
        world.later(of(collection, "x", &format!("poison {collection}"))).await;
        world.later(of(collection, "y", &format!("good {collection}"))).await;
    }
    world.work().await;
    let of_source = Scope { collection: None, source: Some("x".to_owned()) };
    for (scope, expected) in [
        (Scope::default(), counts(0, 3, 2)),
        (Scope::collection("b"), counts(0, 1, 1)),
        (Scope::document("c", "y"), counts(0, 1, 0)),
        (of_source.clone(), counts(0, 1, 2)),
    ] {
        assert_eq!(world.store().chunks(&scope).unwrap(), expected, "{scope:?}");
        assert_eq!(world.store().documents(&scope).unwrap(), expected, "{scope:?}");
        assert_eq!(world.store().why(&scope).unwrap().len() as u64, expected.total());
    }
    assert_eq!(world.store().retry(&Scope::document("b", "x"), at(0)).unwrap(), 1);
    assert_eq!(world.store().retry(&of_source, at(0)).unwrap(), 1);
    assert_eq!(world.store().purge(&[of_source]).unwrap().documents, 3);
    assert_eq!(world.chunks(), counts(0, 2, 0));
    assert_eq!(world.store().purge(&[Scope::collection("b")]).unwrap().documents, 1);
    assert_eq!(world.store().purge(&[Scope::default()]).unwrap().documents, 1);
    world.check();
}
