//! What is removed leaves the file, not only the answers.

use std::collections::HashSet;
use std::time::Duration;

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::words;
use super::{Scope, Store};
use crate::error::Error;
use crate::hash::Hash;

/// Chunks that one transaction removes; the document that it comes to with them is its last. Those of a document that has
/// more follow it bit by bit.
const PORTION: usize = 500;
/// Documents that are looked up for it.
const DOCUMENTS: usize = 100;
/// Pages of the full-text index, of 4 KB, that one transaction merges.
const PAGES: i64 = 500;
/// Between two transactions, so that others get their turn.
const GAP: Duration = Duration::from_millis(5);

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
    /// Removes a document with its chunks, and every text and vector that no other chunk has. Says whether it existed. Nobody
    /// sees any of it from one moment on; chunks beyond some hundreds follow in small transactions.
    ///
    /// # Errors
    /// The file fails. What is left of a large document then is nobody's, and goes with the next removal or worker.
    pub fn delete(&self, collection: &str, source: &str) -> Result<bool, Error> {
        let (gone, leaving) = self.write("delete a document", |transaction| {
            let id: Option<i64> = transaction
                .prepare_cached("SELECT id FROM documents WHERE collection = ?1 AND source = ?2")?
                .query_row([collection, source], |row| row.get(0))
                .optional()?;
            Ok((remove(transaction, id.as_slice())?, is_leaving(transaction)?))
        })?;
        if leaving {
            self.see_off()?;
        }
        Ok(gone > 0)
    }

    /// Removes every document of the scopes with what belongs to it, and its traces. They go in many small transactions:
    /// others read and write meanwhile, and when it is interrupted the rest stays.
    ///
    /// # Errors
    /// The file fails, or the index beside it cannot be removed.
    pub fn purge(&self, scopes: &[Scope]) -> Result<Purged, Error> {
        let mut documents = 0;
        for scope in scopes {
            loop {
                let (gone, more) = self.write("purge documents", |transaction| purge(transaction, scope))?;
                documents += gone;
                self.see_off()?;
                if !more {
                    break;
                }
                std::thread::sleep(GAP);
            }
        }
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
        self.see_off()?;
        self.drop_index()?;
        // A negative number begins to merge everything into one part, as `optimize` does at once; positive ones go on.
        let mut pages = -PAGES;
        while self.merge_words(pages)? {
            pages = PAGES;
            std::thread::sleep(GAP);
        }
        let connection = self.connection();
        let busy: bool = connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|source| Error::store("erase what is left of deleted documents", source))?;
        Ok(!busy)
    }

    /// Removes the chunks of documents that are no more, also of those that a killed process left.
    pub(crate) fn see_off(&self) -> Result<(), Error> {
        let doing = "remove chunks of a deleted document";
        while self.read(doing, is_leaving)? {
            self.write(doing, follow)?;
            std::thread::sleep(GAP);
        }
        Ok(())
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

/// Removes the next documents of the scope; says how many, and whether there may be more.
fn purge(transaction: &Transaction<'_>, scope: &Scope) -> rusqlite::Result<(u64, bool)> {
    let next = format!("SELECT id FROM documents WHERE {} LIMIT ?3", scope.condition());
    let limit = i64::try_from(DOCUMENTS).unwrap_or(i64::MAX);
    let documents: Vec<i64> = transaction
        .prepare_cached(&next)?
        .query_map(params![scope.collection, scope.source, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let gone = remove(transaction, &documents)?;
    Ok((gone as u64, gone == DOCUMENTS || gone < documents.len()))
}

/// Removes documents until their chunks are enough for one transaction; says how many documents.
fn remove(transaction: &Transaction<'_>, documents: &[i64]) -> rusqlite::Result<usize> {
    let (mut gone, mut chunks) = (0, Vec::new());
    for document in documents {
        if is_large(transaction, *document)? {
            transaction
                .prepare_cached("INSERT INTO leaving (document_id) VALUES (?1)")?
                .execute([document])?;
        } else {
            chunks.extend(take_chunks(transaction, *document)?);
        }
        transaction.prepare_cached("DELETE FROM documents WHERE id = ?1")?.execute([document])?;
        gone += 1;
        if chunks.len() >= PORTION {
            break;
        }
    }
    forget(transaction, chunks)?;
    Ok(gone)
}

fn is_large(transaction: &Transaction<'_>, document: i64) -> rusqlite::Result<bool> {
    let limit = i64::try_from(PORTION).unwrap_or(i64::MAX);
    transaction
        .prepare_cached("SELECT 1 FROM chunks WHERE document_id = ?1 LIMIT 1 OFFSET ?2")?
        .exists([document, limit])
}

/// Whether there are chunks whose document is no more.
pub(super) fn is_leaving(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    transaction.prepare_cached("SELECT 1 FROM leaving LIMIT 1")?.exists([])
}

/// Removes the next chunks of a document that is no more.
fn follow(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let next = "SELECT document_id FROM leaving LIMIT 1";
    let Some(document) =
        transaction.prepare_cached(next)?.query_row([], |row| row.get::<_, i64>(0)).optional()?
    else {
        return Ok(());
    };
    let chunks: Vec<(i64, Hash)> = transaction
        .prepare_cached(
            "DELETE FROM chunks WHERE id IN (SELECT id FROM chunks WHERE document_id = ?1 LIMIT ?2)
             RETURNING id, source_hash",
        )?
        .query_map([document, i64::try_from(PORTION).unwrap_or(i64::MAX)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    if chunks.is_empty() {
        transaction.prepare_cached("DELETE FROM leaving WHERE document_id = ?1")?.execute([document])?;
    }
    forget(transaction, chunks)
}

/// What chunks leave behind that are no more: texts that nobody else has, and words.
fn forget(transaction: &Transaction<'_>, chunks: Vec<(i64, Hash)>) -> rusqlite::Result<()> {
    drop_orphans(transaction, &chunks.iter().map(|(_, hash)| *hash).collect())?;
    words::forget(transaction, chunks.into_iter().map(|(chunk, _)| chunk))
}

/// Removes chunks, but not their words.
pub(super) fn take_chunks(
    transaction: &Transaction<'_>,
    document: i64,
) -> rusqlite::Result<Vec<(i64, Hash)>> {
    transaction
        .prepare_cached("DELETE FROM chunks WHERE document_id = ?1 RETURNING id, source_hash")?
        .query_map([document], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Removes texts that no chunk has any more, with their vectors. A worker that still holds one finds nothing to settle.
pub(super) fn drop_orphans(transaction: &Transaction<'_>, hashes: &HashSet<Hash>) -> rusqlite::Result<()> {
    for hash in hashes {
        let vectors: Vec<Option<i64>> = transaction
            .prepare_cached(
                "DELETE FROM embeddings WHERE space_id IN (SELECT id FROM spaces) AND source_hash = ?1
                 AND NOT EXISTS (SELECT 1 FROM chunks WHERE source_hash = ?1) RETURNING vector_id",
            )?
            .query_map([hash], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for vector in vectors.into_iter().flatten() {
            transaction.prepare_cached("DELETE FROM vectors WHERE id = ?1")?.execute([vector])?;
        }
    }
    Ok(())
}
