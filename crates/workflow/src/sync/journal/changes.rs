//! What was written: before and after.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::names::words;
use super::{Journal, JournalError, Pen, RunId, instant, list, parsed, signed, unsigned, written};
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
        /// A lead.
        Lead = "lead",
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

/// What a run has written for a record so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The deal it created.
    pub deal: Option<u64>,
    /// The contact it created.
    pub contact: Option<u64>,
    /// Whether it changed the deal.
    pub deal_changed: bool,
    /// Whether it changed the contact.
    pub contact_changed: bool,
    /// Whether it changed the lead.
    pub lead_changed: bool,
}

impl Journal {
    /// What a run has written for these records so far.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn progress(&self, run: RunId, keys: &[&str]) -> Result<HashMap<String, Progress>, JournalError> {
        self.read("read what was written", |transaction| {
            let mut progress: HashMap<String, Progress> = HashMap::new();
            let mut statement = transaction.prepare_cached(
                "SELECT key, entity, entity_id, change IS NULL FROM changes
                 WHERE key IN (SELECT value FROM json_each(?1)) AND run = ?2",
            )?;
            let mut rows = statement.query(params![list(keys)?, run])?;
            while let Some(row) = rows.next()? {
                let (entity, id): (Written, i64) = (row.get(1)?, row.get(2)?);
                let of_record = progress.entry(row.get(0)?).or_default();
                match (entity, row.get(3)?) {
                    (Written::Deal, true) => of_record.deal = Some(unsigned(id)),
                    (Written::Deal, false) => of_record.deal_changed = true,
                    (Written::Contact, true) => of_record.contact = Some(unsigned(id)),
                    (Written::Contact, false) => of_record.contact_changed = true,
                    (Written::Lead, _) => of_record.lead_changed = true,
                    (Written::Comment, _) => {}
                }
            }
            Ok(progress)
        })
    }

    /// How much a run wrote: what, whether it was created, how often.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn count_changes(&self, run: RunId) -> Result<Vec<(Written, bool, u64)>, JournalError> {
        self.read("count what was written", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT entity, change IS NULL, count(DISTINCT entity_id || ' ' || CASE entity WHEN 'comment'
                         THEN id ELSE '' END)
                     FROM changes WHERE run = ?1 GROUP BY 1, 2",
                )?
                .query_map([run], |row| Ok((row.get(0)?, row.get(1)?, unsigned(row.get(2)?))))?
                .collect()
        })
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
