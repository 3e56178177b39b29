//! A page of rows as the portal wrote them.

use crate::envelope::Rows;

/// Rows in order, each exactly the text that the portal sent.
#[derive(Debug, Clone)]
pub struct RawPage {
    rows: Rows,
    total: Option<u64>,
}

impl RawPage {
    pub(super) fn new(rows: Rows) -> Self {
        Self { rows, total: None }
    }

    /// The rows, as JSON.
    pub fn rows(&self) -> impl Iterator<Item = &str> {
        self.rows.iter()
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Key of the last row, where the list goes by a key: reading can go on above it.
    #[must_use]
    pub fn last_key(&self) -> Option<u64> {
        self.rows.ends.map(|(_, last)| last)
    }

    /// How many rows match in all, where the portal said so.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    pub(super) fn first_key(&self) -> Option<u64> {
        self.rows.ends.map(|(first, _)| first)
    }

    pub(super) fn rows_read(&self) -> u64 {
        self.len() as u64
    }

    pub(super) fn bytes(&self) -> u64 {
        self.rows.bytes() as u64
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
    }

    /// No list can go on above the keys of these rows.
    pub(super) fn without_keys(&mut self) {
        self.rows.ends = None;
    }

    pub(super) fn counted(&mut self, total: Option<u64>) {
        self.total = total;
    }

    /// Whether these are the rows of another page, told by rows that differ among themselves.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.rows().zip(other.rows()).all(|(one, two)| one == two)
            && self.rows().zip(self.rows().skip(1)).any(|(one, two)| one != two)
    }
}
