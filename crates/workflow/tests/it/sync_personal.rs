//! Personal data in the journal: how long it is kept, and how it is erased.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use workflow::person::Person;
use workflow::sync::entry::{Action, Change, ContactChoice, Update};
use workflow::sync::journal::{
    Backoff, Journal, NewReject, RecordOutcome, RecordState, RunId, RunKind, RunState, Written,
};
use workflow::sync::wanted::PersonName;
use workflow::sync::{Entry, FieldValue, Reject, ValueKind};

use crate::sync_journal::{at, entry};

const PHONE: &str = "+7 (999) 123-45-67";
const DIGITS: &str = "9991234567";

/// Whether the digits stand there, with anything between them that people write into telephone numbers.
fn names(bytes: &[u8]) -> bool {
    let kept: Vec<u8> = bytes.iter().copied().filter(|byte| !b" -()+.".contains(byte)).collect();
    kept.windows(DIGITS.len()).any(|part| part == DIGITS.as_bytes())
}

/// Every text in every table that holds the number: table and column.
fn places(path: &Path) -> Vec<String> {
    let raw = Connection::open(path).unwrap();
    let mut statement = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let mut places = Vec::new();
    for table in tables {
        let mut statement = raw.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (number, column) in columns.iter().enumerate() {
                if let ValueRef::Text(text) = row.get_ref(number).unwrap()
                    && names(text)
                {
                    places.push(format!("{table}.{column}"));
                }
            }
        }
    }
    places.sort();
    places.dedup();
    places
}

