//! Documents come in, change and go.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::Value;

use super::Store;
use super::spaces::space_id;
use super::spending::book;
use super::status::{Counts, document_counts};
use crate::document::{Document, Piece, enriched, tokens};
use crate::embedder::{Input, Space, Usage};
use crate::error::Error;
use crate::hash::Hash;
use crate::search::words::Analyser;
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
            let write = Write {
                transaction,
                spaces: all_spaces(transaction)?,
                computed,
                now,
                analyser: Analyser::new(),
                saved: Cell::new(0),
            };
            let Some(space) = write.spaces.first().map(|(id, _)| *id) else { return Ok(None) };
            let stored = documents.iter().map(|document| write.put(document));
            let stored = stored.collect::<rusqlite::Result<Vec<_>>>()?;
            if write.saved.get() > 0 {
                book(
                    transaction,
                    &lane_of(transaction, space)?,
                    now,
                    0,
                    Usage::default(),
                    write.saved.get(),
                )?;
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
                let input = Input::new(enriched(&document.title, &piece.headings, &piece.content));
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

    /// Removes a document with its chunks, and every text and vector that no other chunk has. Says whether it existed.
    ///
    /// # Errors
    /// The file fails.
    pub fn delete(&self, collection: &str, source: &str) -> Result<bool, Error> {
        self.write("delete a document", |transaction| {
            let id: Option<i64> = transaction
                .query_row(
                    "SELECT id FROM documents WHERE collection = ?1 AND source = ?2",
                    [collection, source],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(id) = id else { return Ok(false) };
            let hashes = drop_chunks(transaction, id)?;
            transaction.execute("DELETE FROM documents WHERE id = ?1", [id])?;
            drop_orphans(transaction, &hashes)?;
            Ok(true)
        })
    }
}

struct Write<'a> {
    transaction: &'a Transaction<'a>,
    spaces: Vec<(i64, String)>,
    computed: Option<&'a Computed<'a>>,
    now: Timestamp,
    analyser: Analyser,
    /// Tokens of texts of new and changed documents that the first space knew already.
    saved: Cell<u64>,
}

