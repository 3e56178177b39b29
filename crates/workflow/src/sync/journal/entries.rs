//! The plan of a run, on disk: windows of any size come in, pages go out.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::rejects::keep_reject;
use super::{Journal, JournalError, NewReject, RecordOutcome, RunId, parsed, signed, unsigned, written};
use crate::sync::{Entry, Reject};

/// A planned entry where it stands in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// Place in the plan, from 1.
    pub position: u64,
    /// What came of it, if anything did yet.
    pub outcome: Option<RecordOutcome>,
    /// What is planned.
    pub entry: Entry,
}

/// A key that stands in two rows of a source: neither is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// The key.
    pub key: String,
    /// The entry that was planned first; it is withdrawn. None when the key was withdrawn before.
    pub withdrawn: Option<Entry>,
    /// Line of the row that came later.
    pub line: u64,
}

impl Journal {
    /// Appends entries to the plan of a run. Rows whose key is planned already are rejected together with the first.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn spool(
        &self,
        run: RunId,
        source: &str,
        entries: &[Entry],
        now: jiff::Timestamp,
    ) -> Result<Vec<Repeated>, JournalError> {
        let bodies: Vec<String> =
            entries.iter().map(|entry| written("a planned record", entry)).collect::<Result<_, _>>()?;
        let found = self.write("keep planned records", |transaction| {
            let mut position: i64 = transaction
                .prepare_cached("SELECT coalesce(max(position), 0) FROM entries WHERE run = ?1")?
                .query_row([run], |row| row.get(0))?;
            let mut repeated = Vec::new();
            for (entry, body) in entries.iter().zip(&bodies) {
                position += 1;
                let stored = transaction
                    .prepare_cached(
                        "INSERT INTO entries (run, position, key, cursor, body) VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT (run, key) DO NOTHING",
                    )?
                    .execute(params![run, position, entry.key, entry.cursor, body])?;
                if stored == 0 {
                    let first = withdraw(transaction, run, &entry.key)?;
                    repeated.push((entry, first));
                }
            }
            Ok(repeated)
        })?;
        let mut repeated = Vec::with_capacity(found.len());
        for (entry, first) in found {
            let withdrawn: Option<Entry> = first.map(|body| parsed("a planned record", &body)).transpose()?;
            self.commit(|pen| {
                if let Some(first) = &withdrawn {
                    keep_reject(pen, run, source, &twice(first, entry.line), now)?;
                }
                let other = withdrawn.as_ref().map_or(0, |first| first.line);
                keep_reject(pen, run, source, &twice(entry, other), now)
            })?;
            repeated.push(Repeated { key: entry.key.clone(), withdrawn, line: entry.line });
        }
        Ok(repeated)
    }

    /// Entries of a plan in its order, those after `after`.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn planned(&self, run: RunId, after: u64, limit: u32) -> Result<Vec<Spooled>, JournalError> {
        self.entries(run, after, limit, "body IS NOT NULL")
    }

    /// Entries of a plan without an outcome, in its order, those after `after`.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn pending(&self, run: RunId, after: u64, limit: u32) -> Result<Vec<Spooled>, JournalError> {
        self.entries(run, after, limit, "outcome IS NULL AND body IS NOT NULL")
    }

    fn entries(&self, run: RunId, after: u64, limit: u32, which: &str) -> Result<Vec<Spooled>, JournalError> {
        let rows: Vec<(i64, Option<RecordOutcome>, String)> =
            self.read("read planned records", |transaction| {
                transaction
                    .prepare_cached(&format!(
                        "SELECT position, outcome, body FROM entries
                         WHERE run = ?1 AND position > ?2 AND {which} ORDER BY position LIMIT ?3"
                    ))?
                    .query_map(params![run, signed(after), limit], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    })?
                    .collect()
            })?;
        rows.into_iter()
            .map(|(position, outcome, body)| {
                let entry = parsed("a planned record", &body)?;
                Ok(Spooled { position: unsigned(position), outcome, entry })
            })
            .collect()
    }

    /// Puts entries that were judged again in the place of the planned ones, as far as these have no outcome yet.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn replan(&self, run: RunId, entries: &[Entry]) -> Result<(), JournalError> {
        let bodies: Vec<String> =
            entries.iter().map(|entry| written("a planned record", entry)).collect::<Result<_, _>>()?;
        self.write("keep planned records", |transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE entries SET body = ?3 WHERE run = ?1 AND key = ?2 AND outcome IS NULL",
            )?;
            for (entry, body) in entries.iter().zip(&bodies) {
                statement.execute(params![run, entry.key, body])?;
            }
            Ok(())
        })
    }

    /// How many entries of a plan have which outcome; none for those without one yet.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn count_outcomes(&self, run: RunId) -> Result<Vec<(Option<RecordOutcome>, u64)>, JournalError> {
        self.read("count planned records", |transaction| {
            transaction
                .prepare_cached("SELECT outcome, count(*) FROM entries WHERE run = ?1 GROUP BY outcome")?
                .query_map([run], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?
                .collect()
        })
    }
}

/// Takes the first entry of a repeated key out of the plan, and gives its body when it was not taken out before.
fn withdraw(transaction: &Transaction<'_>, run: RunId, key: &str) -> rusqlite::Result<Option<String>> {
    transaction
        .prepare_cached(
            "UPDATE entries SET outcome = ?3 WHERE run = ?1 AND key = ?2 AND outcome IS NULL RETURNING body",
        )?
        .query_row(params![run, key, RecordOutcome::Rejected], |row| row.get(0))
        .optional()
        .map(Option::flatten)
}

fn twice(entry: &Entry, other: u64) -> NewReject {
    let message = if other == 0 {
        "the key stands in several rows".to_owned()
    } else {
        format!("the key stands in line {other}, too")
    };
    NewReject {
        reject: Reject {
            code: "sync.key-duplicate".to_owned(),
            key: Some(entry.key.clone()),
            line: entry.line,
            field: None,
            value: None,
            message,
            hint: "make the source give one row per key: aggregate what multiplies its rows".to_owned(),
        },
        cursor: entry.cursor.clone(),
        row: None,
    }
}
