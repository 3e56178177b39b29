//! Candidates for an answer, all from one snapshot.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{Transaction, params_from_iter};
use serde_json::Value;

use super::Store;
use super::spaces::space_id;
use super::status::Counts;
use crate::embedder::Space;
use crate::error::Error;
use crate::search::Request;
use crate::search::words::{Word, expression};
use crate::vector::Vector;

/// Candidates of each list.
const CANDIDATES: usize = 100;
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

/// The part of the queue that is searched: conditions with numbers for every value, and the values.
struct Filter {
    sql: String,
    values: Vec<Sql>,
    everything: bool,
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
        self.read("search", |transaction| {
            let Some(space) = space_id(transaction, space)? else { return Ok(Found::default()) };
            let filter = Filter::new(request, space);
            let mut found =
                Found { worded: filter.worded(transaction, words, request.limit)?, ..Found::default() };
            if let Some(vector) = vector {
                found.near = filter.near(transaction, vector, request.floor)?;
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
        })
    }
}

impl Filter {
    /// Names of facts are values like any other: nothing of the user's becomes part of the statement.
    fn new(request: &Request, space: i64) -> Self {
        let text = |text: &Option<String>| text.clone().map_or(Sql::Null, Sql::Text);
        let mut values =
            vec![Sql::Integer(space), text(&request.scope.collection), text(&request.scope.source)];
        let mut sql = String::from("(?2 IS NULL OR collection = ?2) AND (?3 IS NULL OR source = ?3)");
        if !request.collections.is_empty() {
            let names = Value::from(request.collections.clone()).to_string();
            let number = format!("?{}", values.len() + 1);
            sql.extend([" AND collection IN (SELECT value FROM json_each(", &number, "))"]);
            values.push(Sql::Text(names));
        }
        if let Some(since) = request.since {
            let number = values.len() + 1;
            // A document's own date is written by its reader, in UTC, so that texts compare as moments do.
            let own = format!(
                " AND coalesce(json_extract(documents.metadata, '$.date') >= ?{number}, updated_at >= ?{})",
                number + 1
            );
            sql.push_str(&own);
            values.extend([Sql::Text(since.to_string()), Sql::Integer(since.as_millisecond())]);
        }
        for (key, value) in &request.facts {
            let number = values.len() + 1;
            let fact = format!("key = ?{number} AND value = ?{}", number + 1);
            sql.extend([" AND EXISTS (SELECT 1 FROM json_each(documents.metadata) WHERE ", &fact, ")"]);
            values.extend([Sql::Text(key.clone()), bound(value)]);
        }
        let everything = request.scope == crate::store::Scope::default()
            && request.facts.is_empty()
            && request.collections.is_empty()
            && request.since.is_none();
        Self { sql, values, everything }
    }

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
        let number = self.values.len() + 1;
        // The exact form outweighs the stem: codes and file names win.
        let sql = format!(
            "SELECT chunks.id FROM words JOIN chunks ON chunks.id = words.rowid
             JOIN documents ON documents.id = document_id
             JOIN embeddings ON space_id = ?1 AND embeddings.source_hash = chunks.source_hash AND status = 'READY'
             WHERE words MATCH ?{number} AND {} ORDER BY bm25(words, 1.0, 2.0, 1.5), chunks.id LIMIT {CANDIDATES}",
            self.sql
        );
        let values = self.values.iter().cloned().chain([Sql::Text(expression)]);
        transaction.prepare_cached(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect()
    }

    /// Every vector of the scope is compared; vectors are read in the order of the table, without a join.
    fn near(
        &self,
        transaction: &Transaction<'_>,
        query: &Vector,
        floor: f32,
    ) -> rusqlite::Result<Vec<(i64, f32)>> {
        let scope = if self.everything {
            "SELECT vector_id FROM embeddings WHERE space_id = ?1 AND status = 'READY'".to_owned()
        } else {
            format!(
                "SELECT vector_id FROM documents JOIN chunks ON document_id = documents.id
                 JOIN embeddings ON space_id = ?1 AND embeddings.source_hash = chunks.source_hash
                     AND status = 'READY' WHERE {}",
                self.sql
            )
        };
        let values =
            || params_from_iter(self.values.iter().take(if self.everything { 1 } else { usize::MAX }));
        let wanted: HashSet<i64> = transaction
            .prepare_cached(&scope)?
            .query_map(values(), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut best: BinaryHeap<Reverse<(Similarity, i64)>> = BinaryHeap::new();
        let mut statement = transaction.prepare_cached("SELECT id, vector FROM vectors")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if !wanted.contains(&id) {
                continue;
            }
            let similarity = dot(query.components(), row.get_ref(1)?.as_blob().unwrap_or_default());
            if similarity >= floor {
                best.push(Reverse((Similarity(similarity), id)));
                if best.len() > CANDIDATES {
                    best.pop();
                }
            }
        }
        self.chunks_of(transaction, best.into_sorted_vec())
    }

    /// Several chunks may have the same text, and so the same vector.
    fn chunks_of(
        &self,
        transaction: &Transaction<'_>,
        best: Vec<Reverse<(Similarity, i64)>>,
    ) -> rusqlite::Result<Vec<(i64, f32)>> {
        let number = self.values.len() + 1;
        let sql = format!(
            "SELECT chunks.id FROM embeddings JOIN chunks USING (source_hash)
             JOIN documents ON documents.id = document_id
             WHERE vector_id = ?{number} AND space_id = ?1 AND {} ORDER BY chunks.id LIMIT {CANDIDATES}",
            self.sql
        );
        let mut chunks = Vec::new();
        for Reverse((Similarity(similarity), vector)) in best {
            let values = self.values.iter().cloned().chain([Sql::Integer(vector)]);
            let mut statement = transaction.prepare_cached(&sql)?;
            for chunk in statement.query_map(params_from_iter(values), |row| row.get(0))? {
                chunks.push((chunk?, similarity));
            }
        }
        Ok(chunks)
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

fn bound(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(truth) => Sql::Integer((*truth).into()),
        Value::Number(number) => {
            number.as_i64().map(Sql::Integer).or_else(|| number.as_f64().map(Sql::Real)).unwrap_or(Sql::Null)
        }
        Value::String(text) => Sql::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => Sql::Text(value.to_string()),
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
