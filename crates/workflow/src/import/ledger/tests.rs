//! What is read back after a run that ended, was killed, or was cut off in the middle of a line.

use std::io::Write as _;

use super::*;

const PORTAL: &str = "portal.example";
const METHOD: &str = "crm.deal.add";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// Between its fork and its exec a program that another test starts holds a copy of every open file, locks included.
fn open(path: &Path, second: i64) -> Ledger {
    for _ in 0..1_000 {
        match Ledger::open(path, PORTAL, METHOD, at(second)) {
            Err(ImportError::InUse { .. }) => std::thread::sleep(std::time::Duration::from_millis(5)),
            opened => return opened.unwrap(),
        }
    }
    panic!("the lock of a dropped ledger was never released");
}

fn intent(line: u64) -> IntentRow {
    IntentRow { line, key: Some(format!("K-{line}")), id: None, before: None, row: written(line * 7) }
}

fn verdict(line: u64, outcome: RowOutcome) -> Verdict<'static> {
    Verdict {
        line,
        fingerprint: line * 7,
        key: None,
        outcome,
        id: Some(line),
        code: None,
        reason: None,
        before: None,
        text: None,
    }
}

#[test]
fn a_row_with_an_intent_alone_counts_from_the_opening_after_its_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.jsonl");
    let mut first = open(&path, 0);
    first.intend(vec![intent(2), intent(3)], at(1)).unwrap();
    first.settle(&verdict(2, RowOutcome::Ok)).unwrap();
    drop(first);

    // The first run may have waited with its request until just before it was killed.
    let second = open(&path, 500);
    assert_eq!(second.settled.keys().collect::<Vec<_>>(), [&2]);
    assert_eq!(second.pending[&3].since, at(500));
    assert!(!second.pending[&3].told);
    drop(second);

    // It cannot have sent anything after the second run began.
    assert_eq!(open(&path, 900).pending[&3].since, at(500));
}

#[test]
fn a_torn_line_never_was_and_nothing_is_glued_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.jsonl");
    let mut ledger = open(&path, 0);
    ledger.settle(&verdict(2, RowOutcome::Ok)).unwrap();
    ledger.intend(vec![intent(3)], at(1)).unwrap();
    drop(ledger);
    let whole = std::fs::read(&path).unwrap();
    let first_two = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 1;
    for length in first_two..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let mut ledger = open(&path, 5);
        assert!(ledger.pending.is_empty(), "cut at {length}");
        ledger.settle(&verdict(4, RowOutcome::Rejected)).unwrap();
        drop(ledger);
        assert_eq!(open(&path, 9).settled.len(), 2, "cut at {length}");
    }
}

#[test]
fn a_lost_row_keeps_the_moment_of_its_loss_and_a_later_outcome_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.jsonl");
    let mut ledger = open(&path, 0);
    ledger.intend(vec![intent(2), intent(3)], at(1)).unwrap();
    ledger.lose(2, intent(2), "reset".to_owned(), at(4)).unwrap();
    ledger.lose(3, intent(3), "reset".to_owned(), at(4)).unwrap();
    ledger.settle(&verdict(3, RowOutcome::NotSent)).unwrap();
    drop(ledger);
    let ledger = open(&path, 50);
    assert_eq!(ledger.pending[&2].since, at(4));
    assert_eq!(ledger.settled[&3].outcome, RowOutcome::NotSent);
}

#[test]
fn a_file_of_something_else_and_a_file_in_use_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.jsonl");
    let ledger = open(&path, 0);
    let second = Ledger::open(&path, PORTAL, METHOD, at(1)).err().unwrap();
    assert_eq!(second.code(), "import.outcomes-in-use");
    drop(ledger);
    let other = Ledger::open(&path, "other.example", METHOD, at(1)).err().unwrap();
    assert_eq!(other.code(), "import.outcomes-foreign");
    let other = Ledger::read(&path, PORTAL, "crm.lead.add").err().unwrap();
    assert_eq!(other.code(), "import.outcomes-foreign");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"TITLE;PRICE\n").unwrap();
    assert_eq!(Ledger::read(&path, PORTAL, METHOD).err().unwrap().code(), "import.outcomes-invalid");
}
