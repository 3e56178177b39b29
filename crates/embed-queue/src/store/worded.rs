//! The chunks that fit a query's words best.

use rusqlite::types::Value as Sql;
use rusqlite::{Transaction, params_from_iter};

use super::filter::Filter;
use super::find::CANDIDATES;
use crate::search::words::{Word, expression};

/// Chunks that are ranked before it is looked at which of them are READY and in the scope.
const RANKED: usize = 300;
/// A word is rare when no more chunks than this have it, or no more than one in so many of a large queue. To rank by a
/// word means to visit all chunks that have it, and those that most texts have decide nothing.
const RARE: i64 = 2_000;
const PART: i64 = 50;

/// A query's words within one snapshot of the file.
pub(super) struct Worded<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) filter: &'a Filter,
}

impl Worded<'_> {
    /// Chunks that have all the words, best first; when these are fewer than enough, also those that have any.
    pub(super) fn chunks(&self, words: &[Word], enough: usize) -> rusqlite::Result<Vec<i64>> {
        let rare = self.rare(words)?;
        let mut chunks: Vec<i64> = Vec::new();
        for (words, all) in [(&rare, true), (&rare, false)] {
            let Some(expression) = expression(words, all).filter(|_| chunks.len() < enough) else { continue };
            for chunk in self.matching(&expression)? {
                if !chunks.contains(&chunk) {
                    chunks.push(chunk);
                }
            }
        }
        Ok(chunks)
    }

    /// The words that few chunks have; all of them, when none is rare.
    fn rare(&self, words: &[Word]) -> rusqlite::Result<Vec<Word>> {
        let chunks: i64 = self
            .transaction
            .prepare_cached("SELECT count(*) FROM chunks")?
            .query_row([], |row| row.get(0))?;
        let limit = RARE.max(chunks / PART);
        let mut rare = Vec::with_capacity(words.len());
        if chunks > limit {
            let mut count = self
                .transaction
                .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ?1 LIMIT ?2)")?;
            for word in words {
                let Some(expression) = expression(std::slice::from_ref(word), true) else { continue };
                let having: i64 = count.query_row((expression, limit + 1), |row| row.get(0))?;
                if (1..=limit).contains(&having) {
                    rare.push(word.clone());
                }
            }
        }
        Ok(if rare.is_empty() { words.to_vec() } else { rare })
    }

    fn matching(&self, expression: &str) -> rusqlite::Result<Vec<i64>> {
        let (ranked, chunks) = self.best(expression, RANKED)?;
        // What was ranked first is not what is asked for: then everything is ranked.
        if chunks.len() < CANDIDATES && ranked >= RANKED {
            return Ok(self.best(expression, usize::MAX)?.1);
        }
        Ok(chunks)
    }

    /// How many were ranked, and those of them that are READY and in the scope.
    fn best(&self, expression: &str, limit: usize) -> rusqlite::Result<(usize, Vec<i64>)> {
        // The exact form outweighs the stem: codes and file names win.
        let mut ranking = self.transaction.prepare_cached(
            "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY bm25(words, 1.0, 2.0, 1.5), rowid LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(-1);
        let ranked: Vec<i64> =
            ranking.query_map((expression, limit), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let sql = format!(
            "SELECT 1 FROM chunks JOIN documents ON documents.id = document_id
             JOIN embeddings ON space_id = ?1 AND embeddings.source_hash = chunks.source_hash AND status = 'READY'
             WHERE chunks.id = ?{} AND {}",
            self.filter.next(),
            self.filter.sql
        );
        let mut fits = self.transaction.prepare_cached(&sql)?;
        let mut chunks = Vec::with_capacity(CANDIDATES);
        for &chunk in &ranked {
            if chunks.len() == CANDIDATES {
                break;
            }
            if fits.exists(params_from_iter(self.filter.with(Sql::Integer(chunk))))? {
                chunks.push(chunk);
            }
        }
        Ok((ranked.len(), chunks))
    }
}
