//! The chunks whose vectors are nearest to a query's.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension as _, Transaction, params_from_iter};

use super::filter::Filter;
use super::ranking::Ranking;
use crate::index::{InDoubt, Index};

/// Vectors that the index proposes for exact comparison.
const COMPARED: usize = 128;
/// So many times more when these are of few documents.
const WIDER: usize = 8;

/// A query within one snapshot of the file.
pub(super) struct Near<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) filter: &'a Filter,
    pub(super) query: &'a [f32],
    /// Less similar ones are not near.
    pub(super) floor: f32,
    /// So many documents are wanted.
    pub(super) enough: usize,
}

type Ranked = Vec<(Similarity, i64)>;

impl Near<'_> {
    /// Chunks with their similarity, the nearest first; by the index, or without one of all vectors.
    pub(super) fn chunks(&self, mut index: Option<&mut Index>) -> rusqlite::Result<Result<Ranking, InDoubt>> {
        let first = COMPARED.max(self.enough.saturating_add(self.enough / 4));
        let mut chunks = Ranking::default();
        if index.is_some() {
            // A filter that lets most of it through needs no list of what it lets through.
            let counts = [first, first.saturating_mul(WIDER)];
            for count in counts.into_iter().take(if self.filter.everything { 2 } else { 1 }) {
                let Ok(nearest) = self.nearest(index.as_deref_mut(), None, count)? else {
                    return Ok(Err(InDoubt));
                };
                self.add_chunks(&nearest.found, &mut chunks)?;
                let enough = self.filter.everything && chunks.documents().len() >= self.enough;
                if nearest.all || enough || chunks.is_full(self.enough) {
                    return Ok(Ok(chunks));
                }
            }
            if !self.filter.everything {
                chunks = Ranking::default();
            }
        }
        let members = self.members()?;
        if index.is_none() || !self.filter.everything {
            let mut wanted: Vec<i64> = members.iter().map(|member| member.0).collect();
            wanted.dedup();
            let Ok(nearest) = self.nearest(index.as_deref_mut(), Some(&wanted), first)? else {
                return Ok(Err(InDoubt));
            };
            self.add_chunks(&nearest.found, &mut chunks)?;
            if nearest.all || chunks.documents().len() >= self.enough {
                return Ok(Ok(chunks));
            }
        }
        // These are of few documents: now the best of each other document, so that all is looked at once and no more.
        let found = chunks.documents();
        let others: Vec<_> = members.into_iter().filter(|member| !found.contains(&member.1)).collect();
        let Ok(best) = self.best_of_each(index, &others, first)? else { return Ok(Err(InDoubt)) };
        self.add_chunks(&best, &mut chunks)?;
        Ok(Ok(chunks))
    }

    /// The nearest vector of each document, for so many documents; members are vectors and their documents.
    fn best_of_each(
        &self,
        index: Option<&mut Index>,
        members: &[(i64, i64)],
        count: usize,
    ) -> rusqlite::Result<Result<Ranked, InDoubt>> {
        if let Some(index) = index {
            let Ok(proposed) = index.nearest_of_each(self.query, members, count) else {
                return Ok(Err(InDoubt));
            };
            return self.compared(&proposed).map(Ok);
        }
        let mut ids: Vec<i64> = members.iter().map(|member| member.0).collect();
        ids.dedup();
        let mut seen = HashSet::new();
        let mut best = self.scanned(&ids, ids.len())?;
        // Best first, so that the first one of a document is its best.
        best.retain(|(_, id)| {
            let from = members.partition_point(|member| member.0 < *id);
            let documents = members[from..].iter().take_while(|member| member.0 == *id);
            documents.filter(|member| seen.insert(member.1)).count() > 0
        });
        best.truncate(count);
        Ok(Ok(best))
    }

    /// So many vectors that are nearest, of all or of some; by the index, or one after the other.
    fn nearest(
        &self,
        index: Option<&mut Index>,
        only: Option<&[i64]>,
        count: usize,
    ) -> rusqlite::Result<Result<Nearest, InDoubt>> {
        let Some(index) = index else {
            let found = self.scanned(only.unwrap_or_default(), count)?;
            return Ok(Ok(Nearest { all: found.len() < count, found }));
        };
        let Ok(proposed) = index.nearest(self.query, only, count) else { return Ok(Err(InDoubt)) };
        let found = self.compared(&proposed)?;
        Ok(Ok(Nearest { all: found.len() < proposed.len() || proposed.len() < count, found }))
    }

    /// These vectors are compared; they are read in the order of the table, without a join.
    fn scanned(&self, wanted: &[i64], count: usize) -> rusqlite::Result<Ranked> {
        let mut best: BinaryHeap<Reverse<(Similarity, i64)>> = BinaryHeap::new();
        let mut statement = self.transaction.prepare_cached("SELECT id, vector FROM vectors")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let similarity = dot(self.query, row.get_ref(1)?.as_blob().unwrap_or_default());
            if similarity >= self.floor && wanted.binary_search(&id).is_ok() {
                best.push(Reverse((Similarity(similarity), id)));
                if best.len() > count {
                    best.pop();
                }
            }
        }
        Ok(best.into_sorted_vec().into_iter().map(|Reverse(found)| found).collect())
    }

    /// Vectors of the scope with their documents, in order.
    fn members(&self) -> rusqlite::Result<Vec<(i64, i64)>> {
        let sql = if self.filter.everything {
            "SELECT vector_id, document_id FROM embeddings JOIN chunks USING (source_hash)
             WHERE space_id = ?1 AND status = 'READY'"
                .to_owned()
        } else {
            format!(
                "SELECT vector_id, document_id FROM documents JOIN chunks ON document_id = documents.id
                 JOIN embeddings ON space_id = ?1 AND embeddings.source_hash = chunks.source_hash
                     AND status = 'READY'
                 WHERE {}",
                self.filter.sql
            )
        };
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let members = statement
            .query_map(params_from_iter(&self.filter.values), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut members: Vec<(i64, i64)> = members.collect::<rusqlite::Result<_>>()?;
        members.sort_unstable();
        Ok(members)
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
    fn add_chunks(&self, nearest: &Ranked, chunks: &mut Ranking) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT chunks.id, document_id FROM embeddings JOIN chunks USING (source_hash)
             JOIN documents ON documents.id = document_id
             WHERE vector_id = ?{} AND space_id = ?1 AND {} ORDER BY chunks.id",
            self.filter.next(),
            self.filter.sql
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        for &(Similarity(similarity), vector) in nearest {
            let mut rows = statement.query(params_from_iter(self.filter.with(Sql::Integer(vector))))?;
            while !chunks.is_full(self.enough)
                && let Some(row) = rows.next()?
            {
                chunks.push(row.get(0)?, row.get(1)?, Some(similarity));
            }
        }
        Ok(())
    }
}

/// The nearest vectors.
struct Nearest {
    found: Ranked,
    /// There are no further ones that are near enough.
    all: bool,
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
