//! How far each source has been read.
//!
//! A cursor moves only when a run went to its end over everything its source gave: then each row is committed,
//! rejected, or queued by its key. A run that stops, or that is told to take a part, moves nothing: what it wrote is
//! found again by key.

use std::cmp::Ordering;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Journal, JournalError, RunId, instant};

/// How far a source has been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cursor {
    /// Name of the source.
    pub source: String,
    /// Value of the cursor column.
    pub value: String,
    /// The run that moved it; none when it was set by hand.
    pub run: Option<RunId>,
    /// When.
    pub at: Timestamp,
}

impl Journal {
    /// How far a source has been read.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn cursor(&self, source: &str) -> Result<Option<Cursor>, JournalError> {
        self.read("read how far the source was read", |transaction| {
            transaction
                .prepare_cached("SELECT source, value, run, at FROM cursors WHERE source = ?1")?
                .query_row([source], stored)
                .optional()
        })
    }

    /// How far every source has been read.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn cursors(&self) -> Result<Vec<Cursor>, JournalError> {
        self.read("read how far the sources were read", |transaction| {
            transaction
                .prepare_cached("SELECT source, value, run, at FROM cursors ORDER BY source")?
                .query_map([], stored)?
                .collect()
        })
    }

    /// Sets how far a source has been read; none lets the next run read everything.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn set_cursor(
        &self,
        source: &str,
        value: Option<&str>,
        run: Option<RunId>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.write("note how far the source was read", |transaction| {
            match value {
                None => transaction.execute("DELETE FROM cursors WHERE source = ?1", [source]),
                Some(value) => transaction.execute(
                    "INSERT INTO cursors (source, value, run, at) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (source) DO UPDATE SET value = excluded.value, run = excluded.run, at = excluded.at",
                    params![source, value, run, now.as_millisecond()],
                ),
            }
            .map(drop)
        })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Cursor> {
    Ok(Cursor { source: row.get(0)?, value: row.get(1)?, run: row.get(2)?, at: instant(row.get(3)?) })
}

/// Numbers by value, everything else as text: times of one spelling are in order as texts.
pub(crate) fn compare(one: &str, other: &str) -> Ordering {
    match (one.parse::<Decimal>(), other.parse::<Decimal>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        _ => one.cmp(other),
    }
}
