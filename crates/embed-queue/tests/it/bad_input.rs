//! What comes in is as bad as it can be.

use std::fs;
use std::sync::Arc;

use embed_queue::{
    Document, Embedder as _, Lexical, Mode, OnFailure, Piece, Queue, Request, Scope, Search, Store, split,
};

use crate::provider::Fake;
use crate::world::{World, at, counts, document, quick, worker};

fn lexical(world: &World) -> Queue {
    let folder = world.path().parent().unwrap().to_owned();
    Queue::new(Store::open(&folder.join("lexical.db")).unwrap(), Arc::new(Lexical), at(0)).unwrap()
}

#[tokio::test]
async fn a_document_of_50_mb_is_stored_and_its_last_words_are_found() {
    let world = World::new(Fake::new());
    let mut text = format!("слово {} ", "0123456789".repeat(8)).repeat(550_000);
    text.push_str("иголка");
    assert!(text.len() > 50_000_000);
    // Larger pieces than usual: it is the document's size that is tried here.
    let sizes = split::Sizes { target: 20_000, limit: 30_000, overlap: 0, crumbs: 100 };
    let pieces = split::plain(&text, sizes);
    assert!(pieces.len() > 800);
    let stored = world.later(Document::new("files", "huge.txt").pieces(pieces)).await;
    assert_eq!(stored.chunks.pending, stored.chunks.total());
    let words: i64 = world
        .file()
        .query_row("SELECT count(*) FROM words WHERE words MATCH 'exact:\"иголка\"'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(words, 1);
}

#[tokio::test]
async fn one_line_of_a_megabyte_is_cut_stored_and_found() {
    let world = World::new(Fake::new());
    let queue = lexical(&world);
    let line = format!("{} последнее", "x".repeat(1_000_000));
    let pieces = split::plain(&line, split::Sizes::default());
    let document = Document::new("files", "line").pieces(pieces);
    queue.ingest(document, Mode::Sync, OnFailure::Refuse, at(0)).await.unwrap();
    let found = queue.search(Request::new("последнее"), at(0)).await.unwrap();
    assert_eq!(found.hits[0].lines, (1, 1));
    assert!(found.hits[0].snippet.ends_with("последнее"), "{}", found.hits[0].snippet);
}

#[tokio::test]
async fn nul_bytes_are_characters_like_others_wherever_they_stand() {
    let world = World::new(Fake::new());
    let queue = lexical(&world);
    let document =
        Document::new("fi\0les", "a\0b").titled("t\0").with("k\0", "v\0").pieces([Piece::text("один\0два")]);
    queue.ingest(document, Mode::Sync, OnFailure::Refuse, at(0)).await.unwrap();
    for query in ["один", "два", "один\0два"] {
        let request = Request { search: Search::Text, ..Request::new(query) };
        let found = queue.search(request, at(0)).await.unwrap();
        assert_eq!((found.hits[0].source.as_str(), found.hits[0].collection.as_str()), ("a\0b", "fi\0les"));
    }
    let facts = [("k\0".to_owned(), "v\0".into())].into_iter().collect();
    let found = queue.search(Request { facts, ..Request::new("два") }, at(0)).await.unwrap();
    assert_eq!(found.documents, counts(0, 1, 0));
    assert!(queue.store().delete("fi\0les", "a\0b").unwrap());
}

#[tokio::test]
async fn a_queue_belongs_to_its_first_owner() {
    let world = World::new(Fake::new());
    world.store().bind("acme.bitrix24.ru").unwrap();
    world.store().bind("acme.bitrix24.ru").unwrap();
    let error = Store::open(&world.path()).unwrap().bind("other.bitrix24.ru").unwrap_err();
    let text = "could not use the queue for other.bitrix24.ru: it belongs to acme.bitrix24.ru";
    assert_eq!((error.code(), error.to_string().as_str()), ("queue.other-owner", text));
    world.store().release().unwrap();
    world.store().bind("other.bitrix24.ru").unwrap();
}

#[tokio::test]
async fn an_owner_of_an_earlier_version_s_file_stays() {
    let world = World::new(Fake::new());
    let file = world.file();
    file.execute("INSERT INTO marks (name, value) VALUES ('portal', 'acme.bitrix24.ru')", []).unwrap();
    file.execute_batch("DROP TABLE leaving; PRAGMA user_version = 3").unwrap();
    let store = Store::open(&world.path()).unwrap();
    assert_eq!(store.bind("other.bitrix24.ru").unwrap_err().code(), "queue.other-owner");
    store.bind("acme.bitrix24.ru").unwrap();
    assert_eq!(store.mark("portal").unwrap(), None);
}

#[tokio::test]
async fn a_date_chooses_what_is_as_new() {
    let world = World::new(Fake::new());
    let queue = lexical(&world);
    for date in ["2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"] {
        let document = Document::new("files", date).with("date", date).pieces([Piece::text("договор")]);
        queue.ingest(document, Mode::Sync, OnFailure::Refuse, at(0)).await.unwrap();
    }
    let since = Some("2026-03-01T00:00:00Z".parse().unwrap());
    let found = queue.search(Request { since, ..Request::new("договоры") }, at(0)).await.unwrap();
    assert_eq!(found.documents, counts(0, 2, 0));
    assert!(found.hits.iter().all(|hit| hit.source.as_str() >= "2026-03-01") && found.hits.len() == 2);
}

#[tokio::test]
async fn while_the_model_is_changed_the_old_one_answers_and_then_the_new_one_at_once() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one", "two"])).await.unwrap();
    let next = Arc::new(Fake::new().model("better").at_most(1));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    assert_eq!(world.store().answering_space().unwrap(), Some(world.provider.space()));
    assert_eq!(world.store().coming_space().unwrap(), Some(next.space()));
    // What comes in meanwhile is for both.
    world.now(document("b", &["three"])).await.unwrap();
    let vector = Request { search: Search::Vector, floor: -1.0, ..Request::new("one") };
    let found = world.queue.search(vector.clone(), at(1)).await.unwrap();
    assert_eq!((found.hits.len(), found.chunks), (2, counts(0, 3, 0)));
    worker(world.store().clone(), next.clone(), quick())
        .run(embed_queue::Until::Drained, &embed_queue::Stop::new(), &mut |_| {})
        .await
        .unwrap();
    assert_eq!(world.store().answering_space().unwrap(), Some(next.space()));
    assert_eq!(world.store().coming_space().unwrap(), None);
    let queue = Queue::new(world.store().clone(), next, at(2)).unwrap();
    assert_eq!(queue.search(vector.clone(), at(2)).await.unwrap().chunks, counts(0, 3, 0));
    // A process that still has the old model is told, and does not find nothing.
    assert_eq!(world.queue.search(vector, at(2)).await.unwrap_err().code(), "queue.space-mismatch");
    assert_eq!(world.store().documents(&Scope::default()).unwrap(), counts(0, 2, 0));
    world.check();
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_may_only_be_read_is_said() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    drop(Store::open(&path).unwrap());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let opened = Store::open(&path);
    let may_write_anyway = fs::File::options().append(true).open(&path).is_ok();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    // The superuser may write whatever the mode says.
    if !may_write_anyway {
        assert_eq!(opened.unwrap_err().code(), "queue.read-only");
    }
}
