//! What was written: before and after.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::names::words;
use super::{Journal, JournalError, Pen, RunId, instant, parsed, signed, unsigned, written};
use crate::sync::entry::Change;

words! {
    /// What was written to.
    Written {
        /// A deal.
        Deal = "deal",
        /// A contact.
        Contact = "contact",
        /// A comment.
        Comment = "comment",
    }
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The run that wrote it.
    pub run: RunId,
    /// Key of the record.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// What was written to.
    pub entity: Written,
    /// Its number on the portal.
    pub id: u64,
    /// The field with its values; none for what was created.
    pub change: Option<Change>,
}

impl Journal {
    /// What was written for a record, newest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn changes_of(&self, key: &str) -> Result<Vec<Changed>, JournalError> {
        let sql =
            "SELECT run, key, at, entity, entity_id, change FROM changes WHERE key = ?1 ORDER BY id DESC";
        let rows: Vec<Row6> = self.read("read what was written", |transaction| {
            transaction.prepare_cached(sql)?.query_map([key], stored)?.collect()
        })?;
        rows.into_iter().map(changed).collect()
    }

    /// What a run wrote, in order, after so many.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn changes_of_run(&self, run: RunId, skip: u32, limit: u32) -> Result<Vec<Changed>, JournalError> {
        let sql = "SELECT run, key, at, entity, entity_id, change FROM changes WHERE run = ?1
                   ORDER BY id LIMIT ?3 OFFSET ?2";
        let rows: Vec<Row6> = self.read("read what was written", |transaction| {
            transaction.prepare_cached(sql)?.query_map(params![run, skip, limit], stored)?.collect()
        })?;
        rows.into_iter().map(changed).collect()
    }
}

type Row6 = (RunId, String, i64, Written, i64, Option<String>);

fn stored(row: &Row<'_>) -> rusqlite::Result<Row6> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn changed((run, key, at, entity, id, change): Row6) -> Result<Changed, JournalError> {
    let change = change.map(|text| parsed("a change", &text)).transpose()?;
    Ok(Changed { run, key, at: instant(at), entity, id: unsigned(id), change })
}

impl Pen<'_> {
    /// Keeps what was written.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn changed(
        &self,
        run: RunId,
        key: &str,
        (entity, id): (Written, u64),
        change: Option<&Change>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let change = change.map(|change| written("a change", change)).transpose()?;
        self.execute(
            "INSERT INTO changes (run, key, at, entity, entity_id, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![run, key, now.as_millisecond(), entity, signed(id), change],
        )
        .map(drop)
    }
}
