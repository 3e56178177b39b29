//! The documents of `b24 sync … --json` are what docs/json.md says: each member there, and no other.

use serde_json::Value;

use crate::clinic::{Clinic, MAPPING, visits};
use crate::stage::run;

const DOCS: &str = include_str!("../../docs/json.md");

/// Members of a plan.
const PLAN: &[&str] = &[
    "run",
    "source",
    "portal",
    "counts",
    "robots",
    "guards",
    "rejects",
    "new_rejects",
    "cursor",
    "is_everything",
    "finding",
    "outputs",
];
const COUNTS: &[&str] = &[
    "create",
    "update",
    "unchanged",
    "skipped",
    "conflict",
    "unknown",
    "contacts_create",
    "contacts_update",
    "comments",
    "adopted",
    "warnings",
    "reasons",
];
const APPLIED: &[&str] = &[
    "outcomes",
    "left",
    "deals_created",
    "deals_changed",
    "contacts_created",
    "contacts_changed",
    "comments",
    "new_rejects",
    "rejects",
    "waiting",
    "statistics",
];
const STATISTICS: &[&str] = &[
    "find_deals",
    "find_contacts",
    "write",
    "comment",
    "resolve_seconds",
    "seconds",
    "requests",
    "records",
    "records_per_hour",
    "requests_per_record",
];
const STEP: &[&str] = &["count", "total_s", "average_s", "longest_s"];
const ROBOTS: &[&str] = &["by_stage", "changed_deals", "contacts", "leads"];
const RUN: &[&str] =
    &["id", "kind", "source", "started_at", "ended_at", "state", "reason", "tally", "statistics"];
const CHANGE: &[&str] = &["run", "key", "at", "entity", "id", "change"];
const WAITING: &[&str] = &["key", "source", "cursor", "code", "reason", "attempts", "first_at", "next_at"];
const CURSOR: &[&str] = &["source", "value", "run", "at"];
const RECORD: &[&str] = &["key", "source", "deal", "contact", "outcome", "code", "line", "run", "at"];

/// A command, where in `data` to look, the row of the docs, and the members there.
type Case = (&'static [&'static str], &'static str, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    (&["init", "--source", "visits.csv", "-o", "new.toml"], "", "sync init", &["output", "decisions"]),
    (
        &["check", "m.toml"],
        "/0",
        "sync check",
        &["mapping", "source", "automation", "columns", "guesses", "findings"],
    ),
    (&["plan", "m.toml"], "", "sync plan", PLAN),
    (&["plan", "m.toml"], "/counts", "sync plan", COUNTS),
    (&["plan", "m.toml"], "/robots", "sync plan", ROBOTS),
    (&["plan", "m.toml"], "/finding", "sync plan", &["deals", "contacts"]),
    (&["run", "m.toml"], "/runs/0", "sync run", &["mapping", "plan", "applied", "error"]),
    (&["run", "m.toml"], "/runs/0/plan", "sync plan", PLAN),
    (&["run", "m.toml"], "/runs/0/applied", "sync apply", APPLIED),
    (&["apply", "m.toml", "--yes"], "", "sync apply", &["plan", "applied"]),
    (&["apply", "m.toml", "--yes"], "/applied/statistics", "sync apply", STATISTICS),
    (&["apply", "m.toml", "--yes"], "/applied/statistics/find_deals", "sync apply", STEP),
    (&["revert", "5", "m.toml", "--yes"], "", "sync revert", &["plan", "applied"]),
    (&["status"], "", "sync status", &["portal", "journal", "sources", "unsettled_writes"]),
    (
        &["status"],
        "/sources/0",
        "sync status",
        &["source", "last_run", "cursor", "records", "rejects", "waiting", "due"],
    ),
    (&["status"], "/sources/0/last_run", "sync history", RUN),
    (&["status"], "/sources/0/cursor", "sync state show", CURSOR),
    (&["history"], "/0", "sync history", RUN),
    (&["history", "5"], "", "sync history", &["run", "changes"]),
    (&["history", "5"], "/changes/0", "sync why", CHANGE),
    (&["why", "T1_1"], "/0", "sync why", &["key", "record", "rejects", "waiting", "unsettled", "changes"]),
    (&["why", "T1_1"], "/0/record", "sync why", RECORD),
    (
        &["rejects", "list"],
        "/0",
        "sync rejects list",
        &[
            "id",
            "source",
            "code",
            "key",
            "line",
            "field",
            "value",
            "message",
            "hint",
            "first_run",
            "first_at",
            "last_at",
            "times",
        ],
    ),
    (&["rejects", "export", "-o", "r.jsonl"], "", "sync rejects export", &["output", "rejects", "portal"]),
    (&["rejects", "retry", "--all"], "", "sync rejects retry", &["rejects"]),
    (&["state", "show"], "", "sync state show", &["cursors", "waiting"]),
    (&["state", "show"], "/waiting/0", "sync state show", WAITING),
    (&["rejects", "drop", "--all"], "", "sync rejects drop", &["rejects"]),
    (&["state", "rewind", "m.toml"], "", "sync state show", &["source", "before", "now"]),
    (&["state", "forget-comments", "--all"], "", "sync state show", &["deals"]),
];

