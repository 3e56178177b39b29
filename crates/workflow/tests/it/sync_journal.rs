//! The journal of a portal.

use jiff::{SignedDuration, Timestamp};
use workflow::sync::entry::{Action, Creation};
use workflow::sync::journal::{Backoff, Journal, RecordOutcome, RecordState, RunKind, comment_hash};
use workflow::sync::{Entry, JournalError};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub(crate) fn entry(key: &str, line: u64) -> Entry {
    Entry {
        key: key.to_owned(),
        line,
        cursor: Some(format!("{line:06}")),
        action: Action::Create(Creation {
            fields: Vec::new(),
            contact: workflow::sync::entry::ContactChoice::None,
            comment: None,
            lead: None,
            after: 0,
            lead_is_set: false,
        }),
        last_comment: None,
        imprint: None,
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

/// As the third version of the journal knew rows with one key: by their lines.
#[test]
fn rows_with_one_key_stay_known_when_the_journal_becomes_a_newer_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let raw = rusqlite::Connection::open(&path).unwrap();
    for migration in [
        include_str!("../../src/sync/journal/0001.sql"),
        include_str!("../../src/sync/journal/0002.sql"),
        include_str!("../../src/sync/journal/0003.sql"),
    ] {
        raw.execute_batch(migration).unwrap();
    }
    let row = |line: u64| {
        let body = serde_json::json!({"code": "sync.key-duplicate", "key": "F1_2", "line": line, "message": "", "hint": ""});
        format!(
            "INSERT INTO rejects (source, place, key, line, code, body, first_run, last_run, first_at, last_at, of_reading)
             VALUES ('clinic', 'F1_2 line {line}', 'F1_2', {line}, 'sync.key-duplicate', '{body}', 1, 1, 0, 0, 1);"
        )
    };
    raw.execute_batch(&format!(
        "PRAGMA application_id = {}; PRAGMA user_version = 3; INSERT INTO portal VALUES ('a');
         INSERT INTO runs (kind, source, started_at, state, header, read_from) VALUES ('run', 'clinic', 0, 'done', '{{}}', '7');
         {}{}",
        0x6232_346A,
        row(3),
        row(4)
    ))
    .unwrap();
    drop(raw);
    let journal = Journal::open(&path, "a", at(0)).unwrap();
    let known = |journal: &Journal| -> Vec<(i64, u64)> {
        journal.rejects(None).unwrap().iter().map(|stored| (stored.id, stored.reject.line)).collect()
    };
    assert_eq!(known(&journal), [(1, 3), (2, 4)]);
    let run = journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
    journal.spool(run, "clinic", &[entry("F1_2", 4), entry("F1_2", 9)], at(2)).unwrap();
    assert_eq!((known(&journal), journal.count_rejects(run).unwrap()), (vec![(1, 4), (2, 9)], (0, 2)));
    let extent = workflow::sync::journal::Extent::On;
    let run = journal.begin(RunKind::Run, "clinic", "{}", at(3)).unwrap();
    journal.reads_from(run, Some("8"), Some("8")).unwrap();
    journal.has_read(run, extent).unwrap();
    let reading = workflow::sync::journal::Reading { run, source: "clinic" };
    assert_eq!(journal.close_rejects(reading).unwrap(), 1, "the row of the line 4 stands before");
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
    assert_eq!(known.deal, Some(7));
}

#[test]
fn comment_hashes_of_the_earlier_system_count_trimmed_and_untrimmed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db"), "a", at(0)).unwrap();
    let text = "Приём завершён\n";
    let (untrimmed, trimmed) = (format!("{:X}", md5::compute(text)), comment_hash(text));
    let list = format!(r#"{{"5": "{untrimmed}", "6": "{trimmed}"}}"#);
    assert_eq!(journal.import_comment_hashes(&list, at(0)).unwrap(), 2);
    let posted = journal.posted(&[5, 6, 7]).unwrap();
    assert!(posted[&5].is(text) && posted[&6].is(text));
    assert!(!posted[&5].is("Приём отменён"));
    journal.commit(|pen| pen.posted(5, &comment_hash("Б"), Some(9), at(1))).unwrap();
    assert_eq!(
        journal.import_comment_hashes(&list, at(2)).unwrap(),
        0,
        "what the journal knows itself stays"
    );
    assert!(journal.posted(&[5]).unwrap()[&5].is("Б"));
    for malformed in ["[]", r#"{"x": "d41d8cd98f00b204e9800998ecf8427e"}"#, r#"{"5": "short"}"#] {
        let error = journal.import_comment_hashes(malformed, at(2)).unwrap_err();
        assert_eq!(error.code(), "journal.hashes-malformed");
    }
    assert_eq!(journal.forget_comments(Some(5)).unwrap(), 1);
    assert!(!journal.posted(&[5, 6]).unwrap().contains_key(&5));
}

#[test]
fn personal_data_go_after_their_time_and_outcomes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db"), "a", at(0)).unwrap();
    let run = journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
    journal.spool(run, "clinic", &[entry("F1_1", 2), entry("F1_2", 3), entry("F1_2", 4)], at(0)).unwrap();
    journal.expire(at(-1)).unwrap();
    assert_eq!(journal.planned(run, 0, 10).unwrap().len(), 2);
    journal.expire(at(1)).unwrap();
    assert!(journal.planned(run, 0, 10).unwrap().is_empty());
    assert_eq!(journal.rejects(None).unwrap().len(), 2, "codes and keys stay");
    assert_eq!(journal.runs(None, 10).unwrap().len(), 1);
    // A row that is met again is told in full again, for as long.
    let told = |journal: &Journal| journal.rejects(None).unwrap()[0].reject.message.clone();
    let erased = told(&journal);
    let run = journal.begin(RunKind::Run, "clinic", "{}", at(2)).unwrap();
    journal.spool(run, "clinic", &[entry("F1_2", 3), entry("F1_2", 4)], at(2)).unwrap();
    journal.expire(at(2)).unwrap();
    assert_ne!(told(&journal), erased);
    journal.expire(at(3)).unwrap();
    assert_eq!(told(&journal), erased);
}

