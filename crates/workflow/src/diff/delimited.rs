//! Registers as CSV: for machines, for a Russian Excel, in the Windows encoding.

use std::path::Path;

use encoding_rs::WINDOWS_1251;

use super::COMPARED;
use super::file::{Record, RegisterFile, Unreadable};
use crate::render::reading;

pub(super) fn read(path: &Path) -> Result<RegisterFile, Unreadable> {
    let bytes = std::fs::read(path)?;
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => WINDOWS_1251.decode(&bytes).0.into_owned(),
    };
    let titles = text.lines().next().unwrap_or_default();
    let delimiter = if titles.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let malformed = |error: csv::Error| Unreadable::NoRegister(error.to_string());
    let header = reader.headers().map_err(malformed)?.clone();
    // The files for machines have the rates with their sums.
    let id = |title: &str| if title == "vat_by_rate" { Some("rates") } else { reading::column_id(title) };
    let columns: Vec<Option<&'static str>> = header.iter().map(id).collect();
    let has = |wanted: &[&str]| columns.iter().flatten().any(|id| wanted.contains(id));
    if !has(&["id", "number"]) {
        return Err(Unreadable::NoRegister("its first row has neither an ID nor a number".to_owned()));
    }
    // Whoever chose the columns may have left the amounts out, but has no others than a register has.
    let foreign = columns.iter().zip(&header).find(|(id, _)| id.is_none());
    if let (false, Some((_, title))) = (has(&["gross"]), foreign) {
        let reason = format!("its first row has no amounts, and `{title}` is no column of a register");
        return Err(Unreadable::NoRegister(reason));
    }
    if !has(&COMPARED) {
        return Err(Unreadable::NoRegister("its first row has nothing that could be compared".to_owned()));
    }
    let mut records = Vec::new();
    for row in reader.records() {
        let row = row.map_err(malformed)?;
        let cells = columns.iter().zip(row.iter());
        records.push(Record::of(cells.filter_map(|(id, text)| Some(((*id)?, plain(text))))));
    }
    Ok(RegisterFile::new(columns.into_iter().flatten().collect(), records))
}

/// The apostrophe before what a spreadsheet would take for a formula is ours.
fn plain(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest.to_owned(),
        _ => text.to_owned(),
    }
}
