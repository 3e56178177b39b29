//! Everything of the workbook but the data of its large sheets.

use jiff::Timestamp;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Table, TableColumn, TableStyle, Workbook, Worksheet, XlsxError,
};

use super::looks::Looks;
use super::{about, page, totals};
use crate::Register;
use crate::render::labels;
use crate::render::presentation::{Label, Presentation};
use crate::render::sheet::{SheetRows, sheet_name};

/// How many sheets the frame of an empty register has up to the last large one.
pub(super) const HEADS: usize = 4;

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
    table: &'static str,
    columns: Vec<(Label, f64)>,
    printed: u16,
    rows: &'a [SheetRows],
}

const NO_ROWS: &[SheetRows] = &[SheetRows { first: 1, end: 1 }];

impl Frame<'_> {
    pub(super) fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_timestamp(self.now.as_second())?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let [register, lines, problems] = self.kinds();
        self.large(&mut book, &register)?;
        self.large(&mut book, &lines)?;
        self.small(&mut book, labels::SHEET_TOTALS, |frame, sheet, finished| {
            totals::write(sheet, finished.register, frame.shown.language)
        })?;
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
                table: "Register",
                columns: columns.chain([(labels::TOTAL_GROUP, 9.0)]).collect(),
                printed: u16::try_from(self.shown.columns.printed).unwrap_or(u16::MAX),
                rows: register_rows,
            },
            Kind {
                name: labels::SHEET_LINES,
                table: "Rows",
                columns: labels::LINE_COLUMNS.to_vec(),
                printed: labels::LINE_COLUMNS_PRINTED,
                rows: line_rows,
            },
            Kind {
                name: labels::SHEET_PROBLEMS,
                table: "Problems",
                columns: labels::PROBLEM_COLUMNS.to_vec(),
                printed: labels::PROBLEM_COLUMNS_PRINTED,
                rows: problem_rows,
            },
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
            for (column, (_, width)) in (0..).zip(&kind.columns) {
                sheet.set_column_width(column, *width)?;
            }
            let titles: Vec<TableColumn> = kind
                .columns
                .iter()
                .map(|(title, _)| TableColumn::new().set_header(title.of(language)))
                .collect();
            // One row: the library keeps a record of every cell of a table, so its range is set afterwards.
            let table = Table::new()
                .set_name(format!("{}{}", kind.table, number + 1))
                .set_style(TableStyle::None)
                .set_banded_rows(false)
                .set_columns(&titles);
            let last = u16::try_from(kind.columns.len() - 1).unwrap_or(u16::MAX);
            sheet.add_table(rows.first - 1, 0, rows.first, last, &table)?;
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
        let below = if kind.table == "Register" && number + 1 == kind.rows.len() {
            u32::try_from(finished.register.totals.len()).unwrap_or(0) + 2
        } else {
            0
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
