//! Registers as workbooks.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{Data, Range, Reader as _, Xlsx, XlsxError};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::file::{Record, RegisterFile, Unreadable};
use crate::render::reading::Sheet;

/// Day 0 of a workbook's calendar (which counts 29 February 1900 in).
const DAY_ZERO: Date = date(1899, 12, 30);

pub(super) fn read(path: &Path) -> Result<RegisterFile, Unreadable> {
    let no_workbook = |error: XlsxError| match error {
        XlsxError::Io(error) => Unreadable::Io(error),
        other => Unreadable::NoRegister(other.to_string()),
    };
    let mut workbook = Xlsx::new(BufReader::new(File::open(path)?)).map_err(no_workbook)?;
    let mut columns = BTreeSet::new();
    let mut records = Vec::new();
    let mut found = false;
    for name in workbook.sheet_names() {
        let Some(sheet) = Sheet::named(&name) else { continue };
        found = true;
        let range = workbook.worksheet_range(&name).map_err(no_workbook)?;
        rows(sheet, &range, &mut columns, &mut records);
    }
    if !found {
        let reason = "it has no sheet «Реестр» or «Краткий» (Register, Brief)";
        return Err(Unreadable::NoRegister(reason.to_owned()));
    }
    Ok(RegisterFile::new(columns, records))
}

/// The rows below the titles, up to the empty row that sets the totals apart.
fn rows(sheet: Sheet, range: &Range<Data>, columns: &mut BTreeSet<&'static str>, records: &mut Vec<Record>) {
    let mut rows = range.rows().skip_while(|row| is_empty(row));
    let Some(titles) = rows.next() else { return };
    let ids: Vec<Option<&'static str>> = titles.iter().map(|title| sheet.column(&text(title))).collect();
    columns.extend(ids.iter().flatten());
    for row in rows.take_while(|row| !is_empty(row)) {
        let cells = ids.iter().zip(row);
        records.push(Record::of(cells.filter_map(|(id, cell)| Some(((*id)?, text(cell))))));
    }
}

fn is_empty(row: &[Data]) -> bool {
    row.iter().all(|cell| text(cell).is_empty())
}

/// A cell as the text of its value. The shortest text of a double is the number that was written.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::DateTime(moment) => day(moment.as_f64()),
        other => other.to_string(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "days of a calendar are small whole numbers")]
fn day(serial: f64) -> String {
    let day = DAY_ZERO.checked_add((serial.floor() as i64).days());
    day.map_or_else(|_| serial.to_string(), |day| day.to_string())
}
