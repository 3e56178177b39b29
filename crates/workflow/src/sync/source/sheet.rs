//! A sheet of a workbook, cell by cell.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use calamine::{Cell, DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};
use rust_decimal::Decimal;

use super::outlet::{self, Outlet, Plan, Stop};
use super::query;
use super::settings::wrong;
use super::watch::{self, Watched};
use super::{Guess, Opened, Opening, SourceError, SourceSettings, file};

pub(super) async fn open(
    settings: &SourceSettings,
    opening: &Opening<'_>,
    plan: Plan,
) -> Result<Opened, SourceError> {
    let path = file::path_of(settings, opening);
    let sheet = settings.sheet.clone();
    outlet::open(plan, move |outlet| read(&path, sheet, outlet)).await
}

fn read(path: &Path, sheet: Option<String>, outlet: &mut Outlet) -> Result<(), Stop> {
    let failed = |error| SourceError::from_workbook(path, error);
    let file = Watched::open(path).map_err(|error| watch::failed(path, error))?;
    let mut workbook = Xlsx::new(BufReader::new(file)).map_err(failed)?;
    let sheet = choose(sheet, &workbook.sheet_names(), outlet)?;
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(failed)?;
    let mut rows = Rows { path: path.to_owned(), sheet, heading: None, line: 0, row: Vec::new() };
    while let Some(cell) = cells.next_cell().map_err(failed)? {
        rows.add(&cell, outlet)?;
    }
    rows.end_row(outlet)?;
    if rows.heading.is_none() {
        return Err(Stop::Failed(rows.no_heading("it is empty")));
    }
    drop(cells);
    drop(workbook);
    Ok(())
}

fn choose(wanted: Option<String>, sheets: &[String], outlet: &mut Outlet) -> Result<String, SourceError> {
    let Some(first) = sheets.first() else { return Err(wrong("path", "the workbook has no sheet")) };
    match wanted {
        Some(wanted) if sheets.contains(&wanted) => Ok(wanted),
        Some(wanted) => {
            let known = sheets.join("`, `");
            Err(wrong("sheet", &format!("there is no sheet `{wanted}`; the workbook has `{known}`")))
        }
        None => {
            if sheets.len() > 1 {
                let reason = format!("it is the first of {}", sheets.len());
                outlet.guess(Guess { setting: "sheet", value: first.clone(), reason });
            }
            Ok(first.clone())
        }
    }
}

/// Puts cells into rows.
struct Rows {
    path: PathBuf,
    sheet: String,
    heading: Option<Heading>,
    line: u64,
    row: Vec<(usize, Content)>,
}

/// The columns, and which cell of a row belongs to which.
type Heading = (Arc<[String]>, Vec<Option<usize>>);

type Content = Result<Option<String>, String>;

impl Rows {
    fn add(&mut self, cell: &Cell<DataRef<'_>>, outlet: &mut Outlet) -> Result<(), Stop> {
        let (row, column) = cell.get_position();
        let line = u64::from(row) + 1;
        if line != self.line {
            self.end_row(outlet)?;
            self.line = line;
        }
        let content = content(cell.get_value(), outlet.plan());
        if content != Ok(None) {
            self.row.push((usize::try_from(column).unwrap_or(usize::MAX), content));
        }
        Ok(())
    }

    fn end_row(&mut self, outlet: &mut Outlet) -> Result<(), Stop> {
        let row = std::mem::take(&mut self.row);
        if row.is_empty() {
            return Ok(());
        }
        let Some((columns, places)) = &self.heading else {
            self.heading = Some(self.read_heading(row, outlet)?);
            return Ok(());
        };
        let mut values = vec![None; columns.len()];
        for (index, content) in row {
            let Some(place) = places.get(index).copied().flatten() else { continue };
            match content {
                Ok(text) => {
                    if let Some(value) = values.get_mut(place) {
                        *value = text;
                    }
                }
                Err(reason) => {
                    let column = columns.get(place).map_or("", String::as_str);
                    return outlet.reject(query::malformed(self.line, column, &reason, "correct the cell"));
                }
            }
        }
        if values.iter().all(Option::is_none) {
            return Ok(());
        }
        let columns = Arc::clone(columns);
        outlet.row(self.line, &columns, values)
    }

    /// The first row with anything in it names the columns; cells below nothing are nobody's.
    fn read_heading(&self, row: Vec<(usize, Content)>, outlet: &mut Outlet) -> Result<Heading, SourceError> {
        let mut columns: Vec<String> = Vec::new();
        let mut places = Vec::new();
        for (index, content) in row {
            let name = content.map_err(|reason| self.no_heading(&reason))?.unwrap_or_default();
            let name = name.trim().to_owned();
            if columns.contains(&name) {
                return Err(self.no_heading(&format!("the column `{name}` stands there twice")));
            }
            if places.len() <= index {
                places.resize(index + 1, None);
            }
            if let Some(place) = places.get_mut(index).filter(|_| !name.is_empty()) {
                *place = Some(columns.len());
                columns.push(name);
            }
        }
        outlet.columns(&columns);
        Ok((columns.into(), places))
    }

    fn no_heading(&self, reason: &str) -> SourceError {
        let what = format!("the sheet `{}` of `{}`", self.sheet, self.path.display());
        SourceError::Heading { what, reason: reason.to_owned() }
    }
}

fn content(value: &DataRef<'_>, plan: &Plan) -> Content {
    let text = match value {
        DataRef::Empty => return Ok(None),
        DataRef::Error(error) => return Err(format!("the cell shows the error {error}")),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => plan.spell(number_text(*number)),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => moment_text(moment),
    };
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A cell's number has fifteen digits; what a double has beyond them nobody wrote.
fn number_text(number: f64) -> String {
    let fifteen = format!("{number:.14e}");
    match Decimal::from_scientific(&fifteen) {
        Ok(decimal) => decimal.normalize().to_string(),
        Err(_) => number.to_string(),
    }
}

/// ISO 8601: a date, a date with a time, or a time alone.
fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let number = moment.as_f64();
    match () {
        () if moment.is_duration() => number_text(number),
        () if number < 1.0 => time,
        () if time == "00:00:00" => date,
        () => format!("{date}T{time}"),
    }
}

impl SourceError {
    /// The file's own errors come through the workbook's reader.
    fn from_workbook<E: Into<XlsxError>>(path: &Path, error: E) -> Self {
        match error.into() {
            XlsxError::Io(error) => watch::failed(path, error),
            other => Self::Workbook { path: path.to_owned(), source: Box::new(other) },
        }
    }
}
