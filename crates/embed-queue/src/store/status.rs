//! What is in the queue, and why something is not READY.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::Store;
use crate::error::Error;
use crate::vocabulary::Status;

/// Chunks, or documents, by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Without a vector so far.
    pub pending: u64,
    /// Found by search.
    pub ready: u64,
    /// Refused by the provider.
    pub failed: u64,
}

/// A part of the queue: everything, a collection, or one document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Only this collection.
    pub collection: Option<String>,
    /// Only this source.
    pub source: Option<String>,
}

/// Why a chunk is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Chunk's number within its document, from 0.
    pub position: u32,
    /// Its state in the space that answers.
    pub status: Status,
    /// Failures charged to the text.
    pub attempts: u32,
    /// When it is due; for a leased one, when the lease ends.
    pub next_attempt_at: Option<Timestamp>,
    /// A worker holds it.
    pub leased: bool,
    /// Whose fault the last failure was: `item`, `provider` or `configuration`.
    pub error_class: Option<String>,
    /// The last failure; for a FAILED chunk the reason.
    pub error: Option<String>,
}

impl Scope {
    /// One collection.
    #[must_use]
    pub fn collection(name: &str) -> Self {
        Self { collection: Some(name.to_owned()), source: None }
    }

    /// One document.
    #[must_use]
    pub fn document(collection: &str, source: &str) -> Self {
        Self { collection: Some(collection.to_owned()), source: Some(source.to_owned()) }
    }

    /// Finds the scope's documents by the index over collections and sources; `?1` and `?2` are the scope.
    pub(super) fn condition(&self) -> &'static str {
        match (&self.collection, &self.source) {
            (None, None) => "?1 IS NULL AND ?2 IS NULL",
            (Some(_), None) => "collection = ?1 AND ?2 IS NULL",
            (Some(_), Some(_)) => "collection = ?1 AND source = ?2",
            (None, Some(_)) => {
                "collection IN (WITH RECURSIVE names (name) AS (
                     SELECT min(collection) FROM documents
                     UNION ALL SELECT (SELECT min(collection) FROM documents WHERE collection > name)
                     FROM names WHERE name IS NOT NULL) SELECT name FROM names)
                 AND source = ?2 AND ?1 IS NULL"
            }
        }
    }

    /// State and history of the scope's chunks, a row each.
    fn states(&self) -> String {
        format!(
            "SELECT documents.id AS document, position, chunks.source_hash AS source_hash, status, attempts,
                 next_attempt_at, lease_id, error_class, coalesce(reason, error) AS error
             FROM documents JOIN chunks ON document_id = documents.id
             JOIN embeddings ON embeddings.source_hash = chunks.source_hash
                 AND space_id = (SELECT id FROM spaces WHERE role = 'ACTIVE')
             WHERE {}",
            self.condition()
        )
    }
}

impl Counts {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.pending + self.ready + self.failed
    }

    pub(super) fn add(&mut self, status: &str, count: i64) {
        let count = u64::try_from(count).unwrap_or(0);
        match status {
            "READY" => self.ready += count,
            "FAILED" => self.failed += count,
            _ => self.pending += count,
        }
    }
}

impl Store {
    /// Chunks by state.
    ///
    /// # Errors
    /// The file fails.
    pub fn chunks(&self, scope: &Scope) -> Result<Counts, Error> {
        let sql = format!("SELECT status, count(*) FROM ({}) GROUP BY status", scope.states());
        self.read("count chunks", |transaction| counts(transaction, &sql, scope))
    }

    /// Documents by state: READY when all chunks are, PENDING when any is, FAILED otherwise.
    ///
    /// # Errors
    /// The file fails.
    pub fn documents(&self, scope: &Scope) -> Result<Counts, Error> {
        let sql = format!(
            "SELECT status, count(*) FROM (SELECT CASE WHEN sum(status = 'PENDING') > 0 THEN 'PENDING'
                 WHEN sum(status = 'FAILED') > 0 THEN 'FAILED' ELSE 'READY' END AS status
             FROM ({}) GROUP BY document) GROUP BY status",
            scope.states()
        );
        self.read("count documents", |transaction| counts(transaction, &sql, scope))
    }

    /// State and history of every chunk in the scope, in order of documents and positions.
    ///
    /// # Errors
    /// The file fails.
    pub fn why(&self, scope: &Scope) -> Result<Vec<Explanation>, Error> {
        let sql = format!("SELECT * FROM ({}) ORDER BY document, position", scope.states());
        self.read("explain chunks", |transaction| {
            transaction
                .prepare_cached(&sql)?
                .query_map(params![scope.collection, scope.source], |row| {
                    let status: String = row.get("status")?;
                    let due: Option<i64> = row.get("next_attempt_at")?;
                    Ok(Explanation {
                        position: row.get("position")?,
                        status: status.parse().unwrap_or(Status::Pending),
                        attempts: row.get("attempts")?,
                        next_attempt_at: due.and_then(|at| Timestamp::from_millisecond(at).ok()),
                        leased: row.get::<_, Option<String>>("lease_id")?.is_some(),
                        error_class: row.get("error_class")?,
                        error: row.get("error")?,
                    })
                })?
                .collect()
        })
    }

    /// Makes FAILED texts of the scope PENDING again, with no attempts charged. Says how many texts.
    ///
    /// # Errors
    /// The file fails.
    pub fn retry(&self, scope: &Scope, now: Timestamp) -> Result<u64, Error> {
        self.write("retry failed chunks", |transaction| {
            let sql = format!(
                "UPDATE embeddings SET status = 'PENDING', reason = NULL, attempts = 0, lost = 0, next_attempt_at = ?3
                 WHERE status = 'FAILED' AND space_id IN (SELECT id FROM spaces WHERE role <> 'DROPPED')
                 AND source_hash IN (SELECT source_hash FROM chunks
                     JOIN documents ON documents.id = document_id WHERE {})",
                scope.condition()
            );
            let changed =
                transaction.execute(&sql, params![scope.collection, scope.source, now.as_millisecond()])?;
            Ok(changed as u64)
        })
    }
}

fn counts(transaction: &Transaction<'_>, sql: &str, scope: &Scope) -> rusqlite::Result<Counts> {
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query(params![scope.collection, scope.source])?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        counts.add(&row.get::<_, String>(0)?, row.get(1)?);
    }
    Ok(counts)
}

pub(super) fn document_counts(transaction: &Transaction<'_>, document: i64) -> rusqlite::Result<Counts> {
    let mut statement = transaction.prepare_cached(
        "SELECT status, count(*) FROM chunks JOIN embeddings USING (source_hash)
         WHERE document_id = ?1 AND space_id = (SELECT id FROM spaces WHERE role = 'ACTIVE') GROUP BY status",
    )?;
    let mut rows = statement.query([document])?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        counts.add(&row.get::<_, String>(0)?, row.get(1)?);
    }
    Ok(counts)
}
