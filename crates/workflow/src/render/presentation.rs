//! How a register is shown: what the person who asked for it may choose.

use super::columns::{self, Columns};
use crate::Error;

/// The sheets of a workbook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// Register, product rows, totals with charts, problems, facts of the run.
    #[default]
    Register,
    /// The two sheets of an earlier system, with problems and facts.
    Brief,
}

/// The language of labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// Russian.
    #[default]
    Russian,
    /// English.
    English,
}

/// The kinds of CSV.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CsvProfile {
    /// UTF-8, commas, decimal points, ISO dates, stable column ids.
    #[default]
    Machine,
    /// What a Russian Excel opens by a double click: UTF-8 with a mark, semicolons, decimal commas, `dd.mm.yyyy`, CRLF.
    RuExcel,
    /// The same in the Windows encoding of Russian, for older programs.
    Cp1251,
}

/// What may be chosen.
#[derive(Debug, Clone)]
pub struct Presentation {
    /// The sheets of a workbook.
    pub layout: Layout,
    /// The language of labels.
    pub language: Language,
    /// The kind of CSV.
    pub csv: CsvProfile,
    pub(super) columns: Columns,
    pub(super) sheet_rows: u32,
}

/// Rows that a sheet holds, its titles included.
const SHEET_ROWS: u32 = 1_048_576;

impl Default for Presentation {
    fn default() -> Self {
        Self {
            layout: Layout::default(),
            language: Language::default(),
            csv: CsvProfile::default(),
            columns: Columns::default(),
            sheet_rows: SHEET_ROWS,
        }
    }
}

impl Presentation {
    /// This layout, language and kind of CSV.
    #[must_use]
    pub fn new(layout: Layout, language: Language, csv: CsvProfile) -> Self {
        Self { layout, language, csv, ..Self::default() }
    }

    /// Shows these columns of the register, in this order, in workbooks of the layout `register` and in CSV for people.
    ///
    /// # Errors
    /// When an id is not one of [`Presentation::column_ids`].
    pub fn columns<T: AsRef<str>>(self, ids: &[T]) -> Result<Self, Error> {
        Ok(Self { columns: Columns::chosen(ids)?, ..self })
    }

    /// Goes on in a next sheet after this many rows instead of the most a sheet holds.
    #[must_use]
    pub fn sheet_rows(self, rows: u32) -> Self {
        Self { sheet_rows: rows.clamp(8, SHEET_ROWS), ..self }
    }

    /// The ids of the columns there are.
    pub fn column_ids() -> impl Iterator<Item = &'static str> {
        columns::ALL.iter().map(|column| column.id)
    }
}

/// A label in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(pub(super) &'static str, pub(super) &'static str);

impl Label {
    pub(super) fn of(self, language: Language) -> &'static str {
        match language {
            Language::Russian => self.0,
            Language::English => self.1,
        }
    }
}
