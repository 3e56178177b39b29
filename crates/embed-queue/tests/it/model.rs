//! Any sequence of edits, deletions, ingestions and workers agrees with a model of a few lines.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use embed_queue::{Counts, Mode, OnFailure, Scope};
use proptest::prelude::*;

use crate::provider::{Fake, Fault};
use crate::world::{World, at, document};

#[derive(Debug, Clone)]
enum Step {
    Put { source: u8, texts: Vec<u8>, sync: bool },
    Delete(u8),
    Work,
    Retry,
}

/// Which documents have which texts, and what became of each text.
#[derive(Debug, Default)]
struct Model {
    documents: BTreeMap<u8, Vec<u8>>,
    ready: BTreeSet<u8>,
    failed: BTreeSet<u8>,
}

/// Text 0 is poison.
fn text(number: u8) -> String {
    if number == 0 { "poison".to_owned() } else { format!("text {number}") }
}

impl Model {
    fn put(&mut self, source: u8, texts: &[u8], sync: bool) {
        self.documents.insert(source, texts.to_vec());
        if sync {
            self.ready.extend(texts.iter().filter(|&&number| number != 0));
        }
        self.forget();
    }

    fn work(&mut self) {
        for &number in self.documents.values().flatten() {
            let ends = if number == 0 { &mut self.failed } else { &mut self.ready };
            ends.insert(number);
        }
    }

    /// A text lives as long as a document has it.
    fn forget(&mut self) {
        let alive: BTreeSet<u8> = self.documents.values().flatten().copied().collect();
        self.ready.retain(|number| alive.contains(number));
        self.failed.retain(|number| alive.contains(number));
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for number in self.documents.values().flatten() {
            match (self.ready.contains(number), self.failed.contains(number)) {
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
    prop_oneof![4 => put, 1 => (0_u8..4).prop_map(Step::Delete), 2 => Just(Step::Work), 1 => Just(Step::Retry)]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![Just(Fault::Reorder), Just(Fault::Wait(Duration::from_secs(3))), Just(Fault::Unavailable),]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_agrees_with_its_model(
        steps in proptest::collection::vec(step(), 1..14),
        faults in proptest::collection::vec(fault(), 0..3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps, faults));
    }
}

async fn run(steps: Vec<Step>, faults: Vec<Fault>) {
    let calm = faults.is_empty();
    let world = World::new(Fake::new().refusing("poison").failing(faults));
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Put { source, texts, sync } => {
                // A synchronous call meets the planned faults; the model knows its outcome only without them.
                let sync = sync && calm;
                let words: Vec<String> = texts.iter().map(|&number| text(number)).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let mode = if sync { Mode::Sync } else { Mode::Async };
                let document = document(&source.to_string(), &words);
                world.queue.ingest(document, mode, OnFailure::Defer, at(0)).await.unwrap();
                model.put(source, &texts, sync);
            }
            Step::Delete(source) => {
                let existed = model.documents.remove(&source).is_some();
                model.forget();
                assert_eq!(world.store().delete("files", &source.to_string()).unwrap(), existed);
            }
            Step::Work => {
                world.work().await;
                model.work();
            }
            Step::Retry => {
                let retried = world.store().retry(&Scope::default(), at(0)).unwrap();
                assert_eq!(retried, model.failed.len() as u64);
                model.failed.clear();
            }
        }
        assert_eq!(world.chunks(), model.counts());
        world.check();
    }
}
