//! Chunks in the order in which they fit, and when there are enough of them.

use std::collections::{HashMap, HashSet};

/// Candidates of each list, at least; further ones are the best of documents that have none so far.
const CANDIDATES: usize = 100;

/// Chunks, best first.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    pub(super) chunks: Vec<i64>,
    facts: HashMap<i64, Facts>,
    documents: HashSet<i64>,
    called: HashSet<i64>,
}

/// Of a chunk.
#[derive(Debug, Clone, Copy)]
struct Facts {
    document: i64,
    similarity: Option<f32>,
}

impl Ranking {
    /// A chunk that is already there, and one that says nothing new, is left out.
    pub(super) fn push(&mut self, chunk: i64, document: i64, similarity: Option<f32>) {
        let is_new = !self.documents.contains(&document);
        if (is_new || self.chunks.len() < CANDIDATES) && !self.facts.contains_key(&chunk) {
            self.chunks.push(chunk);
            self.facts.insert(chunk, Facts { document, similarity });
            self.documents.insert(document);
        }
    }

    /// Whether there are candidates enough, of so many documents.
    pub(super) fn is_full(&self, documents: usize) -> bool {
        self.chunks.len() >= CANDIDATES && self.documents.len() >= documents
    }

    /// The best chunk of a document that is called by a word of the query; says whether the document is new.
    pub(super) fn push_called(&mut self, chunk: i64, document: i64) -> bool {
        let is_new = self.called.insert(document);
        if is_new {
            self.push(chunk, document, None);
        }
        is_new
    }

    pub(super) fn is_called(&self, document: i64) -> bool {
        self.called.contains(&document)
    }

    pub(super) fn documents(&self) -> &HashSet<i64> {
        &self.documents
    }

    pub(super) fn document(&self, chunk: i64) -> Option<i64> {
        self.facts.get(&chunk).map(|facts| facts.document)
    }

    pub(super) fn similarity(&self, chunk: i64) -> Option<f32> {
        self.facts.get(&chunk)?.similarity
    }
}
