//! A person is erased from the journal.

mod search;

use rusqlite::{Transaction, params};
use serde::Serialize;

use super::{Journal, JournalError, list};
use search::Found;

use crate::person::Person;

/// What the journal holds of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// Keys of the records.
    pub keys: Vec<String>,
    /// Contacts of the portal: they are not touched there.
    pub contacts: Vec<u64>,
    /// Deals of the portal: they are not touched there.
    pub deals: Vec<u64>,
    /// Planned records with personal data.
    pub entries: u64,
    /// Values before and after.
    pub changes: u64,
    /// Rejected rows.
    pub rejects: u64,
    /// Identities by which contacts are found again.
    pub identities: u64,
    /// Other texts that name the person: why a record waits, why a run stopped, what is known of the portal's fields.
    pub texts: u64,
}

const DOING: &str = "write the journal anew without the person";

impl Trace {
    /// Whether there is nothing to erase.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries + self.changes + self.rejects + self.identities + self.texts == 0
    }
}

impl Journal {
    /// Lists what the journal holds of a person.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn trace(&self, person: &Person) -> Result<Trace, JournalError> {
        self.read("look for a person", |transaction| {
            search::find(transaction, person).map(|found| found.trace)
        })
    }

    /// Erases what the journal holds of a person; keys, numbers of deals and outcomes stay, so that nothing is created
    /// a second time. Afterwards the file is written anew. Gives what was erased.
    ///
    /// # Errors
    /// The journal cannot be written, or a reader keeps its old state alive.
    pub fn erase(&self, person: &Person) -> Result<Trace, JournalError> {
        // A reader of the old state is told before anything is erased, not when the second attempt would find nothing.
        self.empty_log()?;
        let trace = self.write("erase a person", |transaction| {
            let found = search::find(transaction, person)?;
            erase(transaction, &found)?;
            Ok(found.trace)
        })?;
        self.write_anew()?;
        Ok(trace)
    }

    /// Leaves no erased text in free pages, in pages that were moved, and in the write-ahead log.
    fn write_anew(&self) -> Result<(), JournalError> {
        self.connection().execute_batch("VACUUM").map_err(|source| self.failed(DOING, source))?;
        self.empty_log()
    }

    fn empty_log(&self) -> Result<(), JournalError> {
        let failed = |source| self.failed(DOING, source);
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_held: bool = self.connection().query_row(sql, [], |row| row.get(0)).map_err(failed)?;
        if is_held {
            let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
            return Err(failed(rusqlite::Error::SqliteFailure(busy, None)));
        }
        Ok(())
    }
}

/// A contact that was created for a record is known by the record's key instead of the person's hash, once a key.
pub(super) const ANONYMOUS: &str = "UPDATE OR IGNORE identities SET identity = 'record ' || key";

fn erase(transaction: &Transaction<'_>, found: &Found) -> rusqlite::Result<()> {
    let (keys, contacts) = (list(&found.trace.keys)?, list(&found.trace.contacts)?);
    let identities = list(&Vec::from_iter(&found.identities))?;
    transaction.execute(
        "UPDATE entries SET body = NULL, outcome = coalesce(outcome, 'skipped')
         WHERE key IN (SELECT value FROM json_each(?1))",
        [&keys],
    )?;
    transaction.execute("DELETE FROM imprints WHERE key IN (SELECT value FROM json_each(?1))", [&keys])?;
    transaction
        .execute(&format!("DELETE FROM changes WHERE {}", search::CHANGES), params![keys, contacts])?;
    transaction
        .execute(&format!("{ANONYMOUS} WHERE {}", search::IDENTITIES), params![keys, contacts, identities])?;
    transaction.execute(
        &format!("DELETE FROM identities WHERE {}", search::IDENTITIES),
        params![keys, contacts, identities],
    )?;
    let listed = "IN (SELECT value FROM json_each(?1))";
    transaction.execute(
        &format!("DELETE FROM rejects WHERE id {listed}"),
        [list(&Vec::from_iter(&found.rejects))?],
    )?;
    transaction.execute(
        &format!("UPDATE runs SET reason = NULL WHERE id {listed}"),
        [list(&Vec::from_iter(&found.runs))?],
    )?;
    transaction
        .execute(&format!("DELETE FROM facts WHERE name {listed}"), [list(&Vec::from_iter(&found.facts))?])?;
    for (source, place) in &found.waiting {
        transaction
            .execute("UPDATE retries SET reason = '' WHERE source = ?1 AND place = ?2", [source, place])?;
    }
    Ok(())
}
