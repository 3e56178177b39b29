//! What is removed leaves the file, not only the answers.

use std::collections::HashSet;

use rusqlite::params;

use super::ingest::{drop_orphans, take_chunks};
use super::words;
use super::{Scope, Store};
use crate::error::Error;

impl Store {
    /// Removes every document of the scope with what belongs to it, and its traces. Says how many documents.
    ///
    /// # Errors
    /// The file fails.
    pub fn purge(&self, scope: &Scope) -> Result<u64, Error> {
        let gone = self.write("purge documents", |transaction| {
            let filter = "WHERE (?1 IS NULL OR collection = ?1) AND (?2 IS NULL OR source = ?2)";
            let key = params![scope.collection, scope.source];
            let documents: Vec<i64> = transaction
                .prepare(&format!("SELECT id FROM documents {filter}"))?
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
        })?;
        self.scrub()?;
        Ok(gone)
    }

    /// Erases what deletions leave behind: a deleted document is found no more, but its words stay in the full-text
    /// index until parts of that are merged, its pages in the log of the file until that is taken over, and codes of its
    /// vectors beside the file. Takes seconds for 100,000 documents, so it is called once after many deletions.
    ///
    /// # Errors
    /// The file fails, or the index beside it cannot be removed.
    pub fn scrub(&self) -> Result<(), Error> {
        self.drop_index()?;
        self.write("erase what is left of deleted documents", |transaction| {
            transaction.execute("INSERT INTO words (words) VALUES ('optimize')", []).map(drop)
        })?;
        let connection = self.connection();
        // Another process that reads keeps the log from being emptied; it will be when that is done.
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|source| Error::store("erase what is left of deleted documents", source))
    }
}
