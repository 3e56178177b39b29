//! `kill -9`: three workers of one file die at any moment, and everything becomes READY with its own vector.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use embed_queue::{
    Answer, Capabilities, Counts, EmbedError, Embedder, Explanation, Input, Purpose, Queue, Reply, Request,
    Scope, Search, Space, Store, Usage,
};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use crate::endpoint::{Endpoint, texts, vector};
use crate::stage::{Home, done, wait_until};

const DIMENSIONS: usize = 16;
const WORKERS: usize = 3;
/// Texts that come in before each kill.
const TEXTS: usize = 60;
/// A call of the living is over and its lease settled after this time; a lease that is still the same is of the dead.
const SETTLED: Duration = Duration::from_millis(400);

fn kills() -> usize {
    if std::env::var_os("B24_TEST_LONG").is_some() { 200 } else { 25 }
}

/// A moment of the work, different each time.
fn moment() -> Duration {
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    Duration::from_millis(random % 250)
}

/// A queue, its provider, and three processes that work on it.
struct Works {
    home: Home,
    endpoint: Endpoint,
    store: Store,
    workers: Vec<Child>,
    stored: usize,
}

impl Drop for Works {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            worker.kill().ok();
            worker.wait().ok();
        }
    }
}

impl Works {
    fn new() -> Self {
        let endpoint = Endpoint::taking(DIMENSIONS, Duration::from_millis(30));
        let home = Home::new();
        home.write(
            "config.toml",
            &format!(
                "[index]\nembedder = \"own\"\n[embedder.own]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\n\
                 dimensions = {DIMENSIONS}\nmax_items = 3\ntimeout_s = 2\n",
                endpoint.url()
            ),
        );
        done(&mut home.b24(&["--state-dir", "state", "index", "status"]));
        let store = Store::open(&file(home.path().join("state"))).unwrap();
        let mut works = Self { home, endpoint, store, workers: Vec::new(), stored: 0 };
        works.workers = (0..WORKERS).map(|_| works.worker()).collect();
        works
    }

    fn worker(&self) -> Child {
        let args = ["--state-dir", "state", "index", "work", "--watch", "--quiet"];
        self.home.spawn(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Work comes in while workers die.
    fn store_more(&mut self) {
        let mut lines = String::new();
        for number in self.stored..self.stored + TEXTS {
            writeln!(lines, "{{\"id\":{number},\"text\":\"{}\"}}", text(number)).unwrap();
        }
        self.stored += TEXTS;
        let args = ["--state-dir", "state", "index", "add", "-", "--quiet"];
        done(self.home.b24(&args).write_stdin(lines));
    }

    fn kill_and_replace(&mut self, which: usize) {
        self.workers[which].kill().unwrap();
        self.workers[which].wait().unwrap();
        self.workers[which] = self.worker();
    }

    /// Texts under leases, by number, each with the end of its lease.
    fn leased(&self) -> HashSet<(usize, Timestamp)> {
        // Chunks come in the order of their documents, and each of these has one.
        let chunks = self.store.why(&Scope::default()).unwrap().into_iter().enumerate();
        let end = |chunk: Explanation| if chunk.leased { chunk.next_attempt_at } else { None };
        chunks.filter_map(|(number, chunk)| Some((number, end(chunk)?))).collect()
    }

    fn wait_for_the_last_text(&mut self) {
        let counts = || self.store.chunks(&Scope::default()).unwrap();
        let all = Counts { ready: self.stored as u64, ..Counts::default() };
        let mut before = counts();
        while before != all {
            wait_until("a further text is ready", || counts() != before);
            for worker in &mut self.workers {
                assert_eq!(worker.try_wait().unwrap(), None, "a worker ended by itself");
            }
            thread::sleep(Duration::from_millis(50));
            before = counts();
        }
    }

    /// How often each text was embedded, whoever got the answer.
    fn embedded(&self) -> HashMap<String, usize> {
        let mut times = HashMap::new();
        for (path, _, body) in self.endpoint.requests() {
            for text in texts(&path, &body) {
                *times.entry(text).or_default() += 1;
            }
        }
        times
    }

    /// Asks each document with its own text: the right vector is the same.
    fn assert_every_vector_is_its_own_texts(&self) {
        let space = self.store.answering_space().unwrap().unwrap();
        let queue = Queue::new(self.store.clone(), Arc::new(Same(space)), Timestamp::UNIX_EPOCH).unwrap();
        let runtime = Runtime::new().unwrap();
        for number in 0..self.stored {
            let asked = Request {
                search: Search::Vector,
                collections: vec!["files".to_owned()],
                source: Some(number.to_string()),
                ..Request::new(&text(number))
            };
            let hits = runtime.block_on(queue.search(asked, Timestamp::UNIX_EPOCH)).unwrap().hits;
            let near = hits.first().and_then(|hit| hit.similarity);
            assert!(
                near.is_some_and(|near| near > 0.999_99),
                "the vector of text {number} is wrong: {hits:?}"
            );
        }
    }
}

/// What the provider computes, without the provider.
struct Same(Space);

#[async_trait]
impl Embedder for Same {
    fn space(&self) -> Space {
        self.0.clone()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { max_items: 1, max_tokens: 1_000, max_item_tokens: 1_000, lexical: false }
    }

    async fn embed(&self, _: Purpose, inputs: &[Input]) -> Result<Reply, EmbedError> {
        let answer = |input: &Input| Answer { key: input.key, outcome: Ok(vector(&input.text, DIMENSIONS)) };
        Ok(Reply { answers: inputs.iter().map(answer).collect(), usage: Usage::default() })
    }
}

fn text(number: usize) -> String {
    format!("text number {number}")
}

/// The queue's file in the state folder.
fn file(folder: PathBuf) -> PathBuf {
    let below = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("index.db"));
    below.into_iter().find(|file| file.exists()).unwrap()
}

#[test]
fn three_workers_killed_at_any_moment_lose_nothing_and_embed_nothing_twice_beyond_open_leases() {
    let mut works = Works::new();
    let mut lost = HashSet::new();
    for kill in 0..kills() {
        works.store_more();
        thread::sleep(moment());
        works.kill_and_replace(kill % WORKERS);
        let open = works.leased();
        thread::sleep(SETTLED);
        lost.extend(works.leased().intersection(&open).copied());
    }
    works.wait_for_the_last_text();
    let times = works.embedded();
    assert_eq!(times.len(), works.stored, "every text was embedded, and nothing else");
    let mut twice = 0;
    for number in 0..works.stored {
        let leases = lost.iter().filter(|(leased, _)| *leased == number).count();
        let again = times[&text(number)] - 1;
        assert!(again <= leases, "text {number} was embedded again {again} times, {leases} leases were open");
        twice += again;
    }
    assert!(!lost.is_empty(), "no kill met a lease: the test proves nothing");
    println!("{} texts, {twice} embedded again, {} under leases of killed workers", works.stored, lost.len());
    works.assert_every_vector_is_its_own_texts();
}
