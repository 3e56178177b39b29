//! What is removed leaves the file, not only the answers.

use std::collections::HashSet;
use std::time::Duration;

use rusqlite::params;

use super::ingest::{drop_orphans, take_chunks};
use super::words;
use super::{Scope, Store};
use crate::error::Error;

/// Chunks that one transaction removes: the document that it comes to with them is its last, none is removed by halves.
const PORTION: usize = 500;
/// Documents that are looked up for it.
const DOCUMENTS: u32 = 100;
/// Pages of the full-text index, of 4 KB, that one transaction merges.
const PAGES: i64 = 500;
/// Between two transactions, so that others get their turn.
const GAP: Duration = Duration::from_millis(5);

impl Store {
    /// Removes every document of the scope with what belongs to it, and its traces. Says how many documents. They go in
    /// many small transactions: others read and write meanwhile, and when it is interrupted the rest stays.
    ///
    /// # Errors
    /// The file fails.
    pub fn purge(&self, scope: &Scope) -> Result<u64, Error> {
        let mut gone = 0;
        loop {
            let removed = self.purge_some(scope)?;
            if removed == 0 {
                break;
            }
            gone += removed;
            std::thread::sleep(GAP);
        }
        self.scrub()?;
        Ok(gone)
    }

    fn purge_some(&self, scope: &Scope) -> Result<u64, Error> {
        self.write("purge documents", |transaction| {
            let documents: Vec<i64> = transaction
                .prepare_cached(
                    "SELECT id FROM documents WHERE (?1 IS NULL OR collection = ?1) AND (?2 IS NULL OR source = ?2)
                     LIMIT ?3",
                )?
                .query_map(params![scope.collection, scope.source, DOCUMENTS], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let (mut chunks, mut hashes, mut gone) = (Vec::new(), HashSet::new(), 0);
            for document in documents {
                for (chunk, hash) in take_chunks(transaction, document)? {
                    chunks.push(chunk);
                    hashes.insert(hash);
                }
                transaction.prepare_cached("DELETE FROM documents WHERE id = ?1")?.execute([document])?;
                gone += 1;
                if chunks.len() >= PORTION {
                    break;
                }
            }
            drop_orphans(transaction, &hashes)?;
            words::forget(transaction, chunks.into_iter())?;
            Ok(gone)
        })
    }

    /// Erases what deletions leave behind: a deleted document is found no more, but its words stay in the full-text
    /// index until parts of that are merged, its pages in the log of the file until that is taken over, and codes of its
    /// vectors beside the file. Takes seconds for 100,000 documents, so it is called once after many deletions.
    ///
    /// # Errors
    /// The file fails, or the index beside it cannot be removed.
    pub fn scrub(&self) -> Result<(), Error> {
        self.drop_index()?;
        // A negative number begins to merge everything into one part, as `optimize` does at once; positive ones go on.
        let mut pages = -PAGES;
        while self.merge_words(pages)? {
            pages = PAGES;
            std::thread::sleep(GAP);
        }
        let connection = self.connection();
        // Another process that reads keeps the log from being emptied; it will be when that is done.
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|source| Error::store("erase what is left of deleted documents", source))
    }

    /// Says whether there is more to merge: SQLite counts fewer than two changes when nothing was done.
    fn merge_words(&self, pages: i64) -> Result<bool, Error> {
        self.write("erase what is left of deleted documents", |transaction| {
            let changes = || transaction.query_row("SELECT total_changes()", [], |row| row.get::<_, i64>(0));
            let before = changes()?;
            transaction.execute("INSERT INTO words (words, rank) VALUES ('merge', ?1)", [pages])?;
            Ok(changes()? - before >= 2)
        })
    }
}
