//! Documents come in, change and go.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::Value;

use super::Store;
use super::erase::{drop_orphans, take_chunks};
use super::spaces::{delivered, forget_source, space_id};
use super::spending::{Spent, book};
use super::status::{Counts, document_counts};
use super::words::Wording;
use crate::crumbs::tokens;
use crate::document::Document;
use crate::embedder::{Input, Space, Usage};
use crate::error::Error;
use crate::hash::Hash;
use crate::vector::Vector;

/// What an ingestion did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingested {
    /// The stored document was the same: nothing was written.
    pub unchanged: bool,
    /// The document's chunks by state.
    pub chunks: Counts,
    /// Why the document waits for a worker although it was to be embedded at once.
    pub deferred: Option<String>,
}

/// Vectors that were computed before the document is stored, and their space.
pub(crate) struct Computed<'a> {
    pub(crate) space: &'a Space,
    pub(crate) vectors: &'a HashMap<Hash, Vector>,
    /// What that cost.
    pub(crate) used: Usage,
}

impl Store {
    /// Stores a document; texts that have no vector yet become PENDING. Existing chunks of the same natural key are
    /// replaced; those whose text did not change keep their state.
    ///
    /// # Errors
    /// The document has no text, no space was chosen, or the file fails.
    pub fn put(&self, document: &Document, now: Timestamp) -> Result<Ingested, Error> {
        self.put_all(std::slice::from_ref(document), now)?.pop().ok_or(Error::NoSpace)
    }

    /// Stores many documents in one transaction: all of them or none.
    ///
    /// # Errors
    /// As [`Store::put`], for any of them.
    pub fn put_all(&self, documents: &[Document], now: Timestamp) -> Result<Vec<Ingested>, Error> {
        self.store(documents, None, now)
    }

    pub(crate) fn store(
        &self,
        documents: &[Document],
        computed: Option<&Computed<'_>>,
        now: Timestamp,
    ) -> Result<Vec<Ingested>, Error> {
        if let Some(empty) = documents.iter().find(|document| document.pieces.is_empty()) {
            return Err(Error::EmptyDocument { source_name: empty.source.clone() });
        }
        let stored = self.write("store documents", |transaction| {
            let mut write = Write {
                transaction,
                spaces: all_spaces(transaction)?,
                computed,
                now,
                words: Wording::new(&self.analyser),
                saved: 0,
                ready: 0,
            };
            let Some(answering) = write.spaces.first().map(|(id, _)| *id) else { return Ok(None) };
            let stored =
                documents.iter().map(|document| write.put(document)).collect::<rusqlite::Result<_>>()?;
            write.words.write(transaction)?;
            if write.saved > 0 {
                let saved = Spent { saved: write.saved, ..Spent::default() };
                book(transaction, &lane_of(transaction, answering)?, now, &saved)?;
            }
            if let Some(computed) = computed {
                let spent = Spent { ready: write.ready, ..computed.used.into() };
                book(transaction, &computed.space.lane(), now, &spent)?;
            }
            Ok(Some(stored))
        })?;
        stored.ok_or(Error::NoSpace)
    }

    /// The texts of a document that have no vector in the space.
    pub(crate) fn missing(&self, document: &Document, space: &Space) -> Result<Vec<Input>, Error> {
        self.read("look for known texts", |transaction| {
            let space = space_id(transaction, space)?;
            let mut seen = HashSet::new();
            let mut missing = Vec::new();
            for piece in &document.pieces {
                let input = Input::new(piece.enriched(&document.title));
                let known = transaction
                    .prepare_cached(
                        "SELECT 1 FROM embeddings WHERE space_id = ?1 AND source_hash = ?2 AND status = 'READY'",
                    )?
                    .exists(params![space, input.key])?;
                if !known && seen.insert(input.key) {
                    missing.push(input);
                }
            }
            Ok(missing)
        })
    }
}

struct Write<'a> {
    transaction: &'a Transaction<'a>,
    /// The one that answers comes first.
    spaces: Vec<(i64, String)>,
    computed: Option<&'a Computed<'a>>,
    now: Timestamp,
    words: Wording<'a>,
    /// Tokens of texts that are new in their documents and had their vectors already.
    saved: u64,
    /// Texts that became READY.
    ready: u64,
}