impl Write<'_> {
    fn put(&self, document: &Document) -> rusqlite::Result<Ingested> {
        let hash = document.hash();
        let known: Option<(i64, Hash)> = self
            .transaction
            .prepare_cached("SELECT id, content_hash FROM documents WHERE collection = ?1 AND source = ?2")?
            .query_row([&document.collection, &document.source], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let unchanged = known.is_some_and(|(_, stored)| stored == hash);
        let old = match known {
            // Vectors that were computed are stored in any case: they may be what the same document waits for.
            Some((id, _)) if unchanged && self.computed.is_none() => {
                return Ok(Ingested {
                    unchanged,
                    chunks: document_counts(self.transaction, id)?,
                    deferred: None,
                });
            }
            Some((id, _)) if !unchanged => drop_chunks(self.transaction, id)?,
            _ => HashSet::new(),
        };
        let id = self.document(document, &hash)?;
        for (position, piece) in document.pieces.iter().enumerate() {
            let text = enriched(&document.title, &piece.headings, &piece.content);
            let source = Hash::of(&text);
            let (waits, known) = self.text(&source, tokens(&text))?;
            if known && !unchanged {
                self.saved.set(self.saved.get() + tokens(&text) as u64);
            }
            if !unchanged {
                let mut metadata = piece.facts();
                if waits {
                    metadata["_vector_source"] = Value::String(text);
                }
                let position = i64::try_from(position).unwrap_or(i64::MAX);
                self.transaction
                    .prepare_cached(
                        "INSERT INTO chunks (document_id, position, content, metadata, source_hash)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![id, position, piece.content, metadata.to_string(), source])?;
                self.index(self.transaction.last_insert_rowid(), &document.title, piece)?;
            }
        }
        drop_orphans(self.transaction, &old)?;
        Ok(Ingested { unchanged, chunks: document_counts(self.transaction, id)?, deferred: None })
    }

    fn index(&self, chunk: i64, title: &str, piece: &Piece) -> rusqlite::Result<()> {
        let text = self.analyser.columns(&piece.content);
        let headings = self.analyser.columns(&format!("{title} {}", piece.headings.join(" ")));
        self.transaction
            .prepare_cached("INSERT INTO words (rowid, stemmed, exact, headings) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![chunk, text.stemmed, text.exact, headings.stemmed])
            .map(drop)
    }

    fn document(&self, document: &Document, hash: &Hash) -> rusqlite::Result<i64> {
        let metadata = Value::Object(document.metadata.clone()).to_string();
        self.transaction
            .prepare_cached(
                "INSERT INTO documents (collection, source, title, metadata, content_hash, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
                 ON CONFLICT (collection, source) DO UPDATE SET title = excluded.title,
                     metadata = excluded.metadata, content_hash = excluded.content_hash,
                     updated_at = CASE content_hash WHEN excluded.content_hash THEN updated_at
                                  ELSE excluded.updated_at END
                 RETURNING id",
            )?
            .query_row(
                params![
                    document.collection,
                    document.source,
                    document.title,
                    metadata,
                    hash,
                    self.now.as_millisecond()
                ],
                |row| row.get(0),
            )
    }

    /// Makes the text known in every space; says whether a vector is missing in any, and whether the text was known.
    fn text(&self, source: &Hash, size: usize) -> rusqlite::Result<(bool, bool)> {
        let (mut waits, mut known) = (false, true);
        for (space, identity) in &self.spaces {
            let added = self
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
            known &= added == 0;
            if let Some(vector) = self.computed_for(identity, source) {
                make_ready(self.transaction, *space, source, vector)?;
            }
            waits |= !self
                .transaction
                .prepare_cached(
                    "SELECT 1 FROM embeddings WHERE space_id = ?1 AND source_hash = ?2 AND status = 'READY'",
                )?
                .exists(params![space, source])?;
        }
        Ok((waits, known))
    }

    fn computed_for(&self, identity: &str, source: &Hash) -> Option<&Vector> {
        let computed = self.computed?;
        (computed.space.identity() == identity).then(|| computed.vectors.get(source)).flatten()
    }
}

/// Stores a vector and makes its text READY, which ends any lease and forgets any failure. No effect on a READY text.
pub(super) fn make_ready(
    transaction: &Transaction<'_>,
    space: i64,
    source: &Hash,
    vector: &Vector,
) -> rusqlite::Result<()> {
    let waits = transaction
        .prepare_cached(
            "SELECT 1 FROM embeddings WHERE space_id = ?1 AND source_hash = ?2 AND status <> 'READY'",
        )?
        .exists(params![space, source])?;
    if !waits {
        return Ok(());
    }
    transaction.prepare_cached("INSERT INTO vectors (vector) VALUES (?1)")?.execute([vector.to_bytes()])?;
    transaction
        .prepare_cached(
            "UPDATE embeddings SET status = 'READY', vector_id = ?3, next_attempt_at = NULL, lease_id = NULL,
                 lease_until = NULL, error_class = NULL, error = NULL, reason = NULL
             WHERE space_id = ?1 AND source_hash = ?2",
        )?
        .execute(params![space, source, transaction.last_insert_rowid()])?;
    // The enriched text is kept only as long as some space still needs it.
    transaction
        .prepare_cached(
            "UPDATE chunks SET metadata = json_remove(metadata, '$._vector_source') WHERE source_hash = ?1
             AND NOT EXISTS (SELECT 1 FROM embeddings WHERE source_hash = ?1 AND status <> 'READY'
                             AND space_id IN (SELECT id FROM spaces WHERE id <> ?2))",
        )?
        .execute(params![source, space])?;
    Ok(())
}

fn lane_of(transaction: &Transaction<'_>, space: i64) -> rusqlite::Result<String> {
    transaction
        .query_row("SELECT provider || '/' || model FROM spaces WHERE id = ?1", [space], |row| row.get(0))
}

fn all_spaces(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<(i64, String)>> {
    transaction
        .prepare_cached("SELECT id, identity FROM spaces")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Removes chunks with their words; gives the hashes of their texts.
pub(super) fn drop_chunks(transaction: &Transaction<'_>, document: i64) -> rusqlite::Result<HashSet<Hash>> {
    let gone: Vec<(i64, Hash)> = transaction
        .prepare_cached("DELETE FROM chunks WHERE document_id = ?1 RETURNING id, source_hash")?
        .query_map([document], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (chunk, _) in &gone {
        transaction.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([chunk])?;
    }
    Ok(gone.into_iter().map(|(_, hash)| hash).collect())
}

/// Removes texts that no chunk has any more, with their vectors. A worker that still holds one finds nothing to settle.
pub(super) fn drop_orphans(transaction: &Transaction<'_>, hashes: &HashSet<Hash>) -> rusqlite::Result<()> {
    for hash in hashes {
        let vectors: Vec<Option<i64>> = transaction
            .prepare_cached(
                "DELETE FROM embeddings WHERE space_id IN (SELECT id FROM spaces) AND source_hash = ?1
                 AND NOT EXISTS (SELECT 1 FROM chunks WHERE source_hash = ?1) RETURNING vector_id",
            )?
            .query_map([hash], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for vector in vectors.into_iter().flatten() {
            transaction.prepare_cached("DELETE FROM vectors WHERE id = ?1")?.execute([vector])?;
        }
    }
    Ok(())
}
