//! `kill -9`: whatever moment a run dies at, the next ones end with every record once.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use workflow::sync::Journal;
use workflow::sync::journal::{RecordOutcome, RunState, Written};

use crate::clinic::{Clinic, visits};
use crate::stage::{run, wait_until};

const RECORDS: usize = 2_000;
/// Kills of one portal before the runs to the end.
const KILLS: u32 = 5;
/// Portals at once: most of a run here is waiting.
const LANES: u32 = 5;

/// 25 kills; 200 of them with `cargo xtask test --long`.
fn portals() -> u32 {
    if std::env::var_os("B24_TEST_LONG").is_some() { 40 } else { 5 }
}

/// A moment of a run, told by the commands that the portal has executed of it: the first few hundred ask, the rest writes.
#[derive(Debug)]
pub(crate) struct Moment {
    commands: u64,
    later: Duration,
}

impl Moment {
    /// One before so many commands.
    pub(crate) fn within(commands: u64) -> Self {
        let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
        Self { commands: random() % commands, later: Duration::from_millis(random() % 60) }
    }
}

/// Starts a run and kills it at that moment.
pub(crate) fn killed(clinic: &Clinic, moment: &Moment) {
    let args = ["--state-dir", "state", "sync", "run", "m.toml", "--quiet"];
    let mut command = clinic.stage.home.spawn(&args);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let executed = || clinic.stage.sandbox.journal().commands;
    let before = executed();
    let mut child = command.env("B24_WEBHOOK", clinic.stage.sandbox.webhook()).spawn().unwrap();
    // It may end before, which is a moment like any other.
    wait_until("the moment has come", || {
        executed() - before >= moment.commands || child.try_wait().unwrap().is_some()
    });
    std::thread::sleep(moment.later);
    child.kill().ok();
    child.wait().unwrap();
}

/// The journal, read beside whoever writes it.
fn journal(clinic: &Clinic) -> Option<Journal> {
    let portal = clinic.stage.portal();
    let folder = clinic.stage.home.path().join("state").join(portal.replace(':', "%3A"));
    Journal::look(&folder.join("journal.db"), &portal).unwrap()
}

/// What the journal says is what the portal has: each record its deal, contact and comment, and nothing is open.
fn assert_journal_is_true(clinic: &Clinic) {
    let journal = journal(clinic).unwrap();
    assert_eq!(journal.open_intents().unwrap(), [], "writes without an outcome");
    assert_eq!(journal.retries(None).unwrap(), [], "records that wait");
    assert_eq!(journal.rejects(None).unwrap().len(), 0, "rows put aside");
    let states: Vec<RunState> = journal.runs(None, 100).unwrap().iter().map(|run| run.state).collect();
    assert!(!states.contains(&RunState::Open), "{states:?}");

    let deals = clinic.deals();
    let keys: Vec<&str> = deals.keys().map(String::as_str).collect();
    let records = journal.records(&keys).unwrap();
    assert_eq!(
        journal.count_records(None).unwrap().iter().map(|(_, count)| count).sum::<u64>(),
        RECORDS as u64
    );
    let comments = clinic.comments();
    let hashes = journal.posted(&deals.values().map(|deal| number(&deal[0]["id"])).collect::<Vec<_>>());
    let hashes = hashes.unwrap();
    let mut contacts_made: BTreeMap<u64, u32> = BTreeMap::new();
    for (key, deal) in &deals {
        let (deal, contact) = (number(&deal[0]["id"]), number(&deal[0]["contactId"]));
        let record = &records[key];
        assert_eq!((record.deal, record.contact), (Some(deal), Some(contact)), "{record:?}");
        // A request that the portal stopped between a deal and its comment leaves the comment to the next run.
        let good = matches!(
            record.outcome,
            RecordOutcome::Created | RecordOutcome::Unchanged | RecordOutcome::Updated
        );
        assert!(good, "{record:?}");
        assert!(hashes[&deal].is(&comments[&deal.to_string()][0]), "{key}: the comment of deal {deal}");
        let changes = journal.changes_of(key).unwrap();
        let made: Vec<(Written, u64)> = changes.iter().map(|change| (change.entity, change.id)).collect();
        let deals_made = made.iter().filter(|one| **one == (Written::Deal, deal)).count();
        assert_eq!(deals_made, 1, "{key}: what the journal says was written is {made:?}");
        for (_, contact) in made.iter().filter(|(entity, _)| *entity == Written::Contact) {
            *contacts_made.entry(*contact).or_default() += 1;
        }
    }
    assert!(contacts_made.values().all(|times| *times == 1), "a contact was made once: {contacts_made:?}");
    assert_eq!(contacts_made.len(), RECORDS / 2, "every contact's creation is told");
}

fn number(id: &serde_json::Value) -> u64 {
    id.as_u64().unwrap()
}

/// What a kill left: writes without an outcome, and records that had one.
#[derive(Debug)]
struct Struck {
    open_writes: usize,
    records: u64,
}

/// Looks at the journal as a witness would: without a lock, changing nothing.
fn struck(clinic: &Clinic) -> Struck {
    let Some(journal) = journal(clinic) else { return Struck { open_writes: 0, records: 0 } };
    let records = journal.count_records(None).unwrap().iter().map(|(_, count)| count).sum();
    Struck { open_writes: journal.open_intents().unwrap().len(), records }
}

#[test]
fn after_kills_at_any_moment_every_record_is_there_once() {
    let lane = |_| {
        for _ in 0..portals() / LANES {
            killed_again_and_again();
        }
    };
    std::thread::scope(|threads| {
        let lanes: Vec<_> = (0..LANES).map(|number| threads.spawn(move || lane(number))).collect();
        for lane in lanes {
            lane.join().unwrap();
        }
    });
}

fn killed_again_and_again() {
    let clinic = Clinic::with(|sandbox| {
        sandbox.deals(0).latency(Duration::from_millis(20)).command_latency(Duration::from_millis(2))
    });
    clinic.record(&visits(RECORDS));
    let kill = |_| {
        let moment = Moment::within(1_800);
        killed(&clinic, &moment);
        (moment, struck(&clinic))
    };
    let kills: Vec<(Moment, Struck)> = (0..KILLS).map(kill).collect();
    // Shown with --nocapture, or when the test fails.
    println!("{kills:?}");
    assert!(kills.iter().any(|(_, left)| left.open_writes > 0 && left.records > 0), "no kill struck a write");
    clinic.run_to_the_end();
    clinic.assert_complete(RECORDS);
    assert_journal_is_true(&clinic);
    let status = run(&mut clinic.sync(&["status", "--json"])).json()["data"].clone();
    assert_eq!(status["unsettled_writes"], 0, "{status}");
    let source = &status["sources"][0];
    assert_eq!((&source["waiting"], &source["rejects"]), (&0.into(), &0.into()), "{status}");
}
