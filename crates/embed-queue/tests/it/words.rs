//! Words as they are written and as they are asked for.

use std::sync::Arc;

use embed_queue::{Document, Lexical, Mode, OnFailure, Piece, Queue, Request, Search, Store};
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

#[tokio::test]
async fn keys_of_an_earlier_version_s_records_become_keys_within_their_file() {
    let of = |source: &str, file: &str| text(source, source).with("_file", file);
    let world = world(vec![
        of("1", "/docs/deals.jsonl"),
        of("n 2", "stdin"),
        of("https://a.ru/1", "/docs/news.rss"),
        of("/docs/news.rss:2", "/docs/news.rss"),
        text("3", "3"),
    ])
    .await;
    world.file().pragma_update(None, "user_version", 7).unwrap();
    let store = Store::open(&world.path()).unwrap();
    let sources = store.sources("files", "", 10).unwrap();
    assert_eq!(sources, ["/docs/deals.jsonl#1", "/docs/news.rss:2", "3", "https://a.ru/1", "n 2"]);
}

/// Files with a title of their own, with their name as the title, records of a file, and what mentions their names.
fn library() -> Vec<Document> {
    let long = "Щебень и песок по договору поставки. ".repeat(10);
    vec![
        text("/docs/Договор 4711 Ромашка.docx", "Предмет договора").titled("Microsoft Word - Шаблон"),
        text("/docs/page.html", "Страница").titled("Стр"),
        text("/docs/prices-2026.md", &long).titled("prices-2026.md"),
        text("/docs/other.md", "See prices-2026.md, prices-2026.md").titled("other.md"),
        text("/docs/Акт 12.docx", &long).titled("Акт сверки"),
        text("/docs/Счёт 12.docx", "Счёт, к нему Акт 12.docx").titled("Счёт"),
        text("/docs/deals.jsonl#1", "Сделка").titled("Сделка").with("_file", "/docs/deals.jsonl"),
        text("7", "Комментарий 12.docx").titled("Сделка"),
    ]
}

#[tokio::test]
async fn files_are_found_by_their_names_before_what_mentions_them_whatever_their_titles_are() {
    let world = World::new(Fake::new());
    let lexical = Queue::new(
        Store::open(&world.path().with_file_name("lexical.db")).unwrap(),
        Arc::new(Lexical),
        at(0),
    )
    .unwrap();
    for document in library() {
        lexical.ingest(document, Mode::Sync, OnFailure::Refuse, at(0)).await.unwrap();
    }
    for (query, source) in [
        ("4711", "/docs/Договор 4711 Ромашка.docx"),
        ("Ромашка", "/docs/Договор 4711 Ромашка.docx"),
        ("ромашке", "/docs/Договор 4711 Ромашка.docx"),
        ("Договор 4711 Ромашка.docx", "/docs/Договор 4711 Ромашка.docx"),
        ("шаблон", "/docs/Договор 4711 Ромашка.docx"),
        ("page.html", "/docs/page.html"),
        ("prices-2026.md", "/docs/prices-2026.md"),
        ("щебень prices-2026.md", "/docs/prices-2026.md"),
        ("prices-2026", "/docs/prices-2026.md"),
        ("Акт 12.docx", "/docs/Акт 12.docx"),
        ("deals.jsonl", "/docs/deals.jsonl#1"),
    ] {
        for search in [Search::Text, Search::Hybrid] {
            let request = Request { search, ..Request::new(query) };
            let hits = lexical.search(request, at(0)).await.unwrap().hits;
            let first = hits.first().map(|hit| hit.source.as_str());
            assert_eq!(first, Some(source), "{query} {search:?}");
        }
    }
    let hits = lexical.search(Request::new("page.html"), at(0)).await.unwrap().hits;
    assert_eq!((hits[0].title.as_str(), hits[0].name.as_deref()), ("Стр", Some("page.html")));
}

#[tokio::test]
async fn a_file_s_name_wins_among_thousands_of_chunks_that_mention_it() {
    let mut documents = vec![text("/docs/prices-2026.md", "Щебень").titled("Прайс")];
    documents.extend((0..2_500).map(|number| text(&number.to_string(), "см. prices-2026.md")));
    let world = world(documents).await;
    let sources = found(&world, "prices-2026.md", Search::Text).await;
    assert_eq!((sources.len(), sources[0].as_str()), (10, "/docs/prices-2026.md"));
}
