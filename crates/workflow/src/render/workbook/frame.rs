//! Everything of the workbook but the data of its large sheets.

use jiff::Timestamp;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Table, TableColumn, TableStyle, Workbook, Worksheet, XlsxError,
};

use super::looks::Looks;
use super::{about, page, totals};
use crate::Register;
use crate::render::labels;
use crate::render::presentation::{Label, Language, Layout, Presentation};
use crate::render::sheet::{SheetRows, sheet_name};

/// How many sheets the frame of an empty register has up to the last large one.
pub(super) const HEADS: usize = 4;
/// The same of the layout `brief`.
pub(super) const HEADS_BRIEF: usize = 3;

/// A workbook whose large sheets are stubs.
pub(super) struct Frame<'a> {
    pub(super) looks: &'a Looks,
    pub(super) shown: &'a Presentation,
    pub(super) now: Timestamp,
    /// None before the register is made; the stubs then say how the large sheets begin.
    pub(super) finished: Option<Finished<'a>>,
}

/// A finished register.
pub(super) struct Finished<'a> {
    pub(super) register: &'a Register,
    pub(super) register_rows: &'a [SheetRows],
    pub(super) line_rows: &'a [SheetRows],
    pub(super) problem_rows: &'a [SheetRows],
    /// How many problems each responsible person has.
    pub(super) people: &'a [(Option<String>, u64)],
}

/// The large sheets of one kind.
struct Kind<'a> {
    name: Label,
    /// Name of the tables; none where the earlier system had none.
    table: Option<&'static str>,
    /// Narrow columns in front.
    margin: u16,
    columns: Vec<(Label, f64)>,
    printed: u16,
    rows: &'a [SheetRows],
}

const NO_ROWS: &[SheetRows] = &[SheetRows { first: 1, end: 1 }];
const NO_ROWS_BRIEF: &[SheetRows] = &[SheetRows { first: 2, end: 2 }];
/// Width of the margin of the layout `brief`.
const MARGIN: f64 = 3.0;