/// The row of the docs that tells of a command.
fn row(command: &str) -> &'static str {
    let last = command.rsplit(' ').next().unwrap_or_default();
    let tells = |row: &&str| {
        let named = row.split('|').nth(1).unwrap_or_default();
        named.contains(&format!("`{command}`"))
            || named.contains("`sync") && named.contains(&format!("`{last}`"))
    };
    DOCS.lines().find(tells).unwrap_or_else(|| panic!("docs/json.md has no row for `{command}`"))
}

#[test]
fn every_document_of_sync_has_the_members_that_the_docs_name() {
    let clinic = Clinic::new();
    let cursor = "[source.cursor]\ncolumn = \"changed\"\ntype = \"time\"\n\n[key]";
    clinic.map(&MAPPING.replace("[key]", cursor));
    let mut visits = visits(2);
    visits[1].amount = "viel".to_owned();
    clinic.record(&visits);
    let path = clinic.stage.home.path().join("visits.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let dated = |(number, line): (usize, &str)| {
        let changed = if number == 0 { "changed" } else { "2026-03-02 10:00:00" };
        format!("{line},{changed}\n")
    };
    clinic.stage.home.write("visits.csv", &text.lines().enumerate().map(dated).collect::<String>());
    for (args, place, command, members) in CASES {
        let ran = run(&mut clinic.sync(&[args, &["--json"][..]].concat()));
        let document = ran.json();
        assert!(document["error"].is_null(), "{args:?}: {ran:?}");
        let value = document["data"].pointer(place).unwrap_or(&Value::Null);
        let found = value.as_object().unwrap_or_else(|| panic!("{args:?} has nothing at {place}: {ran:?}"));
        let mut found: Vec<&str> = found.keys().map(String::as_str).collect();
        let mut expected = members.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{args:?} at `{place}`");
        for member in *members {
            assert!(
                row(command).contains(&format!("`{member}`")),
                "{command}: `{member}` is missing in docs/json.md"
            );
        }
    }
}

#[test]
fn the_exit_codes_of_sync_are_those_of_the_docs() {
    let clinic = Clinic::new();
    let mut visits = visits(3);
    visits[2].amount = "viel".to_owned();
    clinic.record(&visits);
    clinic.stage.home.write("guarded.toml", &MAPPING.replace("creates = 20000", "creates = 1"));
    let more = "[deal.fields]\n\"Комментарий\" = { value = \"принят\" }";
    clinic.stage.home.write("more.toml", &MAPPING.replace("[deal.fields]", more));
    clinic.stage.home.write("unfit.toml", &MAPPING.replace("\"Сумма\"", "\"Сума\""));
    clinic.stage.home.write("wrong.toml", &MAPPING.replace("automation", "automatoin"));
    clinic.stage.home.write("gone.toml", &MAPPING.replace("visits.csv", "gone.csv"));
    let cases: &[(&[&str], i32)] = &[
        (&["status"], 4),
        (&["check", "m.toml"], 0),
        (&["check", "unfit.toml"], 4),
        (&["check", "wrong.toml"], 2),
        (&["plan", "guarded.toml"], 3),
        (&["plan", "guarded.toml"], 3),
        (&["plan", "m.toml", "--detailed-exit-code"], 3),
        (&["run", "guarded.toml"], 4),
        (&["run", "unfit.toml"], 4),
        (&["run", "gone.toml"], 4),
        (&["run", "m.toml", "wrong.toml"], 2),
        (&["apply", "m.toml"], 4),
        (&["apply", "m.toml", "--yes"], 3),
        (&["run", "gone.toml", "m.toml"], 4),
        (&["run", "m.toml"], 0),
        (&["plan", "m.toml", "--detailed-exit-code"], 0),
        (&["plan", "more.toml"], 0),
        (&["plan", "more.toml", "--detailed-exit-code"], 6),
        (&["history", "99"], 2),
        (&["why", "T1_99"], 4),
        (&["rejects", "list"], 0),
        (&["rejects", "retry", "99"], 2),
        (&["state", "set", "m.toml", "--cursor", "soon"], 2),
        (&["state", "import-comments", "m.toml"], 2),
        (&["state", "import-comments", "gone.json"], 4),
        (&["apply", "gone.json", "--mapping", "m.toml"], 4),
    ];
    for (args, code) in cases {
        let ran = run(&mut clinic.sync(args));
        assert_eq!(ran.code, *code, "{args:?}: {ran:?}");
    }
    let mut broken = clinic.sync(&["run", "m.toml"]);
    let ran = run(broken.env("B24_WEBHOOK", "http://127.0.0.1:1/rest/1/unreachable/"));
    assert_eq!(ran.code, 5, "{ran:?}");
}
