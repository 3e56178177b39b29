//! Words as they are written and as they are asked for.

use embed_queue::{Document, Piece, Request, Search, Store};
use rusqlite::Connection;

use crate::provider::Fake;
use crate::world::{World, at};

async fn world(documents: Vec<Document>) -> World {
    let world = World::new(Fake::new());
    world.store().put_all(&documents, at(0)).unwrap();
    world.work().await;
    world
}

async fn found(world: &World, query: &str, search: Search) -> Vec<String> {
    let request = Request { search, ..Request::new(query) };
    let findings = world.queue.search(request, at(0)).await.unwrap();
    findings.hits.into_iter().map(|hit| hit.source).collect()
}

fn text(source: &str, text: &str) -> Document {
    Document::new("files", source).pieces([Piece::text(text)])
}

#[tokio::test]
async fn letters_with_their_marks_apart_are_found_as_those_in_one_and_the_other_way_round() {
    let world = world(vec![
        text("apart", "Рабочии\u{306} е\u{308}ж ест и\u{306}огурт").titled("Жёлудь и Йод"),
        text("unseen", "дого\u{ad}вор пере\u{ad}возки, вели\u{301}кий за\u{301}мок"),
        text("one", "Лёд, запись, подпись"),
    ])
    .await;
    for (query, source) in [
        ("ёж", "apart"),
        ("еж", "apart"),
        ("йогурт", "apart"),
        ("и\u{306}од", "apart"),
        ("желудь", "apart"),
        ("перевозка", "unseen"),
        ("договоры", "unseen"),
        ("великие замки", "unseen"),
        ("ле\u{308}д", "one"),
        ("записи", "one"),
        ("подписи", "one"),
    ] {
        assert_eq!(found(&world, query, Search::Text).await, [source], "{query}");
    }
}

#[tokio::test]
async fn words_of_an_earlier_version_s_file_are_made_anew() {
    let world = world(vec![text("a", "дого\u{ad}вор").titled("Йод"), text("b", "поставка")]).await;
    let old = world.file();
    old.execute_batch(
        "INSERT INTO words (words) VALUES ('delete-all');
         INSERT INTO words (rowid, stemmed, exact, headings) VALUES (1, 'дого вор ', 'дого вор ', ''), (2, 'stale', '', '');
         PRAGMA user_version = 6;",
    )
    .unwrap();
    drop(Store::open(&world.path()).unwrap());
    for (query, sources) in [("договор", &["a"][..]), ("йод", &["a"]), ("поставки", &["b"]), ("stale", &[])]
    {
        assert_eq!(found(&world, query, Search::Text).await, sources, "{query}");
    }
    world.check();
    let version: i64 = Connection::open(world.path())
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert!(version > 6);
}
