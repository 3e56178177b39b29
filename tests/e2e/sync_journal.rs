//! What `b24 sync` and `b24 forget` tell and change of the journal; runs have their own tests.

use jiff::Timestamp;
use serde_json::Value;
use workflow::sync::Reject;
use workflow::sync::entry::Change;
use workflow::sync::journal::{
    Journal, NewReject, RecordOutcome, RecordState, RunKind, RunState, Written, comment_hash,
};
use workflow::sync::{FieldValue, ValueKind};

use crate::stage::{Ran, Stage, done, run};

const MAPPING: &str = r#"
name = "clinic"
automation = "run"

[source]
kind = "csv"
path = "visits.csv"
zone = "Europe/Moscow"

[source.cursor]
column = "changed"
type = "time"

[key]
column = "id"
field = "Внешний ключ"

[deal.fields]
"Название" = "name"
"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn text(value: &str) -> FieldValue {
    FieldValue { kind: ValueKind::Text, multiple: false, texts: vec![value.to_owned()] }
}

fn instant(value: Option<&str>) -> FieldValue {
    let texts = value.map(str::to_owned).into_iter().collect();
    FieldValue { kind: ValueKind::Instant, multiple: false, texts }
}

/// What a run made of a deal.
fn changes() -> [Change; 2] {
    let change = |name: &str, original: &str, title: &str, before, after| Change {
        name: name.to_owned(),
        original: original.to_owned(),
        title: title.to_owned(),
        before,
        after,
    };
    let start = instant(Some("2026-03-03T06:30:00Z"));
    [
        change("title", "TITLE", "Название", text("Иванова"), text("Петрова")),
        change("ufCrmStart", "UF_CRM_START", "Начало", instant(None), start),
    ]
}

/// What a run of a source in Moscow leaves in the journal.
const HEADER: &str = r#"{"mapping":"","facts":"","cursor":null,"is_everything":true,"zone":"Europe/Moscow","counts":null,"robots":null}"#;

/// A journal with a run that created one deal, changed another and put two rows aside.
fn prepared() -> Stage {
    prepared_by(HEADER)
}

