//! Registers as JSON lines.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde_json::{Map, Value};

use super::COMPARED;
use super::file::{Record, RegisterFile, Unreadable};

pub(super) fn read(path: &Path) -> Result<RegisterFile, Unreadable> {
    let mut records = Vec::new();
    let mut columns: BTreeSet<&'static str> = ["id"].into();
    for (number, line) in (1_u64..).zip(BufReader::new(File::open(path)?).lines()) {
        let line = line?;
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            continue;
        }
        let no_row =
            |why: &str| Unreadable::NoRegister(format!("line {number} is no row of a register: {why}"));
        let row: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| no_row(&error.to_string()))?;
        if let Some(lacking) = ["id", "status", "gross"].into_iter().find(|id| !row.contains_key(*id)) {
            return Err(no_row(&format!("it has no `{lacking}`")));
        }
        columns.extend(COMPARED.into_iter().filter(|id| row.contains_key(member(id))));
        let cell = |id: &'static str| Some((id, text(row.get(member(id))?)));
        records.push(Record::of(["id"].into_iter().chain(COMPARED).filter_map(cell)));
    }
    Ok(RegisterFile::new(columns, records))
}

/// What a column is called in JSON.
fn member(id: &str) -> &str {
    match id {
        "deal" => "deal_id",
        "manual" => "manual_differs",
        "rates" => "vat_by_rate",
        other => other,
    }
}

/// Amounts are strings in these files, so nothing is lost on the way.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(rates) => {
            let rate = |line: &Value| line["rate"].as_str().map_or_else(|| "none".to_owned(), str::to_owned);
            rates.iter().map(rate).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
