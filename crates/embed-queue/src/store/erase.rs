//! What is removed leaves the file, not only the answers.

use std::collections::HashSet;

use rusqlite::{Transaction, params};

use super::ingest::{drop_orphans, take_chunks};
use super::words;
use super::{Scope, Store};
use crate::error::Error;

/// What stands for a provider's words that were erased.
const ERASED: &str = "erased";

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Documents that are gone.
    pub documents: u64,
    /// Their traces too; otherwise another process reads, and they stay in the log of the file until it is done.
    pub scrubbed: bool,
}

impl Store {
    /// Removes every document of the scopes with what belongs to it, and its traces.
    ///
    /// # Errors
    /// The file fails, or the index beside it cannot be removed.
    pub fn purge(&self, scopes: &[Scope]) -> Result<Purged, Error> {
        let documents = self.write("purge documents", |transaction| {
            let mut gone = 0;
            for scope in scopes {
                gone += purge(transaction, scope)?;
            }
            Ok(gone)
        })?;
        Ok(Purged { documents, scrubbed: self.scrub()? })
    }

    /// Erases what providers said about texts, as far as it fits: some repeat the text that they refuse. Says how many
    /// records of failures had it.
    ///
    /// # Errors
    /// The file fails.
    pub fn blot_failures(&self, fits: &dyn Fn(&str) -> bool) -> Result<u64, Error> {
        self.write("erase words of providers", |transaction| {
            let mut blotted = 0;
            for (select, update) in [
                (
                    "SELECT id, error || coalesce(reason, '') FROM embeddings WHERE error IS NOT NULL",
                    "UPDATE embeddings SET error = ?2, reason = CASE WHEN reason IS NOT NULL THEN ?2 END WHERE id = ?1",
                ),
                (
                    "SELECT name, error FROM lanes WHERE error IS NOT NULL",
                    "UPDATE lanes SET error = ?2 WHERE name = ?1",
                ),
            ] {
                let mut statement = transaction.prepare(select)?;
                let mut rows = statement.query([])?;
                let mut found: Vec<rusqlite::types::Value> = Vec::new();
                while let Some(row) = rows.next()? {
                    if fits(&row.get::<_, String>(1)?) {
                        found.push(row.get(0)?);
                    }
                }
                for key in found {
                    blotted += transaction.execute(update, params![key, ERASED])? as u64;
                }
            }
            Ok(blotted)
        })
    }

    /// Erases what deletions leave behind: a deleted document is found no more, but its words stay in the full-text
    /// index until parts of that are merged, its pages in the log of the file until that is taken over, and codes of its
    /// vectors beside the file. Takes seconds for 100,000 documents, so it is called once after many deletions. Says
    /// whether the log is empty now: another process that reads is waited for, but not for ever.
    ///
    /// # Errors
    /// The file fails, or the index beside it cannot be removed.
    pub fn scrub(&self) -> Result<bool, Error> {
        self.drop_index()?;
        self.write("erase what is left of deleted documents", |transaction| {
            transaction.execute("INSERT INTO words (words) VALUES ('optimize')", []).map(drop)
        })?;
        let connection = self.connection();
        let busy: bool = connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|source| Error::store("erase what is left of deleted documents", source))?;
        Ok(!busy)
    }
}

fn purge(transaction: &Transaction<'_>, scope: &Scope) -> rusqlite::Result<u64> {
    let filter = "WHERE (?1 IS NULL OR collection = ?1) AND (?2 IS NULL OR source = ?2)";
    let key = params![scope.collection, scope.source];
    let documents: Vec<i64> = transaction
        .prepare_cached(&format!("SELECT id FROM documents {filter}"))?
        .query_map(key, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let (mut chunks, mut hashes) = (Vec::new(), HashSet::new());
    for document in documents {
        for (chunk, hash) in take_chunks(transaction, document)? {
            chunks.push(chunk);
            hashes.insert(hash);
        }
    }
    let gone = transaction.execute(&format!("DELETE FROM documents {filter}"), key)?;
    drop_orphans(transaction, &hashes)?;
    words::forget(transaction, chunks.into_iter())?;
    Ok(gone as u64)
}