impl Frame<'_> {
    pub(super) fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_timestamp(self.now.as_second())?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let [register, lines, problems] = match self.shown.layout {
            Layout::Register => self.kinds(),
            Layout::Brief => self.brief_kinds(),
        };
        self.large(&mut book, &register)?;
        self.large(&mut book, &lines)?;
        if self.shown.layout == Layout::Register {
            self.small(&mut book, labels::SHEET_TOTALS, |frame, sheet, finished| {
                totals::write(sheet, finished.register, frame.shown.language)
            })?;
        }
        self.large(&mut book, &problems)?;
        self.small(&mut book, labels::SHEET_ABOUT, |frame, sheet, finished| {
            about::write(sheet, frame, finished)
        })?;
        book.save_to_buffer()
    }

    fn kinds(&self) -> [Kind<'_>; 3] {
        let [register_rows, line_rows, problem_rows] = match &self.finished {
            Some(finished) => [finished.register_rows, finished.line_rows, finished.problem_rows],
            None => [NO_ROWS; 3],
        };
        let columns = self.shown.columns.iter().map(|column| (column.title, column.width));
        [
            Kind {
                name: labels::SHEET_REGISTER,
                table: Some("Register"),
                margin: 0,
                columns: columns.chain([(labels::TOTAL_GROUP, 9.0)]).collect(),
                printed: u16::try_from(self.shown.columns.printed).unwrap_or(u16::MAX),
                rows: register_rows,
            },
            Kind {
                name: labels::SHEET_LINES,
                table: Some("Rows"),
                margin: 0,
                columns: labels::LINE_COLUMNS.to_vec(),
                printed: labels::LINE_COLUMNS_PRINTED,
                rows: line_rows,
            },
            problems(problem_rows),
        ]
    }

    fn brief_kinds(&self) -> [Kind<'_>; 3] {
        let [brief_rows, full_rows, problem_rows] = match &self.finished {
            Some(finished) => [finished.register_rows, finished.line_rows, finished.problem_rows],
            None => [NO_ROWS_BRIEF, NO_ROWS_BRIEF, NO_ROWS],
        };
        let kind = |name, columns: [(Label, f64); 8], rows| Kind {
            name,
            table: None,
            margin: 1,
            printed: 9,
            columns: columns.to_vec(),
            rows,
        };
        [
            kind(labels::SHEET_BRIEF, labels::BRIEF_COLUMNS, brief_rows),
            kind(labels::SHEET_FULL, labels::FULL_COLUMNS, full_rows),
            problems(problem_rows),
        ]
    }

    fn large(&self, book: &mut Workbook, kind: &Kind<'_>) -> Result<(), XlsxError> {
        let language = self.shown.language;
        for (number, rows) in kind.rows.iter().enumerate() {
            let first_of_all = book.worksheets().is_empty();
            let sheet = book.add_worksheet().set_name(sheet_name(kind.name.of(language), number))?;
            if first_of_all {
                self.looks.palette().template(sheet)?;
            }
            page::set_up(sheet, rows.first)?;
            for column in 0..kind.margin {
                sheet.set_column_width(column, MARGIN)?;
            }
            for (column, (_, width)) in (kind.margin..).zip(&kind.columns) {
                sheet.set_column_width(column, *width)?;
            }
            if let Some(name) = kind.table {
                let name = format!("{name}{}", number + 1);
                tabulate(sheet, &name, &kind.columns, rows.first, language)?;
            }
            if let Some(finished) = &self.finished {
                self.print(sheet, finished, kind, number)?;
            }
        }
        Ok(())
    }

    /// The printed columns, and above and below each page what they show.
    fn print(
        &self,
        sheet: &mut Worksheet,
        finished: &Finished<'_>,
        kind: &Kind<'_>,
        number: usize,
    ) -> Result<(), XlsxError> {
        let rows = kind.rows[number];
        // Below the register stand its totals.
        let below = match kind.name {
            labels::SHEET_REGISTER if number + 1 == kind.rows.len() => {
                u32::try_from(finished.register.totals.len()).unwrap_or(0) + 2
            }
            labels::SHEET_BRIEF if number + 1 == kind.rows.len() => {
                u32::try_from(finished.register.group_totals.len()).unwrap_or(0) * 6
            }
            _ => 0,
        };
        let last = (rows.end.max(rows.first + 1) - 1 + below).min(1_048_575);
        sheet.set_print_area(0, 0, last, kind.printed.saturating_sub(1))?;
        let language = self.shown.language;
        page::set_titles(sheet, &about::title(finished.register, language), about::nature(language));
        Ok(())
    }

    fn small(
        &self,
        book: &mut Workbook,
        name: Label,
        write: impl FnOnce(&Self, &mut Worksheet, &Finished<'_>) -> Result<(), XlsxError>,
    ) -> Result<(), XlsxError> {
        let language = self.shown.language;
        let sheet = book.add_worksheet().set_name(name.of(language))?;
        page::set_up(sheet, 1)?;
        let Some(finished) = &self.finished else { return Ok(()) };
        page::set_titles(sheet, &about::title(finished.register, language), about::nature(language));
        write(self, sheet, finished)
    }
}

fn problems(rows: &[SheetRows]) -> Kind<'_> {
    Kind {
        name: labels::SHEET_PROBLEMS,
        table: Some("Problems"),
        margin: 0,
        columns: labels::PROBLEM_COLUMNS.to_vec(),
        printed: labels::PROBLEM_COLUMNS_PRINTED,
        rows,
    }
}

/// Makes a table of a stub's titles and one row: the library keeps a record of every cell of a table, so its range is set
/// afterwards.
fn tabulate(
    sheet: &mut Worksheet,
    name: &str,
    columns: &[(Label, f64)],
    first: u32,
    language: Language,
) -> Result<(), XlsxError> {
    let titles: Vec<TableColumn> =
        columns.iter().map(|(title, _)| TableColumn::new().set_header(title.of(language))).collect();
    let table =
        Table::new().set_name(name).set_style(TableStyle::None).set_banded_rows(false).set_columns(&titles);
    let last = u16::try_from(columns.len() - 1).unwrap_or(u16::MAX);
    sheet.add_table(first - 1, 0, first, last, &table)?;
    Ok(())
}