#[test]
fn queued_records_are_read_from_where_they_stand_and_given_up_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db"), "a", at(0)).unwrap();
    let run = journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
    assert_eq!(journal.read_from("clinic", at(0)).unwrap(), None, "nothing was read yet");
    journal.set_cursor("clinic", Some("000100"), Some(run), at(0)).unwrap();
    let why = ("sync.not-sent", "the network");
    let backoff = Backoff { first: SignedDuration::from_secs(60), attempts: 3 };
    let early = entry("F1_7", 7);
    let queue = |second| {
        let run = journal.begin(RunKind::Run, "clinic", "{}", at(second)).unwrap();
        journal.commit(|pen| pen.retry(run, "clinic", &early, why, backoff, at(second)))
    };
    queue(0).unwrap();
    queue(59).unwrap();
    assert_eq!(journal.read_from("clinic", at(59)).unwrap().as_deref(), Some("000100"), "it is not due");
    assert_eq!(journal.read_from("clinic", at(60)).unwrap().as_deref(), Some("000007"));
    queue(60).unwrap();
    assert_eq!(journal.read_from("clinic", at(179)).unwrap().as_deref(), Some("000100"), "twice as long");
    queue(180).unwrap();
    assert!(journal.retries(None).unwrap().is_empty());
    let rejects = journal.rejects(None).unwrap();
    assert_eq!(rejects[0].reject.code, "sync.retries-exhausted");
    assert_eq!(journal.retry_rejects(&[rejects[0].id], at(200)).unwrap(), 1);
    assert_eq!(journal.read_from("clinic", at(200)).unwrap().as_deref(), Some("000007"));
}