fn prepared_by(header: &str) -> Stage {
    let stage = Stage::new();
    stage.home.write("m.toml", MAPPING);
    let folder = stage.home.path().join("state").join(stage.portal().replace(':', "%3A"));
    std::fs::create_dir_all(&folder).unwrap();
    let now = at("2026-03-02T09:00:00Z");
    let journal = Journal::open(&folder.join("journal.db"), &stage.portal(), now).unwrap();
    let number = journal.begin(RunKind::Run, "clinic", header, now).unwrap();
    let record = |key: &str, outcome, deal| RecordState {
        key: key.to_owned(),
        source: "clinic".to_owned(),
        deal: Some(deal),
        contact: Some(7),
        outcome,
        code: None,
        line: 2,
        run: number,
        at: now,
    };
    let reject = |key: Option<&str>, line, value: &str| NewReject {
        reject: Reject {
            code: if key.is_some() { "sync.phone-malformed" } else { "sync.key-missing" }.to_owned(),
            key: key.map(str::to_owned),
            line,
            field: Some("phone".to_owned()),
            value: Some(value.to_owned()),
            message: "it cannot be used".to_owned(),
            hint: "correct it in the source".to_owned(),
        },
        cursor: None,
        row: Some(r#"{"name":"=Иванова"}"#.to_owned()),
    };
    journal
        .commit(|pen| {
            pen.record(&record("F1_1", RecordOutcome::Created, 61))?;
            pen.changed(number, "F1_1", (Written::Deal, 61), None, now)?;
            pen.record(&record("F1_2", RecordOutcome::Updated, 62))?;
            for change in changes() {
                pen.changed(number, "F1_2", (Written::Deal, 62), Some(&change), now)?;
            }
            pen.posted(62, &comment_hash("Был"), Some(5), now)?;
            pen.reject(number, "clinic", &reject(Some("F1_3"), 4, "+7 999 123-45-67"), now)?;
            pen.reject(number, "clinic", &reject(None, 5, "Сидорова Анна"), now)
        })
        .unwrap();
    journal.set_cursor("clinic", Some("2026-03-01T07:00:00Z"), Some(number), now).unwrap();
    journal.set_results(number, r#"{"create":1,"update":1,"unknown":0}"#, "{}").unwrap();
    journal.set_state(number, RunState::Done, None, now).unwrap();
    stage
}

fn sync(stage: &Stage, args: &[&str]) -> Ran {
    done(&mut stage.b24(&[&["--state-dir", "state", "sync"], args].concat()))
}

fn json(stage: &Stage, args: &[&str]) -> Value {
    sync(stage, &[args, &["--json"]].concat()).json()["data"].clone()
}

#[test]
fn the_status_is_one_screen() {
    let stage = prepared();
    let shown = sync(&stage, &["status"]).stdout.replace(&stage.portal(), "PORTAL");
    insta::assert_snapshot!(shown, @"
    portal PORTAL

    clinic
      times       Europe/Moscow
      last run    1 (run) 2026-03-02 12:00:00 +03:00, done: 1 create, 1 update
      read up to  2026-03-01 10:00:00 +03:00 (noted 2026-03-02 12:00:00 +03:00)
      records     1 created, 1 updated
      put aside   2: b24 sync rejects list
      waiting     0 to be read again, 0 of them now
    ");
    let data = json(&stage, &["status", "m.toml"]);
    let source = &data["sources"][0];
    assert_eq!(
        (source["rejects"].as_u64(), source["last_run"]["tally"]["create"].as_u64()),
        (Some(2), Some(1))
    );
    assert_eq!(source["cursor"]["value"], "2026-03-01T07:00:00Z");
}

#[test]
fn rejects_are_listed_masked_retried_by_number_and_dropped_by_code() {
    let stage = prepared();
    let listed = sync(&stage, &["rejects", "list"]).stdout;
    assert!(listed.contains("+7999***4567") && !listed.contains("Анна"), "{listed}");
    assert!(listed.contains("correct it in the source"), "{listed}");
    let listed = json(&stage, &["rejects", "list", "m.toml"]);
    let number = listed[0]["id"].to_string();
    assert_eq!(listed[0]["value"], "+7999***4567");
    assert_eq!(json(&stage, &["rejects", "retry", &number])["rejects"], 1);
    assert_eq!(json(&stage, &["state", "show"])["waiting"][0]["key"], "F1_3");
    assert_eq!(json(&stage, &["rejects", "drop", "--code", "sync.key-missing"])["rejects"], 1);
    assert_eq!(json(&stage, &["rejects", "list"]).as_array().unwrap().len(), 1);
    let ran = run(&mut stage.b24(&["--state-dir", "state", "sync", "rejects", "retry", "99"]));
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn exported_rejects_carry_the_rows_and_no_formula() {
    let stage = prepared();
    sync(&stage, &["rejects", "export", "-o", "r.csv"]);
    let path = stage.home.path().join("r.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("\u{feff}number;source;key") && text.contains("'+7 999 123-45-67"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    sync(&stage, &["rejects", "export", "-o", "r.jsonl"]);
    let lines = std::fs::read_to_string(stage.home.path().join("r.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(
        run(&mut stage.b24(&["--state-dir", "state", "sync", "rejects", "export", "-o", "r.csv"])).code,
        4
    );
}

#[test]
fn a_record_is_explained_by_its_key_and_by_its_deal() {
    let stage = prepared();
    let shown = sync(&stage, &["why", "F1_2"]).stdout;
    insta::assert_snapshot!(shown, @"
    F1_2
      updated in run 1, 2026-03-02 12:00:00 +03:00, line 2
      deal 62, contact 7

       written to  field     before   after                       when (+03:00)
    *  deal 62     Начало             2026-03-03 09:30:00 +03:00  2026-03-02 12:00:00
    *  deal 62     Название  Иванова  Петрова                     2026-03-02 12:00:00
    ");
    let link = format!("http://{}/crm/deal/details/61/", stage.portal());
    assert_eq!(json(&stage, &["why", &link])[0]["record"]["outcome"], "created");
    let reject = json(&stage, &["why", "F1_3"])[0]["rejects"][0].clone();
    assert_eq!(reject["reject"]["code"], "sync.phone-malformed");
    assert_eq!((&reject["reject"]["value"], &reject["row"]), (&"+7999***4567".into(), &Value::Null));
    let ran = run(&mut stage.b24(&["--state-dir", "state", "sync", "why", "F1_9", "--json"]));
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (4, Some("sync.record-unknown")));
}

#[test]
fn the_history_shows_runs_and_what_a_run_wrote() {
    let stage = prepared();
    assert!(sync(&stage, &["history"]).stdout.contains("1 create, 1 update"));
    let run = json(&stage, &["history", "1"]);
    assert_eq!(run["changes"].as_array().unwrap().len(), 3);
    assert_eq!(run["changes"][1]["change"]["after"]["texts"][0], "Петрова");
}

#[test]
fn every_time_is_on_the_clocks_of_its_source_and_says_so() {
    let stage = prepared();
    let abroad = |args: &[&str]| {
        let args = [&["--state-dir", "state", "sync"], args].concat();
        done(stage.b24(&args).env("TZ", "America/New_York")).stdout
    };
    for args in [&["status"][..], &["history"], &["history", "1"], &["why", "F1_2"], &["state", "show"]] {
        let shown = abroad(args);
        assert!(shown.contains("2026-03-02 12:00:00 +03:00"), "{args:?}: {shown}");
        assert!(!shown.contains("04:00:00") && !shown.contains("09:00:00"), "{args:?}: {shown}");
    }
    for args in [&["history", "1"], &["why", "F1_2"]] {
        let shown = abroad(args);
        assert!(shown.contains("2026-03-03 09:30:00 +03:00"), "what a field became: {shown}");
    }
    for args in [&["status"][..], &["state", "show"]] {
        assert!(abroad(args).contains("2026-03-01 10:00:00 +03:00"), "how far it was read, {args:?}");
    }
    let set = abroad(&["state", "set", "m.toml", "--cursor", "2026-03-02 00:00:00"]);
    assert!(
        set.contains("from 2026-03-02 00:00:00 +03:00 on") && set.contains("2026-03-01 10:00:00 +03:00"),
        "{set}"
    );
}

#[test]
fn times_of_a_source_whose_zone_nobody_knows_are_on_this_machines_clocks_with_their_offset() {
    let stage = prepared_by("{}");
    let shown = |args: &[&str]| {
        let args = [&["--state-dir", "state", "sync"], args].concat();
        done(stage.b24(&args).env("TZ", "America/New_York")).stdout
    };
    for args in [&["status"][..], &["history"], &["why", "F1_2"], &["state", "show"]] {
        let text = shown(args);
        assert!(text.contains("2026-03-02 04:00:00 -05:00"), "{args:?}: {text}");
    }
    let text = shown(&["status", "m.toml"]);
    assert!(text.contains("2026-03-02 12:00:00 +03:00"), "the mapping knows it: {text}");
}

#[test]
fn the_cursor_is_set_and_rewound_and_comments_are_forgotten_or_taken_over() {
    let stage = prepared();
    let set = json(&stage, &["state", "set", "m.toml", "--cursor", "2026-03-02 00:00:00"]);
    assert_eq!(
        (set["before"].as_str(), set["now"].as_str()),
        (Some("2026-03-01T07:00:00Z"), Some("2026-03-01T21:00:00.000000000Z"))
    );
    let set = json(&stage, &["state", "rewind", "m.toml", "--from", "31.01.2026"]);
    assert_eq!(
        set["now"], "2026-01-30T21:00:00.000000000Z",
        "on the clocks of the source, as the journal writes it"
    );
    let unfit = ["--state-dir", "state", "sync", "state", "set", "m.toml", "--cursor", "yesterday"];
    let ran = run(&mut stage.b24(&unfit));
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(json(&stage, &["state", "rewind", "m.toml"])["now"], Value::Null);
    assert_eq!(json(&stage, &["state", "show"])["cursors"], serde_json::json!([]));
    assert_eq!(json(&stage, &["state", "forget-comments", "F1_2"])["deals"], 1);
    assert_eq!(json(&stage, &["state", "forget-comments", "--all"])["deals"], 0);
    stage.home.write("comment_hashes.json", &format!(r#"{{"61": "{}"}}"#, comment_hash("Был")));
    assert_eq!(json(&stage, &["state", "import-comments", "comment_hashes.json"])["deals"], 1);
    stage.home.write("bad.json", r#"{"x": "1"}"#);
    let ran = run(&mut stage.b24(&["--state-dir", "state", "sync", "state", "import-comments", "bad.json"]));
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn a_person_is_listed_and_erased_and_nobody_is_asked_without_a_terminal() {
    let stage = prepared();
    let forget = |args: &[&str]| run(&mut stage.b24(&[&["--state-dir", "state", "forget"], args].concat()));
    let ran = forget(&["--phone", "8 (999) 123-45-67"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    let ran = forget(&["--phone", "8 (999) 123-45-67", "--yes", "--json"]);
    assert_eq!((ran.code, &ran.json()["data"]["rejects"]), (0, &1.into()), "{ran:?}");
    let ran = forget(&["--contact", "7", "--yes", "--json"]);
    assert_eq!(ran.json()["data"]["keys"], serde_json::json!(["F1_1", "F1_2"]), "{ran:?}");
    let data = forget(&["--contact", "7", "--yes", "--json"]).json()["data"].clone();
    assert_eq!(data["erased"], false, "{data}");
    assert_eq!(forget(&[]).code, 2);
    assert_eq!(forget(&["--phone", "Иванов", "--yes"]).code, 2);
}

#[test]
fn without_a_journal_and_with_a_broken_mapping_the_way_out_is_told() {
    let stage = Stage::new();
    let ran = run(&mut stage.b24(&["sync", "status", "--json"]));
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (4, Some("sync.no-journal")), "{ran:?}");
    let stage = prepared();
    stage.home.write("m.toml", &MAPPING.replace("automation =", "automatoin ="));
    let ran = run(&mut stage.b24(&["--state-dir", "state", "sync", "status", "m.toml"]));
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("did you mean `automation`?"), "{ran:?}");
}
