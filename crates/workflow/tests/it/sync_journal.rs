//! The journal of a portal.

use jiff::Timestamp;
use workflow::sync::entry::{Action, Creation};
use workflow::sync::journal::{Journal, RecordOutcome, RecordState, RunKind};
use workflow::sync::{Entry, JournalError};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub(crate) fn entry(key: &str, line: u64) -> Entry {
    Entry {
        key: key.to_owned(),
        line,
        cursor: Some(format!("{line:06}")),
        fingerprint: format!("of {key}"),
        action: Action::Create(Creation {
            fields: Vec::new(),
            contact: workflow::sync::entry::ContactChoice::None,
            comment: None,
            lead: None,
        }),
        warnings: Vec::new(),
    }
}

#[test]
fn one_run_at_a_time_and_readers_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    assert!(Journal::look(&path, "a.bitrix24.ru").unwrap().is_none(), "there is none yet");
    let journal = Journal::open(&path, "a.bitrix24.ru", at(0)).unwrap();
    assert!(matches!(Journal::open(&path, "a.bitrix24.ru", at(0)), Err(JournalError::InUse { .. })));
    journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
    let reader = Journal::look(&path, "a.bitrix24.ru").unwrap().unwrap();
    assert_eq!(reader.runs(None, 10).unwrap().len(), 1);
    assert!(reader.begin(RunKind::Run, "clinic", "{}", at(0)).is_err(), "a reader writes nothing");
    drop(journal);
    let other = Journal::open(&path, "b.bitrix24.ru", at(0)).unwrap_err();
    assert_eq!(other.code(), "journal.other-portal");
    drop(Journal::open(&path, "a.bitrix24.ru", at(0)).unwrap());
}

#[test]
fn a_journal_of_a_newer_version_and_a_foreign_file_are_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    drop(Journal::open(&path, "a", at(0)).unwrap());
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    let before = std::fs::read(&path).unwrap();
    assert_eq!(Journal::open(&path, "a", at(0)).unwrap_err().code(), "journal.newer-version");
    assert_eq!(Journal::look(&path, "a").unwrap_err().code(), "journal.newer-version");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, and long enough to be looked at as if it were one").unwrap();
    assert_eq!(Journal::open(&text, "a", at(0)).unwrap_err().code(), "journal.foreign-file");
}

#[cfg(unix)]
#[test]
fn the_journal_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = Journal::open(&path, "a", at(0)).unwrap();
    journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
    }
}

#[test]
fn a_key_in_two_rows_is_rejected_for_both() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db"), "a", at(0)).unwrap();
    let run = journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
    let first = [entry("F1_1", 2), entry("F1_2", 3)];
    assert!(journal.spool(run, "clinic", &first, at(0)).unwrap().is_empty());
    let repeated = journal.spool(run, "clinic", &[entry("F1_3", 4), entry("F1_1", 5)], at(0)).unwrap();
    assert_eq!(repeated.len(), 1);
    assert_eq!(repeated[0].withdrawn.as_ref().unwrap().line, 2);
    let pending = journal.pending(run, 0, 10).unwrap();
    let keys: Vec<&str> = pending.iter().map(|spooled| spooled.entry.key.as_str()).collect();
    assert_eq!(keys, ["F1_2", "F1_3"]);
    let rejects = journal.rejects(Some("clinic")).unwrap();
    let lines: Vec<u64> = rejects.iter().map(|stored| stored.reject.line).collect();
    assert_eq!(lines, [2, 5]);
    assert!(rejects.iter().all(|stored| stored.reject.code == "sync.key-duplicate"));
}

#[test]
fn a_record_that_succeeds_is_no_reject_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db"), "a", at(0)).unwrap();
    let run = journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
    journal.spool(run, "clinic", &[entry("F1_1", 2), entry("F1_1", 3)], at(0)).unwrap();
    let state = RecordState {
        key: "F1_1".to_owned(),
        source: "clinic".to_owned(),
        fingerprint: "x".to_owned(),
        deal: Some(7),
        contact: None,
        outcome: RecordOutcome::Created,
        code: None,
        line: 2,
        run,
        at: at(1),
    };
    journal.commit(|pen| pen.record(&state)).unwrap();
    assert!(journal.rejects(None).unwrap().is_empty());
    assert_eq!(journal.records(&["F1_1", "F1_9"]).unwrap()["F1_1"], state);
    // A later refusal keeps what is known of the portal.
    let refused = RecordState { deal: None, outcome: RecordOutcome::Rejected, ..state.clone() };
    journal.commit(|pen| pen.record(&refused)).unwrap();
    let known = &journal.records(&["F1_1"]).unwrap()["F1_1"];
    assert_eq!((known.deal, known.fingerprint.as_str()), (Some(7), "x"));
}
