//! Acceptance scenarios of the register, end to end.

use std::collections::BTreeSet;

use b24_sandbox::Basis;
use jiff::civil::date;
use serde_json::Value;

use crate::stage::{Stage, done, run};

const ALL: [&str; 6] = ["report", "invoices", "--from", "2025-01-01", "--to", "2026-12-31"];

fn rows(stage: &Stage, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(stage.home.path().join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Scenario 5: a thousand invoices within two minutes against two requests a second, told by requests instead of time:
/// a portal takes 50 at once, then 2 a second, so 30 wait for nothing.
#[test]
fn a_thousand_invoices_take_so_few_requests_that_no_limit_is_met() {
    let stage = Stage::with(|sandbox| sandbox.invoices(1000).rate(2.0).burst(50));
    let ran = done(&mut stage.b24(&[&ALL[..], &["-o", "r.xlsx", "--json"]].concat())).json();
    assert_eq!(ran["data"]["counts"]["invoices"], 1000);
    let journal = stage.sandbox.journal();
    assert!(journal.requests <= 30, "{} requests", journal.requests);
    assert_eq!(journal.rejected, 0);
}

/// Scenario 6: dates with offsets, rates of every kind, negative and fractional lines, more than 50 rows, two
/// currencies, bad INN: every invoice appears, totals tie out.
#[test]
fn every_invoice_appears_and_the_totals_tie_out() {
    let stage = Stage::with(|sandbox| sandbox.invoices(800).seed(6));
    let ran = done(&mut stage.b24(&[&ALL[..], &["-o", "r.jsonl", "--json"]].concat())).json();
    let rows = rows(&stage, "r.jsonl");
    let model = stage.sandbox.register_model(date(2025, 1, 1), date(2026, 12, 31), Basis::Invoice);
    assert_eq!(rows.len(), 800);
    let rates: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| row["vat_by_rate"].as_array().unwrap().clone())
        .map(|line| line["rate"].as_str().unwrap_or("none").to_owned())
        .collect();
    for rate in ["22", "20", "10", "7", "5", "0", "none"] {
        assert!(rates.contains(rate), "{rate} is among {rates:?}");
    }
    let currencies: BTreeSet<&str> = rows.iter().map(|row| row["currency"].as_str().unwrap()).collect();
    assert_eq!(currencies.len(), 2);
    let problems = &ran["data"]["problem_counts"];
    assert!(problems["invoice.inn-checksum"].as_u64() > Some(0), "{problems}");
    let model = serde_json::to_value(&model).unwrap();
    let sums = |groups: &Value| -> Vec<[String; 4]> {
        let text = |group: &Value, key: &str| group[key].as_str().unwrap_or_default().to_owned();
        let groups = groups.as_array().unwrap().iter();
        groups.map(|group| ["currency", "gross", "net", "vat"].map(|key| text(group, key))).collect()
    };
    for totals in ["totals", "group_totals"] {
        assert_eq!(sums(&ran["data"][totals]), sums(&model[totals]), "{totals}");
    }
}

#[test]
fn a_register_by_shipment_tells_what_lacks_the_date() {
    let stage = Stage::with(|sandbox| sandbox.invoices(200));
    let args = ["report", "invoices", "--period", "2026-Q1", "--basis", "shipped", "-o", "r.jsonl"];
    let ran = done(&mut stage.b24(&[&args[..], &["--json"]].concat())).json();
    let model = stage.sandbox.register_model(date(2026, 1, 1), date(2026, 3, 31), Basis::Shipped);
    assert_eq!(rows(&stage, "r.jsonl").len() as u64, model.count);
    let undated: u64 = model.undated.iter().map(|sums| sums.count + sums.cancelled.count).sum();
    assert_eq!(ran["data"]["counts"]["undated"], undated);
    assert_eq!(ran["data"]["basis"], "shipped");
}

#[test]
fn the_next_morning_the_registers_are_compared() {
    let stage = Stage::with(|sandbox| sandbox.invoices(60));
    done(&mut stage.b24(&[&ALL[..], &["-o", "вчера.xlsx"]].concat()));
    let update = [
        "call",
        "crm.item.update",
        "-p",
        "entityTypeId=31",
        "-p",
        "id=1",
        "-p",
        "fields[accountNumber]=НОВЫЙ-1",
    ];
    done(&mut stage.b24(&update));
    done(&mut stage.b24(&["call", "crm.item.delete", "-p", "entityTypeId=31", "-p", "id=2"]));
    done(&mut stage.b24(&[&ALL[..], &["-o", "сегодня.jsonl"]].concat()));
    let diff = ["report", "diff", "вчера.xlsx", "сегодня.jsonl"];
    let ran = done(&mut stage.home.b24(&diff));
    assert!(ran.stdout.starts_with("0 invoices appeared, 1 vanished, 1 changed, 58 are alike"), "{ran:?}");
    assert!(ran.stdout.contains("НОВЫЙ-1"), "{ran:?}");
    let detailed = run(&mut stage.home.b24(&[&diff[..], &["--detailed-exit-code", "--json"]].concat()));
    assert_eq!(detailed.code, 6, "{detailed:?}");
    assert_eq!(detailed.json()["data"]["changed"][0]["fields"][0]["new"], "НОВЫЙ-1");
    let same = ["report", "diff", "вчера.xlsx", "вчера.xlsx", "--detailed-exit-code"];
    assert_eq!(run(&mut stage.home.b24(&same)).code, 0);
    assert_eq!(run(&mut stage.home.b24(&["report", "diff", "вчера.xlsx", "нет.csv"])).code, 2);
}
