//! Embedding spaces: one answers, one may be filling up to follow it, and those that are no longer wanted are removed bit
//! by bit. Every transaction here is a small one, so that nobody else waits long; what a killed process leaves to do, the
//! next one goes on with.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::Store;
use crate::crumbs::enriched;
use crate::document::crumbs;
use crate::embedder::Space;
use crate::error::Error;
use crate::hash::Hash;

/// Texts of one transaction.
const PORTION: i64 = 1_000;
/// Between two of them, so that others get their turn.
const GAP: Duration = Duration::from_millis(5);

/// How the change to another embedding model stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// No model is to follow the one that answers.
    None,
    /// Texts wait for the new model.
    UnderWay,
    /// Nothing waits, but search would lose by it: texts that the old model has failed with the new one, or it gave
    /// nothing at all. The old one goes on answering.
    HeldBack {
        /// Texts that failed with the new model.
        failed: u64,
    },
    /// The new model answers.
    Done,
}

enum Choice {
    Chosen,
    Other(String),
    Open,
}

impl Store {
    /// Says in which space this queue's vectors are. The first space becomes the queue's; after that only the same one,
    /// or the one that [`Store::begin_change`] named, is accepted.
    ///
    /// # Errors
    /// The queue has vectors of another space, or the file fails.
    pub fn use_space(&self, space: &Space, now: Timestamp) -> Result<(), Error> {
        let doing = "choose the embedding model";
        let mut choice = self.read(doing, |transaction| choice(transaction, space))?;
        if matches!(choice, Choice::Open) {
            choice = self.write(doing, |transaction| match self::choice(transaction, space)? {
                Choice::Open => insert(transaction, space, "ACTIVE", now).map(|()| Choice::Chosen),
                made => Ok(made),
            })?;
        }
        match choice {
            Choice::Other(active) => Err(Error::SpaceMismatch { wanted: space.lane(), active }),
            Choice::Chosen | Choice::Open => Ok(()),
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

    /// Begins the change to another space, or goes on with it: every text becomes PENDING there, while the old space keeps
    /// answering. An unfinished change to a third space is given up.
    ///
    /// # Errors
    /// The file fails.
    pub fn begin_change(&self, space: &Space, now: Timestamp) -> Result<(), Error> {
        self.write("begin the change of the embedding model", |transaction| {
            if space_id(transaction, space)?.is_some() {
                return Ok(());
            }
            if active(transaction)?.is_none() {
                return insert(transaction, space, "ACTIVE", now);
            }
            dismiss(transaction, "NEXT")?;
            insert(transaction, space, "NEXT", now)
        })?;
        self.go_on().map(drop)
    }

    /// Gives up the change that was begun; the old space keeps answering. Says whether there was one.
    ///
    /// # Errors
    /// The file fails.
    pub fn give_up_change(&self) -> Result<bool, Error> {
        let given_up = self
            .write("give up the change of the embedding model", |transaction| dismiss(transaction, "NEXT"))?;
        self.go_on()?;
        Ok(given_up)
    }

    /// Switches to the space that was begun, if nothing is PENDING in it and search loses nothing by it.
    ///
    /// # Errors
    /// The file fails.
    pub fn finish_change(&self) -> Result<Change, Error> {
        self.switch(false)
    }

    /// Switches to the space that was begun, if nothing is PENDING in it, whatever FAILED there.
    ///
    /// # Errors
    /// The file fails.
    pub fn finish_change_anyway(&self) -> Result<Change, Error> {
        self.switch(true)
    }

    fn switch(&self, anyway: bool) -> Result<Change, Error> {
        let doing = "change the embedding model";
        let ends = |change| change == Change::Done || (anyway && matches!(change, Change::HeldBack { .. }));
        // Read without a lock first: idle workers ask again and again.
        let change = self.read(doing, standing)?;
        if !ends(change) {
            return Ok(change);
        }
        let change = self.write(doing, |transaction| {
            let change = standing(transaction)?;
            if !ends(change) {
                return Ok(change);
            }
            dismiss(transaction, "ACTIVE")?;
            transaction.execute("UPDATE spaces SET role = 'ACTIVE' WHERE role = 'NEXT'", [])?;
            // No index of the old space is of use to anybody any more.
            transaction.execute("DELETE FROM removals", [])?;
            Ok(Change::Done)
        })?;
        self.go_on()?;
        Ok(change)
    }

    /// Goes on with what changes of the model left to do; says whether texts became PENDING by it.
    pub(crate) fn go_on(&self) -> Result<bool, Error> {
        let mut more = false;
        while self.fill()? {
            more = true;
            std::thread::sleep(GAP);
        }
        while self.clear()? {
            std::thread::sleep(GAP);
        }
        Ok(more)
    }

    /// Makes the next texts PENDING in the space that is to follow. Those of documents that come in meanwhile are put
    /// there with them; their chunks have higher numbers.
    fn fill(&self) -> Result<bool, Error> {
        let doing = "queue texts for the new model";
        if self.read(doing, unfilled)?.is_none() {
            return Ok(false);
        }
        self.write(doing, |transaction| {
            let Some((space, from)) = unfilled(transaction)? else { return Ok(false) };
            let to: Option<i64> = transaction.query_row(
                "SELECT max(id) FROM (SELECT id FROM chunks WHERE id > ?1 ORDER BY id LIMIT ?2)",
                [from, PORTION],
                |row| row.get(0),
            )?;
            transaction.execute(
                "INSERT INTO embeddings (space_id, source_hash, status, tokens, next_attempt_at)
                 SELECT spaces.id, chunks.source_hash, 'PENDING', known.tokens, spaces.created_at
                 FROM chunks JOIN spaces ON spaces.id = ?1
                 CROSS JOIN embeddings AS known ON known.source_hash = chunks.source_hash
                     AND known.space_id = (SELECT id FROM spaces WHERE role = 'ACTIVE')
                 WHERE chunks.id > ?2 AND chunks.id <= ?3 ORDER BY chunks.id ON CONFLICT DO NOTHING",
                params![space, from, to],
            )?;
            transaction.execute("UPDATE spaces SET filled_to = ?2 WHERE id = ?1", params![space, to])?;
            Ok(to.is_some())
        })
    }

    /// Removes the next texts of a space that is no longer wanted, with their vectors.
    fn clear(&self) -> Result<bool, Error> {
        let doing = "remove vectors of a former model";
        let former = |transaction: &Transaction<'_>| -> rusqlite::Result<Option<i64>> {
            let one = "SELECT id FROM spaces WHERE role = 'DROPPED' LIMIT 1";
            transaction.prepare_cached(one)?.query_row([], |row| row.get(0)).optional()
        };
        if self.read(doing, former)?.is_none() {
            return Ok(false);
        }
        self.write(doing, |transaction| {
            let Some(space) = former(transaction)? else { return Ok(false) };
            let gone: Vec<(Option<i64>, Hash)> = transaction
                .prepare_cached(
                    "DELETE FROM embeddings WHERE id IN
                     (SELECT id FROM embeddings WHERE space_id = ?1 LIMIT ?2) RETURNING vector_id, source_hash",
                )?
                .query_map([space, PORTION], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for (vector, hash) in &gone {
                match vector {
                    Some(_) => {
                        transaction.prepare_cached("DELETE FROM vectors WHERE id = ?1")?.execute([vector])?;
                    }
                    None => forget_source(transaction, hash)?,
                }
            }
            if gone.is_empty() {
                transaction.execute("DELETE FROM spaces WHERE id = ?1", [space])?;
            }
            Ok(true)
        })
    }
}

fn choice(transaction: &Transaction<'_>, space: &Space) -> rusqlite::Result<Choice> {
    if space_id(transaction, space)?.is_some() {
        return Ok(Choice::Chosen);
    }
    Ok(active(transaction)?.map_or(Choice::Open, Choice::Other))
}

/// What the change may come to now: [`Change::Done`] when nothing speaks against it.
fn standing(transaction: &Transaction<'_>) -> rusqlite::Result<Change> {
    let next: Option<(i64, bool)> = transaction
        .prepare_cached("SELECT id, filled_to IS NULL FROM spaces WHERE role = 'NEXT'")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((next, filled)) = next else { return Ok(Change::None) };
    let exists = |sql: &str| transaction.prepare_cached(sql)?.exists([next]);
    if !filled || exists("SELECT 1 FROM embeddings WHERE space_id = ?1 AND status = 'PENDING'")? {
        return Ok(Change::UnderWay);
    }
    let failed: i64 = transaction
        .prepare_cached("SELECT count(*) FROM embeddings WHERE space_id = ?1 AND status = 'FAILED'")?
        .query_row([next], |row| row.get(0))?;
    let worse = exists(
        "SELECT 1 FROM embeddings AS new JOIN embeddings AS old ON old.source_hash = new.source_hash
             AND old.space_id = (SELECT id FROM spaces WHERE role = 'ACTIVE') AND old.status = 'READY'
         WHERE new.space_id = ?1 AND new.status = 'FAILED'",
    )?;
    let delivers = || exists("SELECT 1 FROM embeddings WHERE space_id = ?1 AND status = 'READY'");
    if worse || (failed > 0 && !delivers()?) {
        return Ok(Change::HeldBack { failed: u64::try_from(failed).unwrap_or(0) });
    }
    Ok(Change::Done)
}

/// The space that is not filled yet, and how far it is.
fn unfilled(transaction: &Transaction<'_>) -> rusqlite::Result<Option<(i64, i64)>> {
    transaction
        .prepare_cached("SELECT id, filled_to FROM spaces WHERE role = 'NEXT' AND filled_to IS NOT NULL")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

pub(super) fn space_id(connection: &Connection, space: &Space) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM spaces WHERE identity = ?1 AND role <> 'DROPPED'")?
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

fn insert(transaction: &Transaction<'_>, space: &Space, role: &str, now: Timestamp) -> rusqlite::Result<()> {
    let dimensions = i64::try_from(space.dimensions).unwrap_or(i64::MAX);
    let millisecond = now.as_millisecond();
    transaction
        .execute(
            "INSERT INTO spaces (identity, provider, model, dimensions, role, created_at, filled_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, CASE ?5 WHEN 'NEXT' THEN 0 END)",
            params![space.identity(), space.provider, space.model, dimensions, role, millisecond],
        )
        .map(drop)
}

/// From now on nobody sees the space; its texts and vectors are cleared away afterwards.
fn dismiss(transaction: &Transaction<'_>, role: &str) -> rusqlite::Result<bool> {
    transaction.execute("UPDATE spaces SET role = 'DROPPED' WHERE role = ?1", [role]).map(|count| count > 0)
}

/// The space got a vector.
pub(super) fn delivered(transaction: &Transaction<'_>, space: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE spaces SET delivered = 1 WHERE id = ?1 AND delivered = 0")?
        .execute([space])
        .map(drop)
}

/// The enriched text is kept only as long as some space still needs it.
pub(super) fn forget_source(transaction: &Transaction<'_>, text: &Hash) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE chunks SET metadata = json_remove(metadata, '$._vector_source') WHERE source_hash = ?1
             AND NOT EXISTS (SELECT 1 FROM embeddings WHERE source_hash = ?1 AND status <> 'READY'
                             AND space_id IN (SELECT id FROM spaces WHERE role <> 'DROPPED'))",
        )?
        .execute([text])
        .map(drop)
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
    enriched(title, &headings, content, crumbs(&metadata))
}
