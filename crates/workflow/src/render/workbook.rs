//! The register as a workbook: register, totals, problems and what the run was.
//!
//! The register and the problems are written row by row in constant memory; the other two sheets are small.

mod about;
mod columns;
mod looks;
mod totals;

use std::fmt;

use jiff::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use self::columns::{COLUMNS, Cell};
use self::looks::Looks;
use super::cell::{self, Held, Place};
use super::labels;
use crate::output::OutputFile;
use crate::register::texts::{CELL_PRECISION, CELL_TEXT_CUT};
use crate::register::{RegisterRow, RowProblem, RowStatus};
use crate::{Error, Register};

const REGISTER: usize = 0;
const TOTALS: usize = 1;
const PROBLEMS: usize = 2;
const ABOUT: usize = 3;

/// Writes the rows as a workbook.
pub(super) struct WorkbookRenderer {
    workbook: Workbook,
    looks: Looks,
    output: OutputFile,
    now: Timestamp,
    rows: u32,
    problems: u32,
}

impl fmt::Debug for WorkbookRenderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkbookRenderer").field("output", &self.output).finish_non_exhaustive()
    }
}

impl WorkbookRenderer {
    pub(super) fn new(output: OutputFile, now: Timestamp) -> Result<Self, Error> {
        let mut workbook = Workbook::new();
        let looks = Looks::new();
        prepare(&mut workbook, &looks, now).map_err(Error::Workbook)?;
        Ok(Self { workbook, looks, output, now, rows: 0, problems: 0 })
    }

    pub(super) fn row(&mut self, row: &mut RegisterRow) -> Result<(), Error> {
        if row.status == RowStatus::Undated {
            return self.problem_rows(row).map_err(Error::Workbook);
        }
        self.rows += 1;
        self.register_row(row).and_then(|()| self.problem_rows(row)).map_err(Error::Workbook)
    }

    pub(super) fn finish(mut self, register: &Register) -> Result<OutputFile, Error> {
        self.complete(register).map_err(Error::Workbook)?;
        let written = self.workbook.save_to_writer(self.output.file());
        written.map_err(|error| match error {
            XlsxError::IoError(source) => {
                Error::OutputNotWritable { path: self.output.path().to_owned(), source }
            }
            other => Error::Workbook(other),
        })?;
        Ok(self.output)
    }

    /// Writes the register's row and notes in it what a cell could not hold.
    fn register_row(&mut self, row: &mut RegisterRow) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(REGISTER)?;
        let mut lost = Vec::new();
        for (column, spec) in (0..).zip(&COLUMNS) {
            let format = self.looks.cell(spec.kind, row);
            let place = Place { row: self.rows, column, format };
            let held = match (spec.cell)(row, self.rows) {
                Cell::Empty => {
                    sheet.write_blank(place.row, place.column, format)?;
                    Held::Exactly
                }
                Cell::Number(value) => cell::number(sheet, place, value)?,
                Cell::Text(text) => cell::text(sheet, place, &text)?,
                Cell::Day(day) => {
                    cell::day(sheet, place, day)?;
                    Held::Exactly
                }
            };
            if held != Held::Exactly {
                lost.push(cell_problem(held, spec.id));
            }
        }
        row.problems.extend(lost);
        Ok(())
    }

    fn problem_rows(&mut self, row: &RegisterRow) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(PROBLEMS)?;
        for problem in &row.problems {
            self.problems += 1;
            write_problem(sheet, &self.looks, self.problems, row, problem)?;
        }
        Ok(())
    }

    fn complete(&mut self, register: &Register) -> Result<(), XlsxError> {
        let last = columns::last();
        self.workbook.worksheet_from_index(REGISTER)?.autofilter(0, 0, self.rows.max(1), last)?;
        let last = u16::try_from(labels::PROBLEM_COLUMNS.len() - 1).unwrap_or(0);
        self.workbook.worksheet_from_index(PROBLEMS)?.autofilter(0, 0, self.problems.max(1), last)?;
        totals::write(self.workbook.worksheet_from_index(TOTALS)?, &self.looks, &register.totals)?;
        about::write(self.workbook.worksheet_from_index(ABOUT)?, &self.looks, register, self.now)
    }
}

/// Adds the four sheets with their headers and page set-up.
fn prepare(workbook: &mut Workbook, looks: &Looks, now: Timestamp) -> Result<(), XlsxError> {
    let created = ExcelDateTime::from_timestamp(now.as_second())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));

    let sheet = workbook.add_worksheet_with_constant_memory()?.set_name(labels::SHEET_REGISTER)?;
    page(sheet);
    for (column, spec) in (0..).zip(&COLUMNS) {
        sheet.set_column_width(column, spec.width)?;
        sheet.write_string_with_format(0, column, spec.title, looks.header())?;
    }
    let sheet = workbook.add_worksheet().set_name(labels::SHEET_TOTALS)?;
    header(sheet, looks, &labels::TOTALS_COLUMNS)?;
    let sheet = workbook.add_worksheet_with_constant_memory()?.set_name(labels::SHEET_PROBLEMS)?;
    header(sheet, looks, &labels::PROBLEM_COLUMNS)?;
    workbook.add_worksheet().set_name(labels::SHEET_ABOUT)?;
    Ok(())
}

fn header(sheet: &mut Worksheet, looks: &Looks, columns: &[(&str, f64)]) -> Result<(), XlsxError> {
    page(sheet);
    for (column, (title, width)) in (0..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, *title, looks.header())?;
    }
    Ok(())
}

/// A4 landscape, one page wide, the header row frozen and repeated, pages numbered.
fn page(sheet: &mut Worksheet) {
    const A4: u8 = 9;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
    // Row 0 always exists, so neither call can fail.
    let _frozen = sheet.set_freeze_panes(1, 0).is_ok();
    let _repeated = sheet.set_repeat_rows(0, 0).is_ok();
}

fn write_problem(
    sheet: &mut Worksheet,
    looks: &Looks,
    line: u32,
    row: &RegisterRow,
    problem: &RowProblem,
) -> Result<(), XlsxError> {
    let id = row.id.map(|id| id.to_string()).unwrap_or_default();
    let cells = [
        id.as_str(),
        row.number.as_deref().unwrap_or_default(),
        row.counterparty.as_deref().unwrap_or_default(),
        row.responsible.as_deref().unwrap_or_default(),
        labels::severity(problem.severity),
        &problem.russian.0,
        problem.value.as_deref().unwrap_or_default(),
        &problem.russian.1,
        &problem.field,
        row.url.as_deref().unwrap_or_default(),
    ];
    let urgent = matches!(row.status, RowStatus::Rejected | RowStatus::Gap);
    for (column, value) in (0..).zip(cells) {
        cell::text(sheet, Place { row: line, column, format: looks.problem(urgent) }, value)?;
    }
    Ok(())
}

fn cell_problem(held: Held, field: &str) -> RowProblem {
    let (code, message, russian) = match held {
        Held::Cut => (
            CELL_TEXT_CUT,
            "the text is longer than a cell holds and was cut",
            "текст длиннее, чем вмещает ячейка, и обрезан",
        ),
        Held::AsText | Held::Exactly => (
            CELL_PRECISION,
            "the number has more than 15 significant digits and was written as text",
            "в числе больше 15 значащих цифр, оно записано текстом",
        ),
    };
    RowProblem {
        code,
        severity: "warning",
        field: field.to_owned(),
        value: None,
        message: message.to_owned(),
        hint: "take the exact value from the jsonl or csv register".to_owned(),
        russian: (russian.to_owned(), "точное значение есть в реестре jsonl или csv".to_owned()),
    }
}
