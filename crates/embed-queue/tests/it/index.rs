//! The vector index: the same answers as without it, fast, whoever wrote.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use embed_queue::{
    Answer, Capabilities, Document, EmbedError, Embedder, Findings, Input, OnFailure, Piece, Purpose, Queue,
    Request, Scope, Search, Space, Store,
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::world::at;

/// A text `x y z` of numbers is its own vector.
struct Numbers;

#[async_trait]
impl Embedder for Numbers {
    fn space(&self) -> Space {
        Space {
            provider: "test".to_owned(),
            model: "numbers".to_owned(),
            dimensions: 8,
            prefixes: String::new(),
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { max_items: 10_000, max_tokens: usize::MAX, max_item_tokens: 10_000, lexical: false }
    }

    async fn embed(&self, _: Purpose, inputs: &[Input]) -> Result<Vec<Answer>, EmbedError> {
        let number = |word: &str| word.parse::<f32>().unwrap_or(0.0);
        let answer = |input: &Input| {
            let mut components: Vec<f32> = input.text.split(' ').map(number).collect();
            components.resize(8, 0.25);
            Answer { key: input.key, outcome: Ok(components) }
        };
        Ok(inputs.iter().map(answer).collect())
    }
}

struct Library {
    folder: TempDir,
    queue: Queue,
}

fn text(number: u32) -> String {
    let angle = f64::from(number);
    format!("{:.4} {:.4} {:.4}", (angle * 0.37).sin(), (angle * 0.73).cos(), (angle * 0.11).sin())
}

impl Library {
    /// Enough for an index.
    async fn new(count: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("index.db")).unwrap();
        let queue = Queue::new(store, Arc::new(Numbers), at(0)).unwrap();
        let library = Self { folder, queue };
        library.add("first", 0..count).await;
        library
    }

    async fn add(&self, name: &str, numbers: std::ops::Range<u32>) {
        add(&self.queue, name, numbers).await;
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("index.db")
    }

    fn side_file(&self) -> PathBuf {
        self.folder.path().join("index.db.vectors")
    }

    /// As another process would see it.
    fn reopened(&self) -> Queue {
        Queue::new(Store::open(&self.path()).unwrap(), Arc::new(Numbers), at(0)).unwrap()
    }
}

/// One document, or in several collections one for each number.
async fn add(queue: &Queue, name: &str, numbers: std::ops::Range<u32>) {
    for number in numbers.clone().step_by(500) {
        let texts: Vec<String> = (number..numbers.end.min(number + 500)).map(text).collect();
        let pieces = texts.iter().map(|text| Piece::text(text));
        let document = Document::new(name, &number.to_string()).pieces(pieces);
        queue.ingest(document, embed_queue::Mode::Sync, OnFailure::Refuse, at(0)).await.unwrap();
    }
}

async fn found(queue: &Queue, request: Request) -> Findings {
    queue.search(Request { search: Search::Vector, floor: -1.0, ..request }, at(0)).await.unwrap()
}

/// Snippets of the best hits, which are texts, and so vectors.
async fn nearest(queue: &Queue, query: &str) -> Vec<String> {
    found(queue, Request::new(query)).await.hits.into_iter().map(|hit| hit.snippet).collect()
}

#[tokio::test]
async fn a_search_finds_the_nearest_and_leaves_a_side_file_for_the_next_process() {
    let library = Library::new(2_500).await;
    for number in [0, 777, 2_499] {
        assert_eq!(nearest(&library.queue, &text(number)).await[0], text(number));
    }
    assert!(library.side_file().exists());
    let other = library.reopened();
    let written = fs::metadata(library.side_file()).unwrap().modified().unwrap();
    assert_eq!(nearest(&other, &text(1_234)).await[0], text(1_234));
    assert_eq!(fs::metadata(library.side_file()).unwrap().modified().unwrap(), written);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(library.side_file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn what_other_processes_write_and_delete_is_followed() {
    let library = Library::new(2_500).await;
    nearest(&library.queue, &text(1)).await;
    let other = library.reopened();
    add(&other, "second", 5_000..5_010).await;
    assert_eq!(nearest(&library.queue, &text(5_004)).await[0], text(5_004));
    assert!(other.store().delete("second", "5000").unwrap());
    assert_ne!(nearest(&library.queue, &text(5_004)).await[0], text(5_004));
    // A process that comes later reads the old side file and what happened since.
    add(&other, "second", 6_000..6_010).await;
    assert_eq!(nearest(&library.reopened(), &text(6_003)).await[0], text(6_003));
}

#[tokio::test]
async fn a_side_file_in_doubt_is_made_again() {
    let library = Library::new(2_500).await;
    nearest(&library.queue, &text(1)).await;
    let whole = fs::read(library.side_file()).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let mut flipped = whole.clone();
    for byte in flipped.iter_mut().rev().step_by(100) {
        *byte ^= 1;
    }
    for harmed in [vec![], half, flipped, b"something else".to_vec()] {
        fs::write(library.side_file(), harmed).unwrap();
        assert_eq!(nearest(&library.reopened(), &text(1_500)).await[0], text(1_500));
        assert_eq!(fs::metadata(library.side_file()).unwrap().len(), whole.len() as u64);
    }
    fs::remove_file(library.side_file()).unwrap();
    fs::create_dir(library.side_file()).unwrap();
    assert_eq!(nearest(&library.reopened(), &text(1_500)).await[0], text(1_500));
}

#[tokio::test]
async fn a_side_file_of_another_past_of_the_same_file_is_not_believed() {
    let library = Library::new(2_500).await;
    let backup = library.folder.path().join("backup.db");
    Connection::open(library.path()).unwrap().execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
    library.add("second", 5_000..5_040).await;
    library.queue.store().refresh_index().unwrap();
    // The backup goes on otherwise, with other texts under the same ids, and gets the other one's side file.
    let store = Store::open(&backup).unwrap();
    let other = Queue::new(store, Arc::new(Numbers), at(0)).unwrap();
    add(&other, "second", 7_000..7_100).await;
    fs::copy(library.side_file(), library.folder.path().join("backup.db.vectors")).unwrap();
    assert_eq!(nearest(&other, &text(7_020)).await[0], text(7_020));
}

#[tokio::test]
async fn a_filter_loses_nothing_however_little_it_lets_through() {
    let library = Library::new(2_500).await;
    library.add("rare", 9_000..9_003).await;
    for source in [None, Some("9000".to_owned())] {
        let collections = vec!["rare".to_owned()];
        let asked = Request { collections, source, ..Request::new(&text(3)) };
        let hits = found(&library.queue, asked).await.hits;
        assert_eq!((hits.len(), hits[0].collection.as_str()), (1, "rare"));
    }
    let collections = vec!["rare".to_owned(), "none".to_owned()];
    let request = Request { collections, ..Request::new(&text(9_001)) };
    assert_eq!(found(&library.queue, request).await.hits[0].snippet, text(9_001));
    let request = Request { collections: vec!["x' OR 1=1 --".to_owned()], ..Request::new(&text(3)) };
    assert!(found(&library.queue, request).await.hits.is_empty());
}

#[tokio::test]
async fn a_purge_leaves_no_codes_beside_the_file() {
    let library = Library::new(2_500).await;
    assert_eq!(library.queue.store().refresh_index().unwrap(), 2_500);
    assert!(library.side_file().exists());
    library.queue.store().purge(&[Scope::collection("first")]).unwrap();
    assert!(!library.side_file().exists());
    assert_eq!(library.queue.store().refresh_index().unwrap(), 0);
    assert!(nearest(&library.queue, &text(3)).await.is_empty());
}
