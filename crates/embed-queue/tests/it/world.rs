//! A queue in a folder of its own, and the check that no vector is on a wrong text.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use embed_queue::{
    Counts, Document, Hash, Mode, OnFailure, Piece, Policy, Queue, Report, Scope, Stop, Store, Surroundings,
    Until, Worker,
};
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::provider::{Fake, vector_of};

pub(crate) struct World {
    folder: TempDir,
    pub(crate) provider: Arc<Fake>,
    pub(crate) queue: Queue,
}

impl World {
    pub(crate) fn new(provider: Fake) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let provider = Arc::new(provider);
        let store = Store::open(&folder.path().join("index.db")).unwrap();
        let queue = Queue::new(store, provider.clone(), at(0)).unwrap().patience(Duration::ZERO);
        Self { folder, provider, queue }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("index.db")
    }

    pub(crate) fn store(&self) -> &Store {
        self.queue.store()
    }

    /// A second connection, for looking into the file.
    pub(crate) fn file(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    pub(crate) async fn now(&self, document: Document) -> Result<embed_queue::Ingested, embed_queue::Error> {
        self.queue.ingest(document, Mode::Sync, OnFailure::Refuse, at(0)).await
    }

    pub(crate) async fn later(&self, document: Document) -> embed_queue::Ingested {
        self.queue.ingest(document, Mode::Async, OnFailure::Refuse, at(0)).await.unwrap()
    }

    /// Works until nothing is PENDING, with a clock that moves when it is read.
    pub(crate) async fn work(&self) -> Report {
        self.work_with(quick()).await
    }

    pub(crate) async fn work_with(&self, policy: Policy) -> Report {
        worker(self.store().clone(), self.provider.clone(), policy)
            .run(Until::Drained, &Stop::new(), &mut |_| {})
            .await
            .unwrap()
    }

    pub(crate) fn chunks(&self) -> Counts {
        self.store().chunks(&Scope::default()).unwrap()
    }

    pub(crate) fn check(&self) {
        check(&self.path());
    }
}

pub(crate) fn worker(store: Store, provider: Arc<Fake>, policy: Policy) -> Worker {
    let read = AtomicI64::new(0);
    let now = move || at(read.fetch_add(1, Ordering::Relaxed));
    let turn = AtomicU32::new(0);
    let random = move || f64::from(turn.fetch_add(7, Ordering::Relaxed) % 10) / 10.0;
    Worker::new(store, provider, policy, Surroundings::new(now, random))
}

/// Waits until something has happened while other tasks go on; after a minute the test fails and says what has not.
pub(crate) async fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Looks at the file every millisecond; leases last as long as the test.
pub(crate) fn quick() -> Policy {
    Policy {
        poll: Duration::from_millis(1),
        lease: Duration::from_hours(10),
        call_timeout: Duration::from_millis(50),
        concurrency: 2,
        ..Policy::default()
    }
}

/// Seconds after an instant of no importance.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// A document whose pieces are these texts.
pub(crate) fn document(source: &str, texts: &[&str]) -> Document {
    Document::new("files", source).titled("Title").pieces(texts.iter().map(|text| Piece::text(text)))
}

pub(crate) fn counts(pending: u64, ready: u64, failed: u64) -> Counts {
    Counts { pending, ready, failed }
}

/// Every READY text has its own vector, every chunk a state, nothing is left over, and SQLite finds the file in order.
pub(crate) fn check(path: &Path) {
    let file = Connection::open(path).unwrap();
    let mut statement = file
        .prepare("SELECT source_hash, vector FROM embeddings JOIN vectors ON vectors.id = vector_id")
        .unwrap();
    let ready = statement
        .query_map([], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .unwrap()
        .map(Result::unwrap);
    for (hash, vector) in ready {
        assert_eq!(vector, bytes_of(hash), "a vector is on a wrong text");
    }
    let number = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(
        number(
            "SELECT count(*) FROM vectors WHERE id NOT IN (SELECT vector_id FROM embeddings WHERE vector_id IS NOT NULL)"
        ),
        0
    );
    assert_eq!(
        number("SELECT count(*) FROM chunks WHERE source_hash NOT IN (SELECT source_hash FROM embeddings)"),
        0
    );
    assert_eq!(
        number("SELECT count(*) FROM embeddings WHERE source_hash NOT IN (SELECT source_hash FROM chunks)"),
        0
    );
    assert_eq!(number("SELECT count(*) FROM chunks WHERE id NOT IN (SELECT rowid FROM words)"), 0);
    assert_eq!(number("SELECT count(*) FROM words WHERE rowid NOT IN (SELECT id FROM chunks)"), 0);
    file.execute("INSERT INTO words (words) VALUES ('integrity-check')", []).unwrap();
    let text: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(text, "ok");
    let mut statement = file
        .prepare("SELECT source_hash, metadata ->> '_vector_source' FROM chunks WHERE metadata ->> '_vector_source' IS NOT NULL")
        .unwrap();
    let waiting = statement
        .query_map([], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, String>(1)?)))
        .unwrap()
        .map(Result::unwrap);
    for (hash, text) in waiting {
        assert_eq!(&hash, Hash::of(&text).as_bytes());
    }
}

fn bytes_of(hash: [u8; 32]) -> Vec<u8> {
    let components = hash.map(|byte| f32::from(byte) - 127.5).into_iter().chain([1.0]).collect();
    let vector = embed_queue::Vector::new(components, crate::provider::DIMENSIONS).unwrap();
    vector.components().iter().flat_map(|component| component.to_le_bytes()).collect()
}

#[test]
fn the_right_vector_is_that_of_the_text() {
    let hash = Hash::of("text");
    let bytes: Vec<u8> =
        vector_of(&hash).components().iter().flat_map(|component| component.to_le_bytes()).collect();
    assert_eq!(bytes, bytes_of(*hash.as_bytes()));
}
