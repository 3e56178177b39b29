//! Any sequence of edits, deletions, ingestions, workers and changes of the model agrees with a model of a few lines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use embed_queue::{Counts, Embedder as _, Mode, OnFailure, Policy, Queue, Scope, Stop, Store, Until};
use proptest::prelude::*;

use crate::provider::{Fake, Fault};
use crate::world::{World, at, document, quick, wait_until, worker};

#[derive(Debug, Clone)]
enum Step {
    Put {
        source: u8,
        texts: Vec<u8>,
        sync: bool,
    },
    Delete(u8),
    Work,
    /// Two workers at the same time, each with the file opened for itself.
    WorkTogether,
    /// A worker dies while it holds what is due.
    Die,
    Retry,
    Begin,
    WorkNext,
    GiveUp,
}

/// Text 0 is poison for both models, text 1 for the second one.
const POISON: [&[u8]; 2] = [&[0], &[0, 1]];
/// A text that is always there, so that a provider that gives no vector at all is told from a refused text.
const ANCHOR: u8 = 9;

fn text(number: u8) -> String {
    format!("text {number}")
}

/// What became of each text with one model.
#[derive(Debug, Default)]
struct Space {
    ready: BTreeSet<u8>,
    failed: BTreeSet<u8>,
}

/// Which documents have which texts, which model answers, and what each model knows.
#[derive(Debug, Default)]
struct Model {
    documents: BTreeMap<u8, Vec<u8>>,
    answers: usize,
    active: Space,
    next: Option<Space>,
}

impl Model {
    fn put(&mut self, source: u8, texts: &[u8], sync: bool) {
        self.documents.insert(source, texts.to_vec());
        if sync {
            self.active.ready.extend(texts.iter().filter(|number| !POISON[self.answers].contains(number)));
            let ready = &self.active.ready;
            self.active.failed.retain(|number| !ready.contains(number));
        }
        self.forget();
    }

    fn alive(&self) -> BTreeSet<u8> {
        self.documents.values().flatten().copied().collect()
    }

    fn work(&mut self, next: bool) {
        let (alive, poison) = (self.alive(), POISON[self.answers ^ usize::from(next)]);
        let space = if next { self.next.as_mut() } else { Some(&mut self.active) };
        if let Some(space) = space {
            for number in alive {
                let ends = if poison.contains(&number) { &mut space.failed } else { &mut space.ready };
                ends.insert(number);
            }
        }
        self.finish();
    }

    /// The next model takes over when it has everything that the old one has.
    fn finish(&mut self) {
        let alive = self.alive();
        let Some(next) = &self.next else { return };
        let drained = alive.iter().all(|number| next.ready.contains(number) || next.failed.contains(number));
        if drained && self.active.ready.is_subset(&next.ready) {
            self.active = self.next.take().unwrap();
            self.answers ^= 1;
        }
    }

    /// A text lives as long as a document has it.
    fn forget(&mut self) {
        let alive = self.alive();
        for space in std::iter::once(&mut self.active).chain(&mut self.next) {
            space.ready.retain(|number| alive.contains(number));
            space.failed.retain(|number| alive.contains(number));
        }
    }

    fn retry(&mut self) -> usize {
        let spaces = std::iter::once(&mut self.active).chain(&mut self.next);
        spaces.map(|space| std::mem::take(&mut space.failed).len()).sum()
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for number in self.documents.values().flatten() {
            match (self.active.ready.contains(number), self.active.failed.contains(number)) {
                (true, _) => counts.ready += 1,
                (_, true) => counts.failed += 1,
                _ => counts.pending += 1,
            }
        }
        counts
    }
}

fn step() -> impl Strategy<Value = Step> {
    let put = (0_u8..4, proptest::collection::vec(0_u8..6, 1..5), any::<bool>())
        .prop_map(|(source, texts, sync)| Step::Put { source, texts, sync });
    prop_oneof![
        5 => put,
        1 => (0_u8..4).prop_map(Step::Delete),
        2 => Just(Step::Work),
        1 => Just(Step::WorkTogether),
        1 => Just(Step::Die),
        1 => Just(Step::Retry),
        2 => Just(Step::Begin),
        3 => Just(Step::WorkNext),
        1 => Just(Step::GiveUp),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Reorder),
        Just(Fault::Wait(Duration::from_secs(3))),
        Just(Fault::Unavailable),
        Just(Fault::Nothing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_agrees_with_its_model(
        steps in proptest::collection::vec(step(), 1..16),
        faults in proptest::collection::vec(fault(), 0..3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps, faults));
    }
}

