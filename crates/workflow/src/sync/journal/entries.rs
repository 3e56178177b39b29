//! The plan of a run, on disk: windows of any size come in, pages go out.

use rusqlite::{OptionalExtension as _, params};

use super::{Journal, JournalError, Pen, RecordOutcome, RunId, parsed, signed, unsigned, written};
use crate::sync::Entry;

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
    /// Appends entries to the plan of a run. Rows whose key stands in another row of the same reading are rejected together
    /// with that one, be it planned or put aside.
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
        self.commit(|pen| {
            let mut position = pen.last_position(run)?;
            let mut repeated = Vec::new();
            for (entry, body) in entries.iter().zip(&bodies) {
                let (line, cursor) = (entry.line, entry.cursor.as_deref());
                let Some(twins) = pen.twins(run, source, &entry.key, line)? else {
                    position += 1;
                    let values = params![run, position, entry.key, entry.cursor, body];
                    let sql =
                        "INSERT INTO entries (run, position, key, cursor, body) VALUES (?1, ?2, ?3, ?4, ?5)";
                    pen.execute(sql, values)?;
                    continue;
                };
                pen.refuse_twins(run, source, (&entry.key, line, cursor), &twins, now)?;
                repeated.push(Repeated { key: entry.key.clone(), withdrawn: twins.withdrawn, line });
            }
            Ok(repeated)
        })
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

    /// What a run planned for a record, as long as that is kept.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn planned_for(&self, run: RunId, key: &str) -> Result<Option<Entry>, JournalError> {
        let body: Option<String> = self.read("read planned records", |transaction| {
            let sql = "SELECT body FROM entries WHERE run = ?1 AND key = ?2";
            let found = transaction.prepare_cached(sql)?.query_row(params![run, key], |row| row.get(0));
            Ok(found.optional()?.flatten())
        })?;
        body.map(|body| parsed("a planned record", &body)).transpose()
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

impl Pen<'_> {
    fn last_position(&self, run: RunId) -> Result<i64, JournalError> {
        self.one("SELECT coalesce(max(position), 0) FROM entries WHERE run = ?1", [run], |row| row.get(0))
            .map(Option::unwrap_or_default)
    }
}
