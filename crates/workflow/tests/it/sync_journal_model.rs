//! The journal against a model of it that is a few maps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;
use workflow::sync::Reject;
use workflow::sync::journal::{
    Backoff, Command, Journal, NewIntent, NewReject, RecordOutcome, RecordState, RunId, RunKind,
};

use crate::sync_journal::{at, entry};

const BACKOFF: Backoff = Backoff { first: SignedDuration::from_secs(60), attempts: 3 };

#[derive(Debug, Clone)]
enum Act {
    Spool(u8),
    Intend(u8),
    Lose(u8),
    Close(u8),
    Record(u8, RecordOutcome),
    Reject(u8),
    Retry(u8),
    Reopen,
    NewRun,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let outcome = prop_oneof![
        Just(RecordOutcome::Created),
        Just(RecordOutcome::Unchanged),
        Just(RecordOutcome::Rejected),
        Just(RecordOutcome::Unknown),
    ];
    let key = 0..6_u8;
    let act = prop_oneof![
        4 => key.clone().prop_map(Act::Spool),
        3 => key.clone().prop_map(Act::Intend),
        1 => key.clone().prop_map(Act::Lose),
        2 => key.clone().prop_map(Act::Close),
        3 => (key.clone(), outcome).prop_map(|(key, outcome)| Act::Record(key, outcome)),
        2 => key.clone().prop_map(Act::Reject),
        3 => key.prop_map(Act::Retry),
        1 => Just(Act::Reopen),
        1 => Just(Act::NewRun),
    ];
    prop::collection::vec(act, 1..60)
}

#[derive(Debug, Default)]
struct Model {
    /// Keys of the present run's plan; whether they wait for an outcome.
    planned: BTreeMap<String, bool>,
    intents: BTreeMap<String, bool>,
    records: BTreeMap<String, RecordOutcome>,
    rejects: BTreeSet<(String, &'static str)>,
    retries: BTreeMap<String, u32>,
    /// Keys that this run has queued.
    tried: BTreeSet<String>,
}

fn key(number: u8) -> String {
    format!("F1_{number}")
}

fn state(key: &str, run: RunId, outcome: RecordOutcome) -> RecordState {
    RecordState {
        key: key.to_owned(),
        source: "clinic".to_owned(),
        deal: None,
        contact: None,
        outcome,
        code: None,
        line: 1,
        run,
        at: at(1),
    }
}

fn refused(key: &str) -> NewReject {
    let reject = Reject {
        code: "sync.deal-refused".to_owned(),
        key: Some(key.to_owned()),
        line: 1,
        field: None,
        value: None,
        message: String::new(),
        hint: String::new(),
    };
    NewReject { reject, cursor: None, row: None }
}

impl Model {
    fn spool(&mut self, key: &str, line: u64) {
        match self.planned.get_mut(key) {
            None => drop(self.planned.insert(key.to_owned(), true)),
            Some(waits) => {
                if std::mem::take(waits) {
                    self.rejects.insert((format!("{key} line 1"), "sync.key-duplicate"));
                }
                self.rejects.insert((format!("{key} line {line}"), "sync.key-duplicate"));
                self.retries.remove(key);
                self.record(key, RecordOutcome::Rejected);
            }
        }
    }

    fn record(&mut self, key: &str, outcome: RecordOutcome) {
        let good = outcome.is_good();
        self.records.insert(key.to_owned(), outcome);
        if let Some(waits) = self.planned.get_mut(key) {
            *waits = false;
        }
        if good {
            self.rejects.retain(|(place, _)| place != key && !place.starts_with(&format!("{key} ")));
            self.retries.remove(key);
        }
    }

