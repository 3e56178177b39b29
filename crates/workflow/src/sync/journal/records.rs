//! What is known of each record, and the pen that writes the outcomes of a request in one transaction.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::names::words;
use super::{Journal, JournalError, RunId, instant, list, signed, unsigned};

words! {
    /// What came of a record.
    RecordOutcome {
        /// Its deal was created.
        Created = "created",
        /// Its deal, its contact or its comment was written.
        Updated = "updated",
        /// Everything was as wanted.
        Unchanged = "unchanged",
        /// A rule of the mapping says: leave it.
        Skipped = "skipped",
        /// A person has to decide.
        Conflict = "conflict",
        /// It cannot be synchronised, or the portal refused it.
        Rejected = "rejected",
        /// A look-up or a write has no answer.
        Unknown = "unknown",
        /// Proved not to be executed.
        NotSent = "not-sent",
    }
}

/// What is known of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordState {
    /// External key.
    pub key: String,
    /// Name of the source.
    pub source: String,
    /// Its deal.
    pub deal: Option<u64>,
    /// Its contact.
    pub contact: Option<u64>,
    /// What came of it last.
    pub outcome: RecordOutcome,
    /// Kebab code of the reason, when there is one.
    pub code: Option<String>,
    /// Where it stood in the source.
    pub line: u64,
    /// The run that saw it last.
    pub run: RunId,
    /// When that was.
    pub at: Timestamp,
}

/// Writes several things in one transaction.
#[derive(Debug)]
pub struct Pen<'t> {
    pub(super) transaction: &'t Transaction<'t>,
}

pub(super) const WRITING: &str = "write what came of records";

impl RecordOutcome {
    /// Whether the portal is as the record wants it.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::Unchanged | Self::Skipped)
    }
}

impl Journal {
    /// Writes everything that `work` writes, or nothing.
    ///
    /// # Errors
    /// The journal cannot be written, or `work` fails.
    pub fn commit<T>(
        &self,
        work: impl FnOnce(&Pen<'_>) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let failed = |source| self.failed(WRITING, source);
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let outcome = work(&Pen { transaction: &transaction }).map_err(|error| error.of(&self.path))?;
        transaction.commit().map_err(failed)?;
        Ok(outcome)
    }

    /// What is known of the records with these keys.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn records(&self, keys: &[&str]) -> Result<HashMap<String, RecordState>, JournalError> {
        self.read("read records", |transaction| {
            transaction
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM records WHERE key IN (SELECT value FROM json_each(?1))"
                ))?
                .query_map([list(keys)?], |row| stored(row).map(|record| (record.key.clone(), record)))?
                .collect()
        })
    }

    /// The records of a deal, newest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn records_of_deal(&self, deal: u64) -> Result<Vec<RecordState>, JournalError> {
        self.read("read the records of a deal", |transaction| {
            transaction
                .prepare_cached(&format!("SELECT {COLUMNS} FROM records WHERE deal = ?1 ORDER BY at DESC"))?
                .query_map([signed(deal)], stored)?
                .collect()
        })
    }

    /// The deals that were made or taken over for these records.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn deals_of_records(&self, keys: &[&str]) -> Result<HashMap<String, Vec<u64>>, JournalError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        self.read("read the deals of records", |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT key, deal FROM records WHERE deal IS NOT NULL AND key IN (SELECT value FROM json_each(?1))
                 UNION SELECT key, entity_id FROM changes
                 WHERE entity = 'deal' AND change IS NULL AND key IN (SELECT value FROM json_each(?1))",
            )?;
            let mut deals: HashMap<String, Vec<u64>> = HashMap::new();
            let mut rows = statement.query([list(keys)?])?;
            while let Some(row) = rows.next()? {
                deals.entry(row.get(0)?).or_default().push(unsigned(row.get(1)?));
            }
            Ok(deals)
        })
    }

    /// How many records there are, by what came of them last.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn count_records(&self, source: Option<&str>) -> Result<Vec<(RecordOutcome, u64)>, JournalError> {
        self.read("count records", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT outcome, count(*) FROM records WHERE ?1 IS NULL OR source = ?1
                     GROUP BY outcome ORDER BY outcome",
                )?
                .query_map([source], |row| Ok((row.get(0)?, row.get(1).map(unsigned)?)))?
                .collect()
        })
    }

    /// How many deals are known for a source.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn count_deals(&self, source: &str) -> Result<u64, JournalError> {
        self.read("count the known deals", |transaction| {
            let sql = "SELECT count(DISTINCT deal) FROM records WHERE source = ?1 AND deal IS NOT NULL";
            transaction.prepare_cached(sql)?.query_row([source], |row| row.get(0).map(unsigned))
        })
    }
}