fn rejected(key: Option<&str>, line: u64, value: &str, message: &str) -> NewReject {
    let reject = Reject {
        code: "sync.row-malformed".to_owned(),
        key: key.map(str::to_owned),
        line,
        field: None,
        value: Some(value.to_owned()),
        message: message.to_owned(),
        hint: "correct it".to_owned(),
    };
    NewReject { reject, cursor: None, row: Some(format!(r#"{{"phone":"{value}"}}"#)) }
}

fn newcomer(key: &str, phone: &str) -> Entry {
    let contact = ContactChoice::Create {
        identity: format!("identity of {key}"),
        phones: vec![phone.to_owned()],
        name: PersonName::default(),
        fields: Vec::new(),
    };
    let action =
        Action::Update(Update { deal: Some(5), adopted: false, changes: Vec::new(), contact, comment: None });
    Entry { action, ..entry(key, 2) }
}

/// A journal that names a person wherever one can be named, and somebody else.
fn filled(path: &Path) -> (Journal, RunId) {
    let journal = Journal::open(path, "a", at(0)).unwrap();
    let run = journal.begin(RunKind::Run, "clinic", "{}", at(0)).unwrap();
    let entries = [newcomer("F1_1", "+79991234567"), newcomer("F1_2", "+79997654321")];
    journal.spool(run, "clinic", &entries, at(0)).unwrap();
    let state = |key: &str, contact| RecordState {
        key: key.to_owned(),
        source: "clinic".to_owned(),
        deal: Some(5),
        contact: Some(contact),
        outcome: RecordOutcome::Created,
        code: None,
        line: 2,
        run,
        at: at(0),
    };
    let text = |text: &str| FieldValue::one(ValueKind::Text, text);
    let change = |after: &str| Change {
        name: "phone".to_owned(),
        original: "PHONE".to_owned(),
        title: "Телефон".to_owned(),
        before: FieldValue::empty(ValueKind::Text),
        after: text(after),
    };
    let queued = Entry { key: "F1_3".to_owned(), ..entry("F1_3", 3) };
    let why = ("sync.not-sent", "the portal said: 8-999-123-45-67 is busy");
    journal
        .commit(|pen| {
            pen.record(&state("F1_1", 7))?;
            pen.record(&state("F1_2", 8))?;
            pen.identify("identity of F1_1", 7, "F1_1", at(0))?;
            pen.identify("identity of F1_2", 8, "F1_2", at(0))?;
            pen.changed(run, "F1_1", (Written::Contact, 7), Some(&change("8 999 123 45 67")), at(0))?;
            pen.changed(run, "F1_2", (Written::Contact, 8), Some(&change("+79997654321")), at(0))?;
            pen.put_aside(run, "clinic", &rejected(None, 4, "1;8(999)1234567;Ива", "bad"), at(0))?;
            pen.put_aside(run, "clinic", &rejected(Some("F1_4"), 5, "x", "no +7.999.123.45.67"), at(0))?;
            pen.put_aside(run, "clinic", &rejected(None, 6, "2;89997654321", "bad"), at(0))?;
            pen.retry(run, "clinic", &queued, why, Backoff::default(), at(0))
        })
        .unwrap();
    journal.keep_facts("portal", "Ответственный +79991234567", at(0)).unwrap();
    journal.set_state(run, RunState::Stopped, Some("the program said: 9991234567"), at(0)).unwrap();
    (journal, run)
}

const EVERYWHERE: [&str; 7] = [
    "changes.change",
    "entries.body",
    "facts.body",
    "rejects.body",
    "rejects.row",
    "retries.reason",
    "runs.reason",
];

#[test]
fn personal_data_of_every_table_goes_after_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let (journal, run) = filled(&path);
    assert_eq!(places(&path), EVERYWHERE);
    journal.expire(at(0)).unwrap();
    assert_eq!(places(&path), EVERYWHERE, "not before their time");
    journal.expire(at(1)).unwrap();
    assert_eq!(places(&path), [""; 0]);
    let left = journal.rejects(None).unwrap();
    assert!(left.iter().all(|stored| stored.reject.value.is_none() && stored.row.is_none()), "{left:?}");
    assert_eq!(left[0].reject.message, "its values were erased after their time");
    assert_eq!((left.len(), left[0].reject.code.as_str()), (3, "sync.row-malformed"), "codes and keys stay");
    assert_eq!(journal.retries(None).unwrap()[0].key.as_deref(), Some("F1_3"));
    assert_eq!(journal.run(run).unwrap().unwrap().state, RunState::Stopped);
    assert!(journal.contacts(&["identity of F1_1"], at(0)).unwrap().is_empty(), "a hash of a person");
    assert!(journal.records(&["F1_1"]).unwrap().contains_key("F1_1"));
}

#[test]
fn a_forgotten_person_is_in_no_byte_of_the_journal() {
    for person in [Person::Phone(PHONE.to_owned()), Person::Contact(7)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let (journal, _) = filled(&path);
        let trace = journal.trace(&person).unwrap();
        assert_eq!((trace.entries, trace.changes, trace.identities), (1, 1, 1), "{person:?}");
        assert_eq!((trace.rejects, trace.texts), (2, 3), "{person:?}");
        assert_eq!((trace.keys, trace.contacts), (vec!["F1_1".to_owned()], vec![7]), "{person:?}");
        journal.erase(&person).unwrap();
        assert!(journal.trace(&person).unwrap().is_empty(), "{person:?}");
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap().path();
            assert!(!names(&std::fs::read(&file).unwrap()), "{person:?} {}", file.display());
        }
        // Nobody else is forgotten, and nothing is created a second time.
        let other = journal.trace(&Person::Contact(8)).unwrap();
        assert_eq!((other.entries, other.changes, other.identities, other.rejects), (1, 1, 1, 1));
        assert_eq!(journal.records(&["F1_1"]).unwrap()["F1_1"].deal, Some(5));
        assert_eq!(journal.retries(None).unwrap()[0].key.as_deref(), Some("F1_3"));
    }
}

#[test]
fn a_reader_that_keeps_the_old_state_alive_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let (journal, _) = filled(&path);
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM entries").unwrap();
    let error = journal.erase(&Person::Contact(7)).unwrap_err();
    assert_eq!(error.code(), "journal.locked");
    assert!(!journal.trace(&Person::Contact(7)).unwrap().is_empty(), "so that it is not taken for done");
    drop(reader);
    journal.erase(&Person::Contact(7)).unwrap();
    assert!(!names(&std::fs::read(&path).unwrap()));
}
