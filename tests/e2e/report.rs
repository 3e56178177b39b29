//! `b24 report invoices`.

use std::collections::BTreeMap;

use b24_sandbox::Basis;
use jiff::civil::date;
use serde_json::Value;

use crate::stage::{Stage, done, run, steady};

const YEAR: [&str; 4] = ["report", "invoices", "--period", "2026"];

/// The files of the home folder.
fn files(stage: &Stage) -> Vec<String> {
    let entries = std::fs::read_dir(stage.home.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Gross, net and VAT by seller and currency, as the document or the sandbox's model has them.
fn totals(groups: &Value) -> BTreeMap<String, [String; 3]> {
    let text = |group: &Value, key: &str| group[key].as_str().unwrap_or_default().to_owned();
    let groups = groups.as_array().unwrap().iter();
    groups
        .map(|group| {
            let key = format!("{} {}", text(group, "my_company"), text(group, "currency"));
            (key, ["gross", "net", "vat"].map(|sum| text(group, sum)))
        })
        .collect()
}

#[test]
fn the_totals_equal_the_model_and_every_invoice_is_there() {
    let stage = Stage::new();
    let model = stage.sandbox.register_model(date(2026, 1, 1), date(2026, 12, 31), Basis::Invoice);
    let model = serde_json::to_value(&model).unwrap();
    let document =
        done(&mut stage.b24(&[&YEAR[..], &["-o", "реестр за год.jsonl", "--json"]].concat())).json();
    assert_eq!(totals(&document["data"]["totals"]), totals(&model["totals"]));
    let rows = std::fs::read_to_string(stage.home.path().join("реестр за год.jsonl")).unwrap();
    assert_eq!(rows.lines().count() as u64, model["count"].as_u64().unwrap());
    assert_eq!(files(&stage), ["реестр за год.jsonl"], "nothing else is left");
}

#[test]
fn saved_raw_invoices_make_the_same_register_without_the_portal() {
    let stage = Stage::new();
    done(&mut stage.b24(&[&YEAR[..], &["-o", "a.csv", "--save-raw", "raw.jsonl"]].concat()));
    done(&mut stage.home.b24(&["report", "invoices", "--input", "raw.jsonl", "-o", "b.csv"]));
    let read = |name| std::fs::read_to_string(stage.home.path().join(name)).unwrap();
    assert_eq!(read("a.csv"), read("b.csv"));
}

#[test]
fn wrong_periods_are_two_and_send_nothing() {
    let stage = Stage::new();
    for period in [
        &["--period", "26"][..],
        &["--period", "2026-13"],
        &["--from", "2026-05-01", "--to", "2026-01-01"],
        &["--from", "31.02.2026", "--to", "2026-03-01"],
        &["--from", "2026-01-01"],
        &[],
    ] {
        let ran = run(&mut stage.b24(&[&["report", "invoices"], period].concat()));
        assert_eq!(ran.code, 2, "{period:?}: {ran:?}");
    }
    let reversed = ["report", "invoices", "--from", "01.05.2026", "--to", "01.01.2026"];
    insta::assert_snapshot!(run(&mut stage.b24(&reversed)).stderr, @"
    error[period.end-before-start]: reading the period
      why: the period ends on 2026-01-01, before it starts on 2026-05-01; swap the two dates
      try: for example `--period 2026`, `--period 2026-Q1` or `--from 01.01.2026 --to 31.03.2026`
    ");
    assert_eq!((stage.sandbox.journal().requests, files(&stage).len()), (0, 0));
}

#[test]
fn an_output_that_cannot_be_written_is_told_before_anything_is_asked() {
    let stage = Stage::new();
    stage.home.write("there.xlsx", "old");
    for (output, code, exit) in [
        ("missing folder/r.xlsx", "output.not-writable", 4),
        ("there.xlsx", "output.exists", 4),
        ("r.pdf", "output.format-unknown", 2),
    ] {
        let ran = run(&mut stage.b24(&[&YEAR[..], &["-o", output]].concat()));
        assert_eq!(ran.code, exit, "{ran:?}");
        assert!(ran.stderr.starts_with(&format!("error[{code}]")), "{ran:?}");
    }
    assert_eq!(stage.sandbox.journal().requests, 0);
    assert_eq!(files(&stage), ["there.xlsx"]);
    done(&mut stage.b24(&[&YEAR[..], &["-o", "there.xlsx", "--force"]].concat()));
}

#[test]
fn a_portal_that_breaks_down_on_the_way_leaves_no_half_file() {
    let faults = "[[fault]]\nmethod = \"crm.item.list\"\nevery = 1\ndo = \"html\"\n".parse().unwrap();
    let stage = Stage::with(|sandbox| sandbox.faults(faults));
    let ran = run(&mut stage.b24(&[&YEAR[..], &["-o", "r.xlsx"]].concat()));
    assert_eq!(ran.code, 5, "{ran:?}");
    assert_eq!(files(&stage), Vec::<String>::new());
}

#[test]
fn a_missing_scope_is_four_and_leaves_no_file() {
    let stage = Stage::new();
    let ran =
        run(&mut stage
            .b24_as(&stage.sandbox.webhook_of(1, "noscope"), &[&YEAR[..], &["-o", "r.xlsx"]].concat()));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("missing scope (crm"), "{ran:?}");
    assert_eq!(files(&stage), Vec::<String>::new());
}

#[test]
fn invoices_that_cannot_be_fetched_completely_are_listed_and_make_the_run_partial() {
    let faults = "[[fault]]\nmethod = \"crm.item.productrow.list\"\nnth = 3\ndo = \"401\"\n".parse().unwrap();
    let stage = Stage::with(|sandbox| sandbox.faults(faults));
    let ran = run(&mut stage.b24(&[&YEAR[..], &["-o", "r.jsonl", "--json"]].concat()));
    assert_eq!(ran.code, 3, "{ran:?}");
    let document = ran.json();
    assert_eq!((&document["ok"], &document["data"]["complete"]), (&Value::Bool(false), &Value::Bool(false)));
    let rows = std::fs::read_to_string(stage.home.path().join("r.jsonl")).unwrap();
    assert!(rows.contains("\"status\":\"gap\""), "{rows}");
}

#[test]
fn an_empty_period_explains_itself() {
    let stage = Stage::new();
    let ran = done(&mut stage.b24(&["report", "invoices", "--period", "2031", "-o", "-"]));
    assert_eq!(ran.stdout, "");
    assert!(steady(&ran.stderr, &stage.portal()).contains("there are 40 invoices in all"), "{ran:?}");
}
