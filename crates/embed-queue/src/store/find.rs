//! An answer, all of it from one snapshot.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Transaction, params_from_iter};

use super::Store;
use super::erase::is_leaving;
use super::filter::Filter;
use super::indexing;
use super::near::Near;
use super::overview::workers;
use super::ranking::Ranking;
use super::spaces::{active, space_id};
use super::status::Counts;
use super::worded::Worded;
use crate::embedder::Space;
use crate::error::Error;
use crate::index::side_file::beside;
use crate::search::words::Word;
use crate::search::{Request, fused};
use crate::vector::Vector;

/// The best chunk of each document, best first, and what it is chosen from.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) best: Vec<Best>,
    pub(crate) chunks: Counts,
    pub(crate) documents: Counts,
    pub(crate) workers: u64,
}

#[derive(Debug)]
pub(crate) struct Best {
    pub(crate) score: f64,
    pub(crate) similarity: Option<f32>,
    pub(crate) place: Place,
}

/// A chunk and its document.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) collection: String,
    pub(crate) source: String,
    pub(crate) title: String,
    pub(crate) metadata: String,
    pub(crate) facts: String,
    pub(crate) content: String,
}

enum Outcome {
    Found(Found),
    /// The queue's vectors are of another model, this one.
    Elsewhere(Option<String>),
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
        let outcome = self.read("search", |transaction| {
            let Some(id) = space_id(transaction, space)? else {
                return active(transaction).map(Outcome::Elsewhere);
            };
            let filter = Filter::new(request, id, is_leaving(transaction)?);
            let mut found = Found { workers: workers(transaction, now)?, ..Found::default() };
            filter.count(transaction, &mut found)?;
            // More documents than there are need not be looked for.
            let enough = usize::try_from(found.documents.total()).unwrap_or(usize::MAX).min(request.limit);
            let worded = Worded { transaction, filter: &filter, enough }.chunks(words)?;
            let near = match vector.map(Vector::components) {
                Some(query) => {
                    let near = Near { transaction, filter: &filter, query, floor: request.floor, enough };
                    self.near(&near, space)?
                }
                None => Ranking::default(),
            };
            found.best = best(transaction, &worded, &near, request.limit)?;
            Ok(Outcome::Found(found))
        })?;
        self.keep_index();
        match outcome {
            Outcome::Found(found) => Ok(found),
            Outcome::Elsewhere(Some(active)) => Err(Error::SpaceMismatch { wanted: space.lane(), active }),
            Outcome::Elsewhere(None) => Err(Error::NoSpace),
        }
    }

    fn near(&self, near: &Near<'_>, space: &Space) -> rusqlite::Result<Ranking> {
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

/// Reads the chunks of the best ranks until they are of as many documents as are wanted.
fn best(
    transaction: &Transaction<'_>,
    worded: &Ranking,
    near: &Ranking,
    limit: usize,
) -> rusqlite::Result<Vec<Best>> {
    let (mut seen, mut best) = (HashSet::new(), Vec::new());
    let document = |chunk| worded.document(chunk).or_else(|| near.document(chunk));
    let is_called = |chunk| document(chunk).is_some_and(|document| worded.is_called(document));
    for (chunk, score) in fused([&worded.chunks, &near.chunks], is_called) {
        if best.len() == limit {
            break;
        }
        if seen.insert(document(chunk)) {
            let similarity = near.similarity(chunk);
            best.push(Best { score, similarity, place: place(transaction, chunk)? });
        }
    }
    Ok(best)
}

impl Filter {
    /// Everything of the scope is counted, and what is not READY of it; the rest is.
    fn count(&self, transaction: &Transaction<'_>, found: &mut Found) -> rusqlite::Result<()> {
        let (chunks, documents) = self.all(transaction)?;
        let sql = format!(
            "SELECT sum(status = 'PENDING'), sum(status = 'FAILED') FROM (
                 SELECT source_hash, status FROM embeddings WHERE space_id = ?1 AND status = 'PENDING'
                 UNION ALL SELECT source_hash, status FROM embeddings WHERE space_id = ?1 AND status = 'FAILED')
             JOIN chunks USING (source_hash) JOIN documents ON documents.id = document_id
             WHERE {} GROUP BY document_id",
            self.sql
        );
        let mut statement = transaction.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(&self.values))?;
        while let Some(row) = rows.next()? {
            let (pending, failed): (i64, i64) = (row.get(0)?, row.get(1)?);
            found.chunks.add("PENDING", pending);
            found.chunks.add("FAILED", failed);
            found.documents.add(if pending > 0 { "PENDING" } else { "FAILED" }, 1);
        }
        found.chunks.ready = chunks.saturating_sub(found.chunks.total());
        found.documents.ready = documents.saturating_sub(found.documents.total());
        Ok(())
    }

    /// Chunks and documents of the scope.
    fn all(&self, transaction: &Transaction<'_>) -> rusqlite::Result<(u64, u64)> {
        let sql = if self.everything {
            "SELECT (SELECT count(*) FROM chunks), (SELECT count(*) FROM documents) WHERE ?1 IS NOT NULL"
                .to_owned()
        } else {
            format!(
                "SELECT coalesce(sum((SELECT count(*) FROM chunks WHERE document_id = documents.id)), 0), count(*)
                 FROM documents WHERE ?1 IS NOT NULL AND {}",
                self.sql
            )
        };
        let number =
            |row: &rusqlite::Row<'_>, place| row.get::<_, i64>(place).map(|n| u64::try_from(n).unwrap_or(0));
        transaction
            .prepare_cached(&sql)?
            .query_row(params_from_iter(&self.values), |row| Ok((number(row, 0)?, number(row, 1)?)))
    }
}

fn place(transaction: &Transaction<'_>, chunk: i64) -> rusqlite::Result<Place> {
    transaction
        .prepare_cached(
            "SELECT collection, source, title, documents.metadata, chunks.metadata, content
             FROM chunks JOIN documents ON documents.id = document_id WHERE chunks.id = ?1",
        )?
        .query_row([chunk], |row| {
            Ok(Place {
                collection: row.get(0)?,
                source: row.get(1)?,
                title: row.get(2)?,
                metadata: row.get(3)?,
                facts: row.get(4)?,
                content: row.get(5)?,
            })
        })
}