impl Write<'_> {
    fn put(&mut self, document: &Document) -> rusqlite::Result<Ingested> {
        let hash = document.hash();
        let known: Option<(i64, Hash)> = self
            .transaction
            .prepare_cached("SELECT id, content_hash FROM documents WHERE collection = ?1 AND source = ?2")?
            .query_row([&document.collection, &document.source], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let unchanged = known.is_some_and(|(_, stored)| stored == hash);
        let (id, old) = match known {
            // Vectors that were computed are stored in any case: they may be what the same document waits for.
            Some((id, _)) if unchanged && self.computed.is_none() => {
                self.refresh(id, document)?;
                return Ok(Ingested {
                    unchanged,
                    chunks: document_counts(self.transaction, id)?,
                    deferred: None,
                });
            }
            Some((id, _)) if unchanged => {
                self.refresh(id, document)?;
                (id, HashSet::new())
            }
            Some((id, _)) => {
                let gone = take_chunks(self.transaction, id)?;
                self.words.gone.extend(gone.iter().map(|(chunk, _)| chunk));
                self.update(id, document, &hash)?;
                (id, gone.into_iter().map(|(_, hash)| hash).collect())
            }
            None => (self.insert(document, &hash)?, HashSet::new()),
        };
        let called = self.words.called(&document.source, &document.title, &document.metadata);
        let (mut chunks, mut known) = (Counts::default(), old.clone());
        for (position, piece) in document.pieces.iter().enumerate() {
            let text = piece.enriched(&document.title);
            let source = Hash::of(&text);
            let state = self.text(&source, tokens(&text))?;
            chunks.add(&state.answering, 1);
            self.ready += state.became_ready;
            if !unchanged {
                // What the document had before would not be paid again anyway.
                if known.insert(source) && state.was_ready {
                    self.saved += tokens(&text) as u64;
                }
                let mut metadata = piece.facts(&document.title);
                if state.waits {
                    metadata["_vector_source"] = Value::String(text);
                }
                let position = i64::try_from(position).unwrap_or(i64::MAX);
                self.transaction
                    .prepare_cached(
                        "INSERT INTO chunks (document_id, position, content, metadata, source_hash)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![id, position, piece.content, metadata.to_string(), source])?;
                self.words.add(self.transaction.last_insert_rowid(), &called, piece);
                if self.words.is_full() {
                    self.words.write(self.transaction)?;
                }
            }
        }
        drop_orphans(self.transaction, &old)?;
        Ok(Ingested { unchanged, chunks, deferred: None })
    }

    fn insert(&self, document: &Document, hash: &Hash) -> rusqlite::Result<i64> {
        self.transaction
            .prepare_cached(
                "INSERT INTO documents (collection, source, title, metadata, content_hash, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
            )?
            .execute(params![
                document.collection,
                document.source,
                document.title,
                Value::Object(document.metadata.clone()).to_string(),
                hash,
                self.now.as_millisecond()
            ])?;
        Ok(self.transaction.last_insert_rowid())
    }

    fn update(&self, id: i64, document: &Document, hash: &Hash) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached(
                "UPDATE documents SET title = ?2, metadata = ?3, content_hash = ?4, updated_at = ?5 WHERE id = ?1",
            )?
            .execute(params![
                id,
                document.title,
                Value::Object(document.metadata.clone()).to_string(),
                hash,
                self.now.as_millisecond()
            ])
            .map(drop)
    }

    /// Facts that are no part of the content may have changed.
    fn refresh(&self, id: i64, document: &Document) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached("UPDATE documents SET metadata = ?2 WHERE id = ?1 AND metadata <> ?2")?
            .execute(params![id, Value::Object(document.metadata.clone()).to_string()])
            .map(drop)
    }

    /// Makes the text known in every space.
    fn text(&self, source: &Hash, size: usize) -> rusqlite::Result<State> {
        let mut state = State { answering: String::new(), waits: false, was_ready: false, became_ready: 0 };
        for (space, identity) in &self.spaces {
            let new = self
                .transaction
                .prepare_cached(
                    "INSERT INTO embeddings (space_id, source_hash, status, tokens, next_attempt_at)
                     VALUES (?1, ?2, 'PENDING', ?3, ?4) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    space,
                    source,
                    i64::try_from(size).unwrap_or(i64::MAX),
                    self.now.as_millisecond()
                ])?;
            let before = match new {
                1 => "PENDING".to_owned(),
                _ => self
                    .transaction
                    .prepare_cached("SELECT status FROM embeddings WHERE space_id = ?1 AND source_hash = ?2")?
                    .query_row(params![space, source], |row| row.get(0))?,
            };
            let was_ready = before == "READY";
            let status = match self.computed_for(identity, source).filter(|_| !was_ready) {
                Some(vector) => {
                    make_ready(self.transaction, *space, source, vector)?;
                    delivered(self.transaction, *space)?;
                    state.became_ready += 1;
                    "READY".to_owned()
                }
                None => before,
            };
            state.waits |= status != "READY";
            if state.answering.is_empty() {
                (state.answering, state.was_ready) = (status, was_ready);
            }
        }
        Ok(state)
    }

    fn computed_for(&self, identity: &str, source: &Hash) -> Option<&Vector> {
        let computed = self.computed?;
        (computed.space.identity() == identity).then(|| computed.vectors.get(source)).flatten()
    }
}

/// Of a text.
struct State {
    /// In the space that answers.
    answering: String,
    /// A vector is missing in some space.
    waits: bool,
    /// It had a vector there before.
    was_ready: bool,
    /// Spaces that it has a vector in since now.
    became_ready: u64,
}

/// Stores a vector and makes its text READY, which ends any lease and forgets any failure. No effect on a READY text.
pub(super) fn make_ready(
    transaction: &Transaction<'_>,
    space: i64,
    source: &Hash,
    vector: &Vector,
) -> rusqlite::Result<()> {
    let waiting: Option<i64> = transaction
        .prepare_cached(
            "SELECT id FROM embeddings WHERE space_id = ?1 AND source_hash = ?2 AND status <> 'READY'",
        )?
        .query_row(params![space, source], |row| row.get(0))
        .optional()?;
    let Some(waiting) = waiting else { return Ok(()) };
    transaction.prepare_cached("INSERT INTO vectors (vector) VALUES (?1)")?.execute([vector.to_bytes()])?;
    transaction
        .prepare_cached(
            "UPDATE embeddings SET status = 'READY', vector_id = ?2, next_attempt_at = NULL, lease_id = NULL,
                 lease_until = NULL, error_class = NULL, error = NULL, reason = NULL
             WHERE id = ?1",
        )?
        .execute([waiting, transaction.last_insert_rowid()])?;
    forget_source(transaction, source)
}

fn lane_of(transaction: &Transaction<'_>, space: i64) -> rusqlite::Result<String> {
    transaction
        .query_row("SELECT provider || '/' || model FROM spaces WHERE id = ?1", [space], |row| row.get(0))
}

fn all_spaces(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<(i64, String)>> {
    transaction
        .prepare_cached("SELECT id, identity FROM spaces WHERE role <> 'DROPPED' ORDER BY role")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
