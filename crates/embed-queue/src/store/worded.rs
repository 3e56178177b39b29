//! The chunks that fit a query's words best.

use std::collections::HashSet;

use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension as _, Transaction, params_from_iter};

use super::filter::Filter;
use super::ranking::Ranking;
use crate::search::words::{Word, expression, names};

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
    /// So many documents are wanted.
    pub(super) enough: usize,
}

/// Of a query.
struct Words {
    /// Some chunk has them.
    known: Vec<Word>,
    /// Few chunks have them; all that are known, when none is rare.
    rare: Vec<Word>,
}

impl Worded<'_> {
    /// Chunks that have all the words, best first; when these are of fewer documents than enough, then those that have
    /// all the rare ones, any of the rare ones, any.
    pub(super) fn chunks(&self, words: &[Word]) -> rusqlite::Result<Ranking> {
        let Words { known, rare } = self.words(words)?;
        let mut chunks = Ranking::default();
        self.called(&known, &mut chunks)?;
        if rare.len() < known.len()
            && let (Some(rare), Some(all)) = (expression(&rare, true), expression(&known, true))
        {
            // A word that many chunks have chooses among those of the rare ones, which costs little; to rank by it would
            // mean to count all chunks that have it.
            let all = self.having(&all)?;
            if !all.is_empty() {
                self.best(&rare, usize::MAX, Some(&all), &mut chunks)?;
            }
        }
        let steps =
            [(&rare, true, true), (&rare, false, rare.len() > 1), (&known, false, rare.len() < known.len())];
        for (words, all, is_new) in steps {
            if is_new
                && chunks.documents().len() < self.enough
                && let Some(expression) = expression(words, all)
            {
                self.matching(&expression, &mut chunks)?;
            }
        }
        Ok(chunks)
    }

    /// Which words decide. In a small queue all of them do.
    fn words(&self, words: &[Word]) -> rusqlite::Result<Words> {
        let chunks: i64 = self
            .transaction
            .prepare_cached("SELECT count(*) FROM chunks")?
            .query_row([], |row| row.get(0))?;
        let limit = RARE.max(chunks / PART);
        if chunks <= limit {
            return Ok(Words { known: words.to_vec(), rare: words.to_vec() });
        }
        let (mut known, mut rare) = (Vec::new(), Vec::new());
        let mut count = self
            .transaction
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ?1 LIMIT ?2)")?;
        for word in words {
            let Some(expression) = expression(std::slice::from_ref(word), true) else { continue };
            let having: i64 = count.query_row((expression, limit + 1), |row| row.get(0))?;
            if having > 0 {
                known.push(word.clone());
            }
            if (1..=limit).contains(&having) {
                rare.push(word.clone());
            }
        }
        if rare.is_empty() {
            rare.clone_from(&known);
        }
        Ok(Words { known, rare })
    }

    /// One chunk of each document that is called by a word of the query: by all, or it has all, or it is called so.
    fn called(&self, words: &[Word], chunks: &mut Ranking) -> rusqlite::Result<()> {
        for expression in names(words) {
            for chunk in self.ranked(&expression, RANKED)? {
                if let Some(document) = self.fitting(chunk)? {
                    chunks.push_called(chunk, document);
                }
            }
            if !chunks.documents().is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// All that fit, in no order.
    fn having(&self, expression: &str) -> rusqlite::Result<HashSet<i64>> {
        self.transaction
            .prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1")?
            .query_map([expression], |row| row.get(0))?
            .collect()
    }

    fn matching(&self, expression: &str, chunks: &mut Ranking) -> rusqlite::Result<()> {
        let first = RANKED.max(self.enough.saturating_mul(3));
        // What was ranked first is not what is asked for, or is of few documents: then everything is ranked.
        if self.best(expression, first, None, chunks)? >= first && !chunks.is_full(self.enough) {
            self.best(expression, usize::MAX, None, chunks)?;
        }
        Ok(())
    }

    /// Takes those that are READY and in the scope, and among these if any are given, of so many as are ranked; says how
    /// many were.
    fn best(
        &self,
        expression: &str,
        limit: usize,
        among: Option<&HashSet<i64>>,
        chunks: &mut Ranking,
    ) -> rusqlite::Result<usize> {
        let ranked = self.ranked(expression, limit)?;
        for &chunk in ranked.iter().filter(|chunk| among.is_none_or(|among| among.contains(chunk))) {
            if chunks.is_full(self.enough) {
                break;
            }
            if let Some(document) = self.fitting(chunk)? {
                chunks.push(chunk, document, None);
            }
        }
        Ok(ranked.len())
    }

    fn ranked(&self, expression: &str, limit: usize) -> rusqlite::Result<Vec<i64>> {
        // The exact form outweighs the stem, and names outweigh what mentions them: codes and file names win.
        let mut ranking = self.transaction.prepare_cached(
            "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY bm25(words, 1.0, 2.0, 1.5, 4.0), rowid LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(-1);
        ranking.query_map((expression, limit), |row| row.get(0))?.collect()
    }

    /// The document of a chunk that is READY and in the scope.
    fn fitting(&self, chunk: i64) -> rusqlite::Result<Option<i64>> {
        let sql = format!(
            "SELECT document_id FROM chunks JOIN documents ON documents.id = document_id
             JOIN embeddings ON space_id = ?1 AND embeddings.source_hash = chunks.source_hash AND status = 'READY'
             WHERE chunks.id = ?{} AND {}",
            self.filter.next(),
            self.filter.sql
        );
        let values = params_from_iter(self.filter.with(Sql::Integer(chunk)));
        self.transaction.prepare_cached(&sql)?.query_row(values, |row| row.get(0)).optional()
    }
}
