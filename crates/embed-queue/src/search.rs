//! Search: words and vectors together, READY only, and always with what is still missing.

mod snippet;
pub(crate) mod words;

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::document::file_name;
use crate::embedder::{EmbedError, Input, Purpose, Space, Usage};
use crate::error::Error;
use crate::queue::Queue;
use crate::store::find::Best;
use crate::store::{Counts, Store};
use crate::vector::Vector;
use words::Analyser;

/// Constant of reciprocal rank fusion (Cormack 2009): no single first place decides.
const RRF: f64 = 60.0;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Search {
    /// Words and vectors.
    #[default]
    Hybrid,
    /// Vectors only.
    Vector,
    /// Words only.
    Text,
}

/// A question to the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// In the user's words; they have no syntax.
    pub query: String,
    /// What is compared.
    pub search: Search,
    /// Documents, at most.
    pub limit: usize,
    /// Only these collections; all when empty.
    pub collections: Vec<String>,
    /// Only documents with this source.
    pub source: Option<String>,
    /// Only documents of this moment or later: by their own `date`, otherwise by when they were stored.
    pub since: Option<Timestamp>,
    /// Only documents whose metadata have these values.
    pub facts: Map<String, Value>,
    /// Vectors that are less similar (cosine) are no hits.
    pub floor: f32,
}

/// The best chunk of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Of the document.
    pub collection: String,
    /// Of the document.
    pub source: String,
    /// Of the document.
    pub title: String,
    /// Name of the file that the document is, or stands in.
    pub name: Option<String>,
    /// Of the document.
    pub metadata: Map<String, Value>,
    /// Headings above the chunk.
    pub headings: Vec<String>,
    /// Its lines, from 1, both ends inclusive.
    pub lines: (u64, u64),
    /// A few words of it.
    pub snippet: String,
    /// Sum of reciprocal ranks; only the order of one answer's scores means something.
    pub score: f64,
    /// Cosine of the vectors, where they were compared and near enough.
    pub similarity: Option<f32>,
}

/// Hits, and how much of the scope they are chosen from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Chunks of the scope by state: hits come from the ready ones.
    pub chunks: Counts,
    /// The same in documents.
    pub documents: Counts,
    /// Workers that gave a sign in the last three minutes; with none, what is pending stays so.
    pub workers: u64,
    /// The vectors compare spelling, not meaning.
    pub lexical: bool,
    /// Why only words were compared although vectors were asked for.
    pub degraded: Option<String>,
}

impl Request {
    /// Hybrid, ten documents, everywhere.
    #[must_use]
    pub fn new(query: &str) -> Self {
        Self {
            query: query.to_owned(),
            search: Search::Hybrid,
            limit: 10,
            collections: Vec::new(),
            source: None,
            since: None,
            facts: Map::new(),
            floor: 0.1,
        }
    }
}

impl Store {
    /// Finds the documents whose words fit the query best: what [`Search::Text`] does, without an embedder. Whatever
    /// `request.search` says, no vectors are compared.
    ///
    /// # Errors
    /// The file fails.
    pub async fn search_words(&self, request: Request, now: Timestamp) -> Result<Findings, Error> {
        let Some(space) = self.blocking(Self::answering_space).await? else {
            return Ok(Findings::default());
        };
        self.search_in(request, &space, None, now).await
    }

    async fn search_in(
        &self,
        request: Request,
        space: &Space,
        vector: Option<Vector>,
        now: Timestamp,
    ) -> Result<Findings, Error> {
        let analyser = Analyser::new();
        let words =
            if request.search == Search::Vector { Vec::new() } else { analyser.words(&request.query) };
        let (space, of) = (space.clone(), words.clone());
        let found =
            self.blocking(move |store| store.find(&request, &space, &of, vector.as_ref(), now)).await?;
        Ok(Findings {
            hits: found.best.into_iter().map(|best| Hit::new(best, &analyser, &words)).collect(),
            chunks: found.chunks,
            documents: found.documents,
            workers: found.workers,
            lexical: false,
            degraded: None,
        })
    }
}

impl Queue {
    /// Finds the documents that fit the query best. All numbers of an answer are of one moment.
    ///
    /// # Errors
    /// The file fails, or vectors alone were asked for and the provider fails.
    pub async fn search(&self, request: Request, now: Timestamp) -> Result<Findings, Error> {
        let mut used = Usage::default();
        let embedded = match request.search {
            Search::Text => None,
            Search::Hybrid | Search::Vector => Some(self.embed_query(&request.query, &mut used).await),
        };
        if used != Usage::default() {
            self.book(used, now).await;
        }
        let (vector, degraded) = match embedded {
            Some(Err(source)) if request.search == Search::Vector => return Err(Error::Query { source }),
            Some(Err(fault)) => (None, Some(fault.to_string())),
            Some(Ok(vector)) => (Some(vector), None),
            None => (None, None),
        };
        let found = self.store().search_in(request, &self.embedder().space(), vector, now).await?;
        Ok(Findings { lexical: self.embedder().capabilities().lexical, degraded, ..found })
    }

    async fn embed_query(&self, query: &str, used: &mut Usage) -> Result<Vector, EmbedError> {
        let inputs = [Input::new(query.to_owned())];
        let call = self.embedder().embed(Purpose::Query, &inputs);
        let reply = tokio::time::timeout(self.limit(), call)
            .await
            .map_err(|_| EmbedError::Unavailable("no answer in time".to_owned()))??;
        *used += reply.usage;
        let answer = reply
            .answers
            .into_iter()
            .find(|answer| answer.key == inputs[0].key)
            .ok_or_else(|| EmbedError::Unavailable("its answer left the query out".to_owned()))?;
        let components = answer.outcome.map_err(|fault| EmbedError::Rejected(fault.to_string()))?;
        Vector::new(components, self.embedder().space().dimensions)
            .map_err(|bad| EmbedError::Unavailable(bad.to_string()))
    }
}

/// Reciprocal ranks of both lists, best first. What is called by a word of the query counts as first in a third one.
pub(crate) fn fused(lists: [&[i64]; 2], is_called: impl Fn(i64) -> bool) -> Vec<(i64, f64)> {
    let mut scores: HashMap<i64, f64> = HashMap::new();
    for list in lists {
        for (rank, chunk) in (1_u32..).zip(list) {
            *scores.entry(*chunk).or_default() += 1.0 / (RRF + f64::from(rank));
        }
    }
    let mut ranked: Vec<(i64, f64)> = scores
        .into_iter()
        .map(|(chunk, score)| (chunk, if is_called(chunk) { score + 1.0 / (RRF + 1.0) } else { score }))
        .collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    ranked
}

impl Hit {
    fn new(best: Best, analyser: &Analyser, words: &[words::Word]) -> Self {
        let Best { score, similarity, place } = best;
        let facts: Value = serde_json::from_str(&place.facts).unwrap_or_default();
        let line = |index: usize| facts["lines"][index].as_u64().unwrap_or(0);
        let headings = facts["headings"].as_array().into_iter().flatten();
        let metadata: Map<String, Value> = serde_json::from_str(&place.metadata).unwrap_or_default();
        Self {
            name: file_name(&place.source, &metadata).map(str::to_owned),
            headings: headings.filter_map(|heading| heading.as_str().map(str::to_owned)).collect(),
            lines: (line(0), line(1)),
            snippet: snippet::snippet(analyser, &place.content, words),
            metadata,
            collection: place.collection,
            source: place.source,
            title: place.title,
            score,
            similarity,
        }
    }
}
