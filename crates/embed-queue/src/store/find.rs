//! Candidates for an answer, all from one snapshot.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{Transaction, params_from_iter};

use super::Store;
use super::filter::Filter;
use super::indexing;
use super::near::Near;
use super::spaces::space_id;
use super::status::Counts;
use crate::embedder::Space;
use crate::error::Error;
use crate::index::side_file::beside;
use crate::search::Request;
use crate::search::words::{Word, expression};
use crate::vector::Vector;

/// Candidates of each list.
pub(super) const CANDIDATES: usize = 100;
/// A worker that gave no sign for so long is dead, in milliseconds.
pub(super) const SILENCE: i64 = 180_000;

/// Chunks by rank, and where they stand.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) worded: Vec<i64>,
    pub(crate) near: Vec<(i64, f32)>,
    pub(crate) places: HashMap<i64, Place>,
    pub(crate) chunks: Counts,
    pub(crate) documents: Counts,
    pub(crate) workers: u64,
}

/// A chunk and its document.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) document: i64,
    pub(crate) collection: String,
    pub(crate) source: String,
    pub(crate) title: String,
    pub(crate) metadata: String,
    pub(crate) facts: String,
    pub(crate) content: String,
}

impl Store {
    pub(crate) fn find(
        &self,
        request: &Request,
        space: &Space,
        words: &[Word],
        vector: Option<&Vector>,
        now: Timestamp,
    ) -> Result<Found, Error> {
        let found = self.read("search", |transaction| {
            let Some(id) = space_id(transaction, space)? else { return Ok(Found::default()) };
            let filter = Filter::new(request, id);
            let mut found =
                Found { worded: filter.worded(transaction, words, request.limit)?, ..Found::default() };
            if let Some(vector) = vector {
                let near =
                    Near { transaction, filter: &filter, query: vector.components(), floor: request.floor };
                found.near = self.near(&near, space)?;
            }
            let chosen = found.worded.iter().chain(found.near.iter().map(|(chunk, _)| chunk));
            for chunk in chosen.copied().collect::<HashSet<_>>() {
                found.places.insert(chunk, place(transaction, chunk)?);
            }
            filter.count(transaction, &mut found)?;
            let alive = now.as_millisecond() - SILENCE;
            found.workers = transaction
                .query_row("SELECT count(*) FROM workers WHERE seen_at >= ?1", [alive], |row| {
                    row.get::<_, u32>(0)
                })?
                .into();
            Ok(found)
        })?;
        self.keep_index();
        Ok(found)
    }

    fn near(&self, near: &Near<'_>, space: &Space) -> rusqlite::Result<Vec<(i64, f32)>> {
        let mut slot = self.index();
        for _ in 0..2 {
            indexing::follow(near.transaction, &self.path, space, &mut slot)?;
            if let Ok(chunks) = near.chunks(slot.as_mut())? {
                return Ok(chunks);
            }
            // The side file was harmed under our hands: what is loaded of it is forgotten, and it is made again.
            drop(std::fs::remove_file(beside(&self.path)));
            *slot = None;
        }
        near.chunks(None).map(Result::unwrap_or_default)
    }
}

impl Filter {
    /// Chunks that have all words, best first; when these are few, also those that have any.
    fn worded(
        &self,
        transaction: &Transaction<'_>,
        words: &[Word],
        enough: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut chunks = Vec::new();
        for all in [true, false] {
            if let Some(expression) = expression(words, all)
                && chunks.len() < enough
            {
                let more = self.matching(transaction, expression)?;
                chunks.extend(more.into_iter().filter(|chunk| !chunks.contains(chunk)).collect::<Vec<_>>());
            }
        }
        Ok(chunks)
    }

    fn matching(&self, transaction: &Transaction<'_>, expression: String) -> rusqlite::Result<Vec<i64>> {
        let number = self.next();
        // The exact form outweighs the stem: codes and file names win.
        let sql = format!(
            "SELECT chunks.id FROM words JOIN chunks ON chunks.id = words.rowid
             JOIN documents ON documents.id = document_id
             JOIN embeddings ON space_id = ?1 AND embeddings.source_hash = chunks.source_hash AND status = 'READY'
             WHERE words MATCH ?{number} AND {} ORDER BY bm25(words, 1.0, 2.0, 1.5), chunks.id LIMIT {CANDIDATES}",
            self.sql
        );
        let values = self.with(Sql::Text(expression));
        transaction.prepare_cached(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect()
    }

    fn count(&self, transaction: &Transaction<'_>, found: &mut Found) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT sum(status = 'PENDING'), sum(status = 'FAILED'), count(*)
             FROM documents JOIN chunks ON document_id = documents.id
             JOIN embeddings ON space_id = ?1 AND embeddings.source_hash = chunks.source_hash
             WHERE {} GROUP BY documents.id",
            self.sql
        );
        let mut statement = transaction.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(&self.values))?;
        while let Some(row) = rows.next()? {
            let (pending, failed, all): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            found.chunks.add("PENDING", pending);
            found.chunks.add("FAILED", failed);
            found.chunks.add("READY", all - pending - failed);
            let state = if pending > 0 { "PENDING" } else { "FAILED" };
            found.documents.add(if pending + failed == 0 { "READY" } else { state }, 1);
        }
        Ok(())
    }
}

fn place(transaction: &Transaction<'_>, chunk: i64) -> rusqlite::Result<Place> {
    transaction
        .prepare_cached(
            "SELECT document_id, collection, source, title, documents.metadata, chunks.metadata, content
             FROM chunks JOIN documents ON documents.id = document_id WHERE chunks.id = ?1",
        )?
        .query_row([chunk], |row| {
            Ok(Place {
                document: row.get(0)?,
                collection: row.get(1)?,
                source: row.get(2)?,
                title: row.get(3)?,
                metadata: row.get(4)?,
                facts: row.get(5)?,
                content: row.get(6)?,
            })
        })
}
