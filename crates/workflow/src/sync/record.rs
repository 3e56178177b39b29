//! A row of a business system, as text.

use std::sync::Arc;

/// One row of a source: text by column, and where it stands.
///
/// Everything is text, spelled as the source spells it: numbers keep their digits, an empty cell and a null are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    line: u64,
    columns: Arc<[String]>,
    values: Vec<Option<String>>,
    cursor: Option<String>,
}

impl Record {
    /// A row with a value (or none) for each of `columns`; missing ones at the end count as none.
    #[must_use]
    pub fn new(line: u64, columns: Arc<[String]>, mut values: Vec<Option<String>>) -> Self {
        values.resize(columns.len(), None);
        Self { line, columns, values, cursor: None }
    }

    /// The same row, standing at `cursor`.
    #[must_use]
    pub fn at_cursor(self, cursor: Option<String>) -> Self {
        Self { cursor, ..self }
    }

    /// Where the row stands in the order of changes, in the spelling of [`compare_cursors`]; none when the source has no
    /// cursor column or the row no value in it.
    ///
    /// [`compare_cursors`]: crate::sync::source::compare_cursors
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Line of the file (the header is line 1), or number of the row of a query, counted from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The value of a column; none when it is empty or there is no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|name| name == column)?;
        self.values[place].as_deref()
    }

    /// The columns, in the order of the source.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}
