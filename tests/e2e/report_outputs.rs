//! Outputs of `b24 report invoices` that get in each other's way, or whose reader goes away.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::stage::{Stage, done, run};

const YEAR: [&str; 4] = ["report", "invoices", "--period", "2026"];

#[test]
fn the_register_never_takes_the_place_of_its_raw_invoices() {
    let stage = Stage::new();
    let saved = [&YEAR[..], &["-o", "r.jsonl", "--save-raw", "./r.jsonl", "--force"]].concat();
    let ran = run(&mut stage.b24(&saved));
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(stage.sandbox.journal().requests, 0);

    done(&mut stage.b24(&[&YEAR[..], &["-o", "a.jsonl", "--save-raw", "raw.jsonl"]].concat()));
    let raw = stage.home.path().join("raw.jsonl");
    let before = fs::read(&raw).unwrap();
    let args = ["report", "invoices", "--input", "raw.jsonl", "-o", "raw.jsonl", "--force"];
    let ran = run(&mut stage.home.b24(&args));
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(fs::read(&raw).unwrap() == before, "the raw invoices are still there");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let stage = Stage::with(|sandbox| sandbox.invoices(900));
    done(&mut stage.b24(&[&YEAR[..], &["-o", "a.jsonl", "--save-raw", "raw.jsonl"]].concat()));
    let args = ["report", "invoices", "--input", "raw.jsonl", "-o", "-", "--quiet"];
    let mut child = stage.home.spawn(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(first.starts_with('{'));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}
