//! The chunks whose vectors are nearest to a query's.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension as _, Transaction, params_from_iter};

use super::filter::Filter;
use super::find::CANDIDATES;
use crate::index::{InDoubt, Index};

/// Vectors that the index proposes for exact comparison.
const COMPARED: usize = 128;

/// A query within one snapshot of the file.
pub(super) struct Near<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) filter: &'a Filter,
    pub(super) query: &'a [f32],
    /// Less similar ones are not near.
    pub(super) floor: f32,
}

type Ranked = Vec<(Similarity, i64)>;

impl Near<'_> {
    /// Chunks with their similarity, the nearest first; by the index, or without one of all vectors.
    pub(super) fn chunks(
        &self,
        index: Option<&mut Index>,
    ) -> rusqlite::Result<Result<Vec<(i64, f32)>, InDoubt>> {
        let Some(index) = index else { return self.chunks_of(&self.scanned()?).map(Ok) };
        let Ok(proposed) = index.nearest(self.query, None, COMPARED) else { return Ok(Err(InDoubt)) };
        let nearest = self.compared(&proposed)?;
        // A filter that lets most of it through needs no list of what it lets through.
        let all_seen = self.filter.everything || nearest.len() < proposed.len();
        let chunks = self.chunks_of(&nearest)?;
        if all_seen || chunks.len() >= CANDIDATES {
            return Ok(Ok(chunks));
        }
        let mut wanted: Vec<i64> = self.wanted()?;
        wanted.sort_unstable();
        let Ok(proposed) = index.nearest(self.query, Some(&wanted), COMPARED) else {
            return Ok(Err(InDoubt));
        };
        self.chunks_of(&self.compared(&proposed)?).map(Ok)
    }

    /// Every vector of the scope is compared; vectors are read in the order of the table, without a join.
    fn scanned(&self) -> rusqlite::Result<Ranked> {
        let wanted: HashSet<i64> = self.wanted()?.into_iter().collect();
        let mut best: BinaryHeap<Reverse<(Similarity, i64)>> = BinaryHeap::new();
        let mut statement = self.transaction.prepare_cached("SELECT id, vector FROM vectors")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let similarity = dot(self.query, row.get_ref(1)?.as_blob().unwrap_or_default());
            if similarity >= self.floor && wanted.contains(&id) {
                best.push(Reverse((Similarity(similarity), id)));
                if best.len() > CANDIDATES {
                    best.pop();
                }
            }
        }
        Ok(best.into_sorted_vec().into_iter().map(|Reverse(found)| found).collect())
    }

    /// Vectors of the scope.
    fn wanted(&self) -> rusqlite::Result<Vec<i64>> {
        let scope = if self.filter.everything {
            "SELECT vector_id FROM embeddings WHERE space_id = ?1 AND status = 'READY'".to_owned()
        } else {
            format!(
                "SELECT vector_id FROM documents JOIN chunks ON document_id = documents.id
                 JOIN embeddings ON space_id = ?1 AND embeddings.source_hash = chunks.source_hash
                     AND status = 'READY' WHERE {}",
                self.filter.sql
            )
        };
        let values = params_from_iter(&self.filter.values);
        self.transaction.prepare_cached(&scope)?.query_map(values, |row| row.get(0))?.collect()
    }

    /// Exactly, from the table. What has left it is not found.
    fn compared(&self, ids: &[i64]) -> rusqlite::Result<Ranked> {
        let mut statement = self.transaction.prepare_cached("SELECT vector FROM vectors WHERE id = ?1")?;
        let mut nearest = Vec::with_capacity(ids.len());
        for &id in ids {
            let similarity = statement
                .query_row([id], |row| Ok(dot(self.query, row.get_ref(0)?.as_blob().unwrap_or_default())))
                .optional()?;
            nearest.extend(similarity.filter(|&near| near >= self.floor).map(|near| (Similarity(near), id)));
        }
        nearest.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        Ok(nearest)
    }

    /// Several chunks may have the same text, and so the same vector.
    fn chunks_of(&self, nearest: &Ranked) -> rusqlite::Result<Vec<(i64, f32)>> {
        let sql = format!(
            "SELECT chunks.id FROM embeddings JOIN chunks USING (source_hash)
             JOIN documents ON documents.id = document_id
             WHERE vector_id = ?{} AND space_id = ?1 AND {} ORDER BY chunks.id LIMIT {CANDIDATES}",
            self.filter.next(),
            self.filter.sql
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let mut chunks = Vec::new();
        for &(Similarity(similarity), vector) in nearest {
            let values = params_from_iter(self.filter.with(Sql::Integer(vector)));
            for chunk in statement.query_map(values, |row| row.get(0))? {
                chunks.push((chunk?, similarity));
            }
            if chunks.len() >= CANDIDATES {
                break;
            }
        }
        Ok(chunks)
    }
}

/// Orders numbers that are never NaN: stored components are finite.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Similarity(f32);

impl Eq for Similarity {}

impl Ord for Similarity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Similarity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Sixteen sums side by side, which compilers turn into vector instructions of any machine.
fn dot(query: &[f32], stored: &[u8]) -> f32 {
    const LANES: usize = 16;
    let (numbers, _) = stored.as_chunks::<4>();
    let (queries, rest) = query.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (ours, theirs) in queries.iter().zip(numbers.chunks(LANES)) {
        for ((sum, one), other) in sums.iter_mut().zip(ours).zip(theirs) {
            *sum += one * f32::from_le_bytes(*other);
        }
    }
    let done = query.len() - rest.len();
    let tail =
        rest.iter().zip(numbers.iter().skip(done)).map(|(one, other)| one * f32::from_le_bytes(*other));
    sums.iter().sum::<f32>() + tail.sum::<f32>()
}
