//! `b24 list`.

use std::io::{BufRead as _, BufReader};

use b24_sandbox::FaultPlan;
use serde_json::Value;

use crate::stage::{Ran, Stage, done, run, wait_until_by};

fn ids(text: &str) -> Vec<u64> {
    let id = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        row["ID"].as_str().unwrap().parse().unwrap()
    };
    text.lines().map(id).collect()
}

/// The ids of the sandbox's first deals: every eighth is missing, as on a portal in use.
fn deals(count: usize) -> Vec<u64> {
    (1..).filter(|id| id % 8 != 0).take(count).collect()
}

fn faults(text: &str) -> FaultPlan {
    text.parse().unwrap()
}

/// Deals enough for several requests, and a portal that loses the fifth.
fn interrupted() -> (Stage, String) {
    let stage = Stage::with(|sandbox| sandbox.deals(20_000));
    let whole = done(&mut stage.b24(&["list", "crm.deal.list", "--select", "ID,TITLE"])).stdout;
    (stage, whole)
}

const EXPORT: [&str; 6] = ["list", "crm.deal.list", "--select", "ID,TITLE", "-o", "deals.jsonl"];

fn resumed(stage: &Stage) -> Ran {
    let mut command = stage.b24(&EXPORT);
    run(command.arg("--resume"))
}

#[test]
fn rows_go_to_stdout_one_a_line_complete_and_as_the_portal_wrote_them() {
    let stage = Stage::with(|sandbox| sandbox.deals(1_300));
    let ran = done(&mut stage.b24(&["list", "crm.deal.list", "--select", "ID,TITLE"]));
    assert!(ids(&ran.stdout) == deals(1_300));
    let reply = done(&mut stage.b24(&[
        "call",
        "crm.deal.list",
        "--json",
        "-p",
        "select[]=ID",
        "-p",
        "select[]=TITLE",
    ]));
    let first = ran.stdout.lines().next().unwrap();
    assert!(reply.stdout.contains(first), "{first} is not what the portal wrote");
}

#[test]
fn conditions_order_limit_and_other_parameters_are_respected() {
    let stage = Stage::with(|sandbox| sandbox.deals(1_300));
    let list = |flags: &[&str]| {
        let mut args = vec!["list", "crm.deal.list", "--select", "ID"];
        args.extend(flags);
        ids(&done(&mut stage.b24(&args)).stdout)
    };
    let between: Vec<u64> = (1_001..=1_200).filter(|id| id % 8 != 0).collect();
    assert_eq!(list(&["--filter", ">ID=1000", "--filter", "<=ID=1200"]), between);
    assert_eq!(list(&["--filter", "@ID=7,3,5"]), [3, 5, 7]);
    assert_eq!(list(&["--limit", "60"]), deals(60));
    assert_eq!(list(&["--order", "ID=desc", "--limit", "2"]), [1_485, 1_484]);
    let invoices =
        done(&mut stage.b24(&["list", "crm.item.list", "-p", "entityTypeId=31", "--select", "title"]));
    assert_eq!(invoices.stdout.lines().count(), 40);
    let bad = run(&mut stage.b24(&["list", "crm.deal.list", "--filter", "ID"]));
    assert_eq!(bad.code, 2, "{bad:?}");
}

#[test]
fn a_file_is_jsonl_or_csv_and_needs_force_to_be_replaced() {
    let stage = Stage::with(|sandbox| sandbox.deals(120));
    let export = |file: &str, flag: Option<&str>| {
        let mut command = stage.b24(&["list", "crm.deal.list", "--select", "TITLE,ID", "-o", file]);
        run(command.args(flag))
    };
    let ran = export("сделки 1.csv", None);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "120 rows in сделки 1.csv\n"), "{ran:?}");
    let text = std::fs::read_to_string(stage.home.path().join("сделки 1.csv")).unwrap();
    assert_eq!(text.lines().next(), Some("TITLE,ID"));
    assert_eq!(text.lines().count(), 121);
    let again = export("сделки 1.csv", None);
    assert_eq!(again.code, 4, "{again:?}");
    assert!(again.stderr.contains("error[file.exists]"), "{again:?}");
    assert_eq!(export("сделки 1.csv", Some("--force")).code, 0);
    assert_eq!(export("deals.xlsx", None).code, 2);
    let left: Vec<_> =
        std::fs::read_dir(stage.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".part")), "{left:?}");
}

#[test]
fn an_export_that_a_failure_ended_goes_on_where_it_stopped() {
    let (stage, whole) = interrupted();
    stage.sandbox.inject(faults("[[fault]]\nmethod = \"batch\"\nnth = 4\ndo = \"401\"\n"));
    let ran = run(&mut stage.b24(&EXPORT));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("--resume"), "{ran:?}");
    assert!(!stage.home.path().join("deals.jsonl").exists());
    let kept = std::fs::read_to_string(stage.home.path().join("deals.jsonl.part")).unwrap();
    assert!(kept.lines().count() >= 50 && whole.starts_with(&kept), "{}", kept.lines().count());

    let refused = run(&mut stage.b24(&EXPORT));
    assert_eq!(refused.code, 4, "without --resume it is not overwritten: {refused:?}");
    let other =
        run(&mut stage.b24(&["list", "crm.contact.list", "--select", "ID", "-o", "deals.jsonl", "--resume"]));
    assert!(other.stderr.contains("error[list.resume-mismatch]"), "{other:?}");
    let filtered = ["--filter", "STAGE_ID=NEW", "--resume"];
    let other = run(stage.b24(&EXPORT).args(filtered));
    assert_eq!(other.code, 4, "{other:?}");
    let elsewhere = Stage::new();
    let other = run(stage.b24_as(&elsewhere.sandbox.webhook(), &EXPORT).arg("--resume"));
    assert!(other.stderr.contains("error[list.resume-mismatch]"), "{other:?}");

    let ran = resumed(&stage);
    assert_eq!(ran.code, 0, "{ran:?}");
    let exported = std::fs::read_to_string(stage.home.path().join("deals.jsonl")).unwrap();
    assert!(exported == whole, "the same file as in one go");
    assert!(!stage.home.path().join("deals.jsonl.part.state").exists());
}