const COLUMNS: &str = "key, source, deal, contact, outcome, code, line, run, at";

fn stored(row: &Row<'_>) -> rusqlite::Result<RecordState> {
    Ok(RecordState {
        key: row.get(0)?,
        source: row.get(1)?,
        deal: row.get::<_, Option<i64>>(2)?.map(unsigned),
        contact: row.get::<_, Option<i64>>(3)?.map(unsigned),
        outcome: row.get(4)?,
        code: row.get(5)?,
        line: unsigned(row.get(6)?),
        run: row.get(7)?,
        at: instant(row.get(8)?),
    })
}

impl Pen<'_> {
    /// Runs one statement.
    pub(super) fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize, JournalError> {
        let run = || self.transaction.prepare_cached(sql)?.execute(values);
        run().map_err(|source| JournalError::store(WRITING, source))
    }

    /// The first row of an answer.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, JournalError> {
        let run = || self.transaction.prepare_cached(sql)?.query_row(values, read).optional();
        run().map_err(|source| JournalError::store(WRITING, source))
    }

    /// Every row of an answer.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, JournalError> {
        let run = || self.transaction.prepare_cached(sql)?.query_map(values, read)?.collect::<Result<_, _>>();
        run().map_err(|source| JournalError::store(WRITING, source))
    }

    /// What came of a row that never was planned. What is known of its deal stays.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn unplanned(
        &self,
        run: RunId,
        source: &str,
        (key, line): (&str, u64),
        (outcome, code): (RecordOutcome, &str),
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.record(&RecordState {
            key: key.to_owned(),
            source: source.to_owned(),
            deal: None,
            contact: None,
            outcome,
            code: Some(code.to_owned()),
            line,
            run,
            at: now,
        })
    }

    /// What came of a record. An unknown deal or contact does not replace a known one. A good outcome of a run that knows
    /// its source ends what was put aside or waits for the record.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn record(&self, record: &RecordState) -> Result<(), JournalError> {
        self.execute(
            "INSERT INTO records (key, source, deal, contact, outcome, code, line, run, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (key) DO UPDATE SET source = excluded.source,
                 deal = coalesce(excluded.deal, deal), contact = coalesce(excluded.contact, contact),
                 outcome = excluded.outcome, code = excluded.code, line = excluded.line, run = excluded.run, at = excluded.at",
            params![
                record.key,
                record.source,
                record.deal.map(signed),
                record.contact.map(signed),
                record.outcome,
                record.code,
                signed(record.line),
                record.run,
                record.at.as_millisecond()
            ],
        )?;
        self.execute(
            "UPDATE entries SET outcome = ?3 WHERE run = ?1 AND key = ?2",
            params![record.run, record.key, record.outcome],
        )?;
        if !record.outcome.is_good() {
            return Ok(());
        }
        if !self.knows_source(record.run)? {
            let sql = "DELETE FROM rejects WHERE key = ?1 AND first_run = ?2";
            return self.execute(sql, params![record.key, record.run]).map(drop);
        }
        self.execute("DELETE FROM rejects WHERE key = ?1", [&record.key])?;
        self.execute("DELETE FROM retries WHERE key = ?1", [&record.key]).map(drop)
    }
}
