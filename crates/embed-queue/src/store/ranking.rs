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
