//! Embedding spaces: one answers, one may be filling up to follow it.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::Store;
use crate::document::{enriched, tokens};
use crate::embedder::Space;
use crate::error::Error;
use crate::hash::Hash;

enum Choice {
    Chosen,
    Other(String),
}

impl Store {
    /// Says in which space this queue's vectors are. The first space becomes the queue's; after that only the same one,
    /// or the one that [`Store::begin_change`] named, is accepted.
    ///
    /// # Errors
    /// The queue has vectors of another space, or the file fails.
    pub fn use_space(&self, space: &Space, now: Timestamp) -> Result<(), Error> {
        let choice = self.write("choose the embedding model", |transaction| {
            if space_id(transaction, space)?.is_some() {
                return Ok(Choice::Chosen);
            }
            match active(transaction)? {
                Some(active) => Ok(Choice::Other(active)),
                None => insert(transaction, space, "ACTIVE", now).map(|_| Choice::Chosen),
            }
        })?;
        match choice {
            Choice::Chosen => Ok(()),
            Choice::Other(active) => Err(Error::SpaceMismatch { wanted: space.lane(), active }),
        }
    }

    /// The space whose vectors answer; none before one was chosen.
    ///
    /// # Errors
    /// The file fails.
    pub fn answering_space(&self) -> Result<Option<Space>, Error> {
        self.read("look for the embedding model", |transaction| space_in(transaction, "ACTIVE"))
    }

    /// The space that is being filled to follow it, while the embedding model is changed.
    ///
    /// # Errors
    /// The file fails.
    pub fn coming_space(&self) -> Result<Option<Space>, Error> {
        self.read("look for the embedding model", |transaction| space_in(transaction, "NEXT"))
    }

    /// Begins the change to another space: every text becomes PENDING there, while the old space keeps answering. An
    /// unfinished change to a third space is given up.
    ///
    /// # Errors
    /// The file fails.
    pub fn begin_change(&self, space: &Space, now: Timestamp) -> Result<(), Error> {
        self.write("begin the change of the embedding model", |transaction| {
            if space_id(transaction, space)?.is_some() {
                return Ok(());
            }
            let role = if active(transaction)?.is_some() { "NEXT" } else { "ACTIVE" };
            drop_role(transaction, role)?;
            let id = insert(transaction, space, role, now)?;
            for (hash, size) in texts(transaction)? {
                transaction
                    .prepare_cached(
                        "INSERT INTO embeddings (space_id, source_hash, status, tokens, next_attempt_at)
                         VALUES (?1, ?2, 'PENDING', ?3, ?4)",
                    )?
                    .execute(params![id, hash, size, now.as_millisecond()])?;
            }
            Ok(())
        })
    }

    /// Switches to the space that was begun, if nothing is PENDING in it, and removes the old one with its vectors.
    ///
    /// # Errors
    /// The file fails.
    pub fn finish_change(&self) -> Result<bool, Error> {
        if self.coming_space()?.is_none() {
            return Ok(false);
        }
        self.write("change the embedding model", |transaction| {
            let next: Option<i64> = transaction
                .query_row(
                    "SELECT id FROM spaces WHERE role = 'NEXT' AND NOT EXISTS
                     (SELECT 1 FROM embeddings WHERE space_id = spaces.id AND status = 'PENDING')",
                    [],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(next) = next else { return Ok(false) };
            drop_role(transaction, "ACTIVE")?;
            transaction.execute("UPDATE spaces SET role = 'ACTIVE' WHERE id = ?1", [next])?;
            // No index of the old space is of use to anybody any more.
            transaction.execute("DELETE FROM removals", [])?;
            Ok(true)
        })
    }
}

pub(super) fn space_id(connection: &Connection, space: &Space) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM spaces WHERE identity = ?1")?
        .query_row([space.identity()], |row| row.get(0))
        .optional()
}

pub(super) fn space_in(connection: &Connection, role: &str) -> rusqlite::Result<Option<Space>> {
    let identity: Option<String> = connection
        .prepare_cached("SELECT identity FROM spaces WHERE role = ?1")?
        .query_row([role], |row| row.get(0))
        .optional()?;
    Ok(identity.as_deref().and_then(Space::from_identity))
}

pub(super) fn active(transaction: &Transaction<'_>) -> rusqlite::Result<Option<String>> {
    transaction
        .query_row("SELECT provider || '/' || model FROM spaces WHERE role = 'ACTIVE'", [], |row| row.get(0))
        .optional()
}

fn insert(transaction: &Transaction<'_>, space: &Space, role: &str, now: Timestamp) -> rusqlite::Result<i64> {
    let dimensions = i64::try_from(space.dimensions).unwrap_or(i64::MAX);
    transaction.execute(
        "INSERT INTO spaces (identity, provider, model, dimensions, role, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![space.identity(), space.provider, space.model, dimensions, role, now.as_millisecond()],
    )?;
    Ok(transaction.last_insert_rowid())
}

fn drop_role(transaction: &Transaction<'_>, role: &str) -> rusqlite::Result<()> {
    let vectors: Vec<Option<i64>> = transaction
        .prepare("DELETE FROM embeddings WHERE space_id = (SELECT id FROM spaces WHERE role = ?1) RETURNING vector_id")?
        .query_map([role], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for vector in vectors.into_iter().flatten() {
        transaction.prepare_cached("DELETE FROM vectors WHERE id = ?1")?.execute([vector])?;
    }
    transaction.execute("DELETE FROM spaces WHERE role = ?1", [role])?;
    Ok(())
}

/// Every text of the queue with its size.
fn texts(transaction: &Transaction<'_>) -> rusqlite::Result<HashMap<Hash, i64>> {
    let mut statement = transaction.prepare(
        "SELECT source_hash, title, chunks.metadata, content FROM chunks JOIN documents ON documents.id = document_id",
    )?;
    let mut rows = statement.query([])?;
    let mut texts = HashMap::new();
    while let Some(row) = rows.next()? {
        let text = rebuilt(&row.get::<_, String>(1)?, &row.get::<_, String>(2)?, &row.get::<_, String>(3)?);
        texts.insert(row.get(0)?, i64::try_from(tokens(&text)).unwrap_or(i64::MAX));
    }
    Ok(texts)
}

/// The enriched text of a stored chunk, which is dropped from the file once its vector is there.
pub(super) fn rebuilt(title: &str, metadata: &str, content: &str) -> String {
    let metadata: serde_json::Value = serde_json::from_str(metadata).unwrap_or_default();
    if let Some(text) = metadata["_vector_source"].as_str() {
        return text.to_owned();
    }
    let headings: Vec<&str> = metadata["headings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|heading| heading.as_str())
        .collect();
    enriched(title, &headings, content)
}
