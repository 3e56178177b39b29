//! What cannot be brought about from outside.

use jiff::Timestamp;

use super::*;
use crate::document::{Document, Piece};
use crate::embedder::Embedder as _;
use crate::embedder::lexical::Lexical;

fn store(folder: &Path) -> Store {
    let store = Store::open(&folder.join("index.db")).unwrap();
    store.use_space(&Lexical.space(), Timestamp::UNIX_EPOCH).unwrap();
    store
}

fn documents(count: usize) -> Vec<Document> {
    let text = "words ".repeat(500);
    (0..count)
        .map(|number| {
            Document::new("files", &number.to_string()).pieces([Piece::text(&format!("{number} {text}"))])
        })
        .collect()
}

#[test]
fn a_full_disk_is_said_and_nothing_of_the_transaction_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.put_all(&documents(1), Timestamp::UNIX_EPOCH).unwrap();
    let pages: i64 = store.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    // SQLite fails in the same way when the disk takes no more.
    store.connection().query_row(&format!("PRAGMA max_page_count = {}", pages + 3), [], |_| Ok(())).unwrap();
    let error = store.put_all(&documents(50), Timestamp::UNIX_EPOCH).unwrap_err();
    let text = "could not store documents: the disk is full";
    assert_eq!((error.code(), error.to_string().as_str()), ("queue.disk-full", text));
    assert_eq!(store.chunks(&Scope::default()).unwrap().total(), 1);
    store.connection().query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(())).unwrap();
    assert_eq!(store.put_all(&documents(50), Timestamp::UNIX_EPOCH).unwrap().len(), 50);
}

#[test]
fn a_file_that_may_only_be_read_is_said_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.put_all(&documents(1), Timestamp::UNIX_EPOCH).unwrap();
    // The superuser may write whatever the modes say; SQLite refuses here as it does for everybody else.
    store.connection().pragma_update(None, "query_only", true).unwrap();
    let error = store.put_all(&documents(2), Timestamp::UNIX_EPOCH).unwrap_err();
    let text = "could not store documents: the queue file is read-only";
    assert_eq!((error.code(), error.to_string().as_str()), ("queue.read-only", text));
    assert_eq!(store.chunks(&Scope::default()).unwrap().total(), 1);
}

#[test]
fn durable_commits_are_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let synchronous = |store: &Store| -> i64 {
        store.connection().pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap()
    };
    let store = store(folder.path());
    assert_eq!(synchronous(&store), 1);
    assert_eq!(synchronous(&store.durable().unwrap()), 2);
}
