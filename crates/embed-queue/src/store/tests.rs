//! What cannot be brought about from outside.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;

use super::*;
use crate::embedder::lexical::Lexical;
use crate::{
    Capabilities, Document, EmbedError, Embedder, Input, ItemError, Mode, OnFailure, Piece, Policy, Purpose,
    Queue, Reply, Space, Stop, Surroundings, Until, Usage, Worker,
};

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

/// Holds the file while it embeds, and for a while afterwards. A call costs seven tokens.
struct Holding {
    file: PathBuf,
    calls: AtomicUsize,
}

#[async_trait::async_trait]
impl Embedder for Holding {
    fn space(&self) -> Space {
        Lexical.space()
    }

    fn capabilities(&self) -> Capabilities {
        Lexical.capabilities()
    }

    async fn embed(&self, purpose: Purpose, inputs: &[Input]) -> Result<Reply, EmbedError> {
        let holder = Connection::open(&self.file).unwrap();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let waiting = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            drop(holder);
        });
        if self.calls.fetch_add(1, Ordering::Relaxed) > 0 {
            waiting.join().unwrap();
        }
        let usage = Usage { calls: 1, tokens: 7 };
        let mut reply = Reply { usage, ..Lexical.embed(purpose, inputs).await? };
        for (answer, _) in
            reply.answers.iter_mut().zip(inputs).filter(|(_, input)| input.text.contains("poison"))
        {
            answer.outcome = Err(ItemError::Permanent("no".to_owned()));
        }
        Ok(reply)
    }
}

fn holding(folder: &Path) -> (Store, Arc<Holding>) {
    let store = store(folder);
    store.connection().busy_timeout(Duration::from_millis(20)).unwrap();
    (store, Arc::new(Holding { file: folder.join("index.db"), calls: AtomicUsize::new(0) }))
}

#[tokio::test]
async fn vectors_that_are_paid_for_outlive_a_file_that_is_held_for_longer_than_sqlite_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (store, holding) = holding(folder.path());
    store.put_all(&documents(2), Timestamp::UNIX_EPOCH).unwrap();
    let surroundings = Surroundings::new(|| Timestamp::UNIX_EPOCH, || 0.5);
    let policy = Policy { concurrency: 1, poll: Duration::from_millis(1), ..Policy::default() };
    let worker = Worker::new(store.clone(), holding.clone(), policy, surroundings);
    worker.run(Until::Drained, &Stop::new(), &mut |_| {}).await.unwrap();
    assert_eq!(store.chunks(&Scope::default()).unwrap().ready, 2);
    assert_eq!(holding.calls.load(Ordering::Relaxed), 1, "nothing is embedded twice");
}

#[tokio::test]
async fn a_document_that_is_embedded_at_once_is_stored_and_booked_when_the_file_is_free_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, holding) = holding(folder.path());
    let queue = Queue::new(store.clone(), holding.clone(), Timestamp::UNIX_EPOCH).unwrap();
    let ingest = |document| queue.ingest(document, Mode::Sync, OnFailure::Refuse, Timestamp::UNIX_EPOCH);
    let document = documents(1).remove(0);
    assert_eq!(ingest(document).await.unwrap().chunks.ready, 1);
    let spent = || store.spent(Timestamp::UNIX_EPOCH).unwrap().remove(0);
    assert_eq!((spent().ready, spent().calls, spent().tokens), (1, 1, 7));
}

#[tokio::test]
async fn what_cannot_be_booked_hides_no_failure_and_is_booked_with_the_next_document() {
    let folder = tempfile::tempdir().unwrap();
    let (store, holding) = holding(folder.path());
    let queue = Queue::new(store.clone(), holding.clone(), Timestamp::UNIX_EPOCH).unwrap();
    let ingest = |document| queue.ingest(document, Mode::Sync, OnFailure::Refuse, Timestamp::UNIX_EPOCH);
    let pieces = [Piece::text("one"), Piece::text("poison")];
    let refused = ingest(Document::new("files", "a").pieces(pieces)).await.unwrap_err();
    assert!(matches!(refused, Error::Embedding { source: EmbedError::Rejected(_), .. }), "{refused:?}");
    assert_eq!(store.spent(Timestamp::UNIX_EPOCH).unwrap(), []);
    ingest(documents(1).remove(0)).await.unwrap();
    let spent = store.spent(Timestamp::UNIX_EPOCH).unwrap().remove(0);
    assert_eq!((spent.ready, spent.calls, spent.tokens), (1, 2, 14));
}