    fn retry(&mut self, key: &str) {
        if !self.tried.insert(key.to_owned()) && self.retries.contains_key(key) {
            return;
        }
        let attempts = self.retries.remove(key).unwrap_or_default() + 1;
        if attempts >= BACKOFF.attempts {
            self.rejects.insert((key.to_owned(), "sync.retries-exhausted"));
        } else {
            self.retries.insert(key.to_owned(), attempts);
        }
    }
}

fn compare(journal: &Journal, model: &Model, run: RunId) {
    let pending = journal.pending(run, 0, 100).unwrap();
    let pending: BTreeSet<String> = pending.into_iter().map(|spooled| spooled.entry.key).collect();
    let waiting = model.planned.iter().filter(|(_, waits)| **waits).map(|(key, _)| key.clone());
    assert_eq!(pending, waiting.collect());
    let intents = journal.open_intents().unwrap();
    let intents: BTreeMap<String, bool> =
        intents.into_iter().map(|intent| (intent.key, intent.since.is_some())).collect();
    assert_eq!(intents, model.intents);
    let retries = journal.retries(None).unwrap();
    let retries: BTreeMap<String, u32> =
        retries.into_iter().map(|retry| (retry.key.unwrap(), retry.attempts)).collect();
    assert_eq!(retries, model.retries);
    let rejects = journal.rejects(None).unwrap();
    let rejects: BTreeSet<(String, String)> = rejects
        .into_iter()
        .map(|stored| {
            let key = stored.reject.key.unwrap();
            let twice = stored.reject.code == "sync.key-duplicate";
            let place = if twice { format!("{key} line {}", stored.reject.line) } else { key };
            (place, stored.reject.code)
        })
        .collect();
    let expected = model.rejects.iter().map(|(place, code)| (place.clone(), (*code).to_owned()));
    assert_eq!(rejects, expected.collect());
    for (key, outcome) in &model.records {
        assert_eq!(journal.records(&[key]).unwrap()[key].outcome, *outcome);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_journal_does_what_its_model_does(acts in acts()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let mut journal = Journal::open(&path, "a", at(0)).unwrap();
        let mut run = journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
        let mut model = Model::default();
        let (mut line, mut began) = (1, 0);
        for act in acts {
            match act {
                Act::Spool(number) => {
                    let known = model.planned.contains_key(&key(number));
                    line += 1;
                    let place = if known { line } else { 1 };
                    journal.spool(run, "clinic", &[entry(&key(number), place)], at(1)).unwrap();
                    model.spool(&key(number), place);
                }
                Act::Intend(number) => {
                    let key = key(number);
                    let command = Command::DealAdd;
                    let intent = NewIntent { key: key.clone(), command, target: None, mark: None };
                    let written = journal.intend(run, "clinic", &[intent], at(1)).is_ok();
                    assert_eq!(written, !model.intents.contains_key(&key), "what is open is not sent again");
                    model.intents.entry(key).or_default();
                }
                Act::Lose(number) => {
                    journal.commit(|pen| pen.lose(&key(number), Command::DealAdd, at(2))).unwrap();
                    model.intents.entry(key(number)).and_modify(|lost| *lost = true);
                }
                Act::Close(number) => {
                    journal.commit(|pen| pen.close(&key(number), Command::DealAdd)).unwrap();
                    model.intents.remove(&key(number));
                }
                Act::Record(number, outcome) => {
                    journal.commit(|pen| pen.record(&state(&key(number), run, outcome))).unwrap();
                    model.record(&key(number), outcome);
                }
                Act::Reject(number) => {
                    journal.commit(|pen| pen.reject(run, "clinic", &refused(&key(number)), at(1))).unwrap();
                    model.rejects.insert((key(number), "sync.deal-refused"));
                    model.retries.remove(&key(number));
                }
                Act::Retry(number) => {
                    let entry = entry(&key(number), 1);
                    let why = ("sync.not-sent", "the network");
                    let now = at(began + 1);
                    journal.commit(|pen| pen.retry(run, "clinic", &entry, why, BACKOFF, now)).unwrap();
                    model.retry(&key(number));
                }
                Act::Reopen => {
                    drop(journal);
                    journal = Journal::open(&path, "a", at(3)).unwrap();
                    model.intents.values_mut().for_each(|lost| *lost = true);
                }
                Act::NewRun => {
                    // Rejects of one run only, so that the model need not know which run put a row aside.
                    let all: Vec<i64> = journal.rejects(None).unwrap().iter().map(|stored| stored.id).collect();
                    journal.drop_rejects(&all).unwrap();
                    model.rejects.clear();
                    // Later than anything waits.
                    began += 1_000;
                    run = journal.begin(RunKind::Run, "clinic", "{}", at(began)).unwrap();
                    model.planned.clear();
                    model.tried.clear();
                }
            }
            compare(&journal, &model, run);
        }
    }
}