#[test]
fn the_rows_before_a_failure_are_on_stdout() {
    let stage = Stage::with(|sandbox| sandbox.deals(20_000));
    stage.sandbox.inject(faults("[[fault]]\nmethod = \"batch\"\nnth = 3\ndo = \"401\"\n"));
    let ran = run(&mut stage.b24(&["list", "crm.deal.list", "--select", "ID"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    let ids = ids(&ran.stdout);
    assert!(ids.len() >= 50);
    assert!(ids == deals(ids.len()));
}

/// Starts an export from a slow portal and waits until part of it is on disk.
#[cfg(unix)]
fn slow_export(stage: &Stage) -> std::process::Child {
    let mut command = stage.home.spawn(&EXPORT);
    let mut child = command.env("B24_WEBHOOK", stage.sandbox.webhook()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("portal"), "{line}");
    let kept = stage.home.path().join("deals.jsonl.part.state");
    wait_until_by(&mut child, "rows are written", || {
        let text = std::fs::read_to_string(&kept).unwrap_or_default();
        serde_json::from_str::<Value>(&text).is_ok_and(|state| state["rows"].as_u64() > Some(0))
    });
    child
}

/// A portal that gets stuck in the middle of an export, so that it can be interrupted there.
#[cfg(unix)]
fn slow() -> (Stage, Vec<u64>) {
    let stuck = faults("[[fault]]\nmethod = \"batch\"\nnth = 6\ndo = \"slow\"\nseconds = 8\n");
    let stage = Stage::with(|sandbox| sandbox.deals(30_000).rate(4.0).burst(6).faults(stuck));
    (stage, deals(30_000))
}

#[cfg(unix)]
fn assert_resumes(stage: &Stage, whole: &[u64]) {
    assert!(!stage.home.path().join("deals.jsonl").exists());
    stage.home.write("config.toml", "[limits]\nrate = 4.0\nburst = 6\n");
    let ran = resumed(stage);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("rows are there already"), "{ran:?}");
    let exported = std::fs::read_to_string(stage.home.path().join("deals.jsonl")).unwrap();
    assert!(ids(&exported) == whole, "every row once and in order");
}

#[cfg(unix)]
#[test]
fn a_killed_export_goes_on_without_losing_or_repeating_a_row() {
    let (stage, whole) = slow();
    stage.home.write("config.toml", "[limits]\nrate = 4.0\nburst = 6\n");
    let mut child = slow_export(&stage);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_resumes(&stage, &whole);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_130_keeps_what_was_read_and_can_be_resumed() {
    let (stage, whole) = slow();
    stage.home.write("config.toml", "[limits]\nrate = 4.0\nburst = 6\n");
    let mut child = slow_export(&stage);
    let interrupt =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_resumes(&stage, &whole);
}

#[test]
fn a_condition_or_column_on_a_field_that_the_portal_does_not_have_is_refused() {
    let stage = Stage::new();
    let ran = run(&mut stage.b24(&["list", "crm.deal.list", "--filter", "title=x", "-o", "x.csv"]));
    assert_eq!(ran.code, 2, "{ran:?}");
    let error = ran.stderr.split_once("error[").unwrap().1;
    insta::assert_snapshot!(error, @"
    list.field-unknown]: looking for the field `title`
      why: the portal has no such field, and would drop it without a word
      try: write it as TITLE; `-p 'filter[title]=…'` or `-p 'select[]=title'` is sent unchecked
    ");
    assert!(!stage.home.path().join("x.csv").exists() && !stage.home.path().join("x.csv.part").exists());
    for args in [["--filter", "!@NOFIELD=5"], ["--select", "ID,FOO"]] {
        let ran = run(&mut stage.b24(&[&["list", "crm.deal.list"][..], &args].concat()));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    }
    let items = ["list", "crm.item.list", "-p", "entityTypeId=2", "--limit", "1"];
    let ran = run(&mut stage.b24(&[&items[..], &["--select", "TITLE"]].concat()));
    assert!(ran.code == 2 && ran.stderr.contains("write it as title"), "{ran:?}");
    // What is not asked for by these flags, or cannot be asked for, is sent as it stands.
    for args in [
        [&items[..], &["--select", "title,uf*", "--filter", ">=id=1"]].concat(),
        vec!["list", "crm.deal.list", "--limit", "1", "-p", "filter[NOFIELD]=5", "--filter", ">ID=1"],
        vec!["list", "user.get", "--limit", "1", "--filter", "ACTIVE=Y"],
    ] {
        assert_eq!(done(&mut stage.b24(&args)).stdout.lines().count(), 1, "{args:?}");
    }
}