struct Stage {
    world: World,
    providers: [Arc<Fake>; 2],
    calm: bool,
    model: Model,
}

async fn run(steps: Vec<Step>, faults: Vec<Fault>) {
    let world = World::new(Fake::new().refusing("text 0"));
    let second = Fake::new().model("second").refusing("text 0").refusing("text 1");
    let providers = [world.provider.clone(), Arc::new(second)];
    let mut stage = Stage { world, providers, calm: faults.is_empty(), model: Model::default() };
    stage.act(Step::Put { source: 9, texts: vec![ANCHOR], sync: true }).await;
    stage.world.provider.then(faults);
    for step in steps {
        stage.act(step).await;
        assert_eq!(stage.world.chunks(), stage.model.counts());
        let answering = stage.world.store().answering_space().unwrap();
        assert_eq!(answering, Some(stage.provider(false).space()));
        assert_eq!(stage.world.store().coming_space().unwrap().is_some(), stage.model.next.is_some());
        stage.world.check();
    }
}

impl Stage {
    fn provider(&self, next: bool) -> Arc<Fake> {
        self.providers[self.model.answers ^ usize::from(next)].clone()
    }

    async fn act(&mut self, step: Step) {
        let store = self.world.store().clone();
        match step {
            Step::Put { source, texts, sync } => {
                // A synchronous call meets the planned faults; the model knows its outcome only without them.
                let sync = sync && self.calm;
                let words: Vec<String> = texts.iter().map(|&number| text(number)).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let mode = if sync { Mode::Sync } else { Mode::Async };
                let queue = Queue::new(store, self.provider(false), at(0)).unwrap().patience(Duration::ZERO);
                let document = document(&source.to_string(), &words);
                queue.ingest(document, mode, OnFailure::Defer, at(0)).await.unwrap();
                self.model.put(source, &texts, sync);
            }
            Step::Delete(source) => {
                let existed = self.model.documents.remove(&source).is_some();
                self.model.forget();
                assert_eq!(store.delete("files", &source.to_string()).unwrap(), existed);
            }
            Step::Work => {
                self.work(false).await;
            }
            Step::WorkTogether => self.work_together().await,
            Step::Die => self.die().await,
            Step::Retry => {
                let retried = store.retry(&Scope::default(), at(0)).unwrap();
                assert_eq!(retried, self.model.retry() as u64);
            }
            Step::Begin => {
                store.begin_change(&self.provider(true).space(), at(0)).unwrap();
                self.model.next.get_or_insert_default();
            }
            Step::WorkNext if self.model.next.is_some() => self.work(true).await,
            Step::WorkNext => {}
            Step::GiveUp => {
                assert_eq!(store.give_up_change().unwrap(), self.model.next.take().is_some());
            }
        }
    }

    async fn work(&mut self, next: bool) {
        worker(self.world.store().clone(), self.provider(next), quick())
            .run(Until::Drained, &Stop::new(), &mut |_| {})
            .await
            .unwrap();
        self.model.work(next);
    }

    async fn work_together(&mut self) {
        let other = Store::open(&self.world.path()).unwrap();
        let workers = [self.world.store().clone(), other].map(|store| {
            let worker = worker(store, self.provider(false), quick());
            async move { worker.run(Until::Drained, &Stop::new(), &mut |_| {}).await.unwrap() }
        });
        for report in futures::future::join_all(workers).await {
            assert_eq!(report.settled.stale, 0);
        }
        self.model.work(false);
    }

    /// With nothing to hold a worker ends as every other one does.
    async fn die(&mut self) {
        let waits = self.model.counts().pending > 0;
        let policy =
            Policy { lease: Duration::ZERO, call_timeout: Duration::from_secs(2), concurrency: 1, ..quick() };
        let hanging = Arc::new(Fake::new().model(&self.provider(false).model).failing([Fault::Hang]));
        let dying = worker(self.world.store().clone(), hanging.clone(), policy);
        let (stop, mut ignore) = (Stop::new(), |_| {});
        tokio::select! {
            ended = dying.run(Until::Drained, &stop, &mut ignore) => {
                assert!(!waits);
                ended.unwrap();
                self.model.finish();
            }
            () = wait_until("the provider is asked", || !hanging.calls().is_empty()) => {}
        }
    }
}
