//! The queue at a glance.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Store;
use super::status::{Counts, Scope};
use crate::error::Error;
use crate::vocabulary::Status;

/// Groups of failures that are told; there is a cause behind each, so more of them say less.
const TROUBLES: u32 = 20;
/// A worker that gave no sign for so long is dead, in milliseconds.
pub(super) const SILENCE: i64 = 180_000;

/// The queue at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// Embedding spaces, the one that answers first.
    pub spaces: Vec<SpaceState>,
    /// Collections by name.
    pub collections: Vec<Collection>,
    /// Since when the document waits that waits longest.
    pub oldest_pending: Option<Timestamp>,
    /// Workers that gave a sign in the last three minutes.
    pub workers: u64,
    /// Failures grouped by cause, the most frequent first.
    pub troubles: Vec<Trouble>,
    /// Providers that are left alone for a while.
    pub pauses: Vec<Pause>,
}

/// An embedding space and its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceState {
    /// As [`crate::Space::identity`] gives it.
    pub identity: String,
    /// Provider and model.
    pub lane: String,
    /// Search asks it; otherwise it is being filled to follow.
    pub answers: bool,
    /// Texts by state; a text that stands in several chunks counts once.
    pub texts: Counts,
    /// Tokens of the texts that are PENDING, estimated.
    pub pending_tokens: u64,
}

/// Documents of a collection, by state in the space that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its name.
    pub name: String,
    /// Its documents.
    pub documents: Counts,
}

/// Texts with the same failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// FAILED for good, or PENDING after a failure.
    pub status: Status,
    /// Whose fault it was: `item`, `provider` or `configuration`.
    pub class: Option<String>,
    /// What happened.
    pub error: String,
    /// How many texts.
    pub texts: u64,
}

/// A provider that is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Provider and model.
    pub lane: String,
    /// Until then.
    pub until: Timestamp,
    /// What it said.
    pub error: Option<String>,
}

impl Store {
    /// The queue at a glance, all of one moment.
    ///
    /// # Errors
    /// The file fails.
    pub fn overview(&self, now: Timestamp) -> Result<Overview, Error> {
        self.read("look at the queue", |transaction| {
            Ok(Overview {
                spaces: spaces(transaction)?,
                collections: collections(transaction)?,
                oldest_pending: oldest_pending(transaction)?,
                workers: workers(transaction, now)?,
                troubles: troubles(transaction)?,
                pauses: pauses(transaction, now)?,
            })
        })
    }

    /// Embedding spaces, the one that answers first.
    ///
    /// # Errors
    /// The file fails.
    pub fn spaces(&self) -> Result<Vec<SpaceState>, Error> {
        self.read("look at the embedding spaces", spaces)
    }

    /// Documents that are called so: their source, their title, or what follows the last separators of their source.
    /// Exact sources first. In these collections only, unless there are none.
    ///
    /// # Errors
    /// The file fails.
    pub fn named(&self, name: &str, collections: &[String], limit: u32) -> Result<Vec<Scope>, Error> {
        let within = serde_json::Value::from(collections).to_string();
        self.read("look for a document", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT collection, source FROM documents
                     WHERE (source = ?1 OR title = ?1 OR substr(source, -length(?1) - 1) IN ('/' || ?1, '\\' || ?1))
                         AND (?2 = '[]' OR collection IN (SELECT value FROM json_each(?2)))
                     ORDER BY source <> ?1, title <> ?1, collection, source LIMIT ?3",
                )?
                .query_map(params![name, within, limit], |row| {
                    Ok(Scope { collection: Some(row.get(0)?), source: Some(row.get(1)?) })
                })?
                .collect()
        })
    }

    /// Names of all collections, in order.
    ///
    /// # Errors
    /// The file fails.
    pub fn collections(&self) -> Result<Vec<String>, Error> {
        self.read("list collections", |transaction| {
            // From one to the next by the index over collections and sources, whatever the number of documents.
            transaction
                .prepare_cached(
                    "WITH RECURSIVE names (name) AS (
                         SELECT min(collection) FROM documents
                         UNION ALL SELECT (SELECT min(collection) FROM documents WHERE collection > name)
                         FROM names WHERE name IS NOT NULL)
                     SELECT name FROM names WHERE name IS NOT NULL",
                )?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }

    /// Workers that gave a sign in the last three minutes.
    ///
    /// # Errors
    /// The file fails.
    pub fn workers(&self, now: Timestamp) -> Result<u64, Error> {
        self.read("look for workers", |transaction| workers(transaction, now))
    }

    /// Whether there is a document under this key.
    ///
    /// # Errors
    /// The file fails.
    pub fn holds(&self, collection: &str, source: &str) -> Result<bool, Error> {
        self.read("look for a document", |transaction| {
            transaction
                .prepare_cached("SELECT 1 FROM documents WHERE collection = ?1 AND source = ?2")?
                .exists([collection, source])
        })
    }

    /// Documents of a collection in the order in which they came, above a number, at most so many: their numbers, their
    /// sources, and one of their facts.
    ///
    /// # Errors
    /// The file fails.
    pub fn sources_with(
        &self,
        collection: &str,
        fact: &str,
        above: i64,
        limit: u32,
    ) -> Result<Vec<(i64, String, Option<String>)>, Error> {
        self.read("list documents", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT id, source, (SELECT CAST(value AS TEXT) FROM json_each(metadata) WHERE key = ?2) FROM documents
                     WHERE id > ?3 AND +collection = ?1 ORDER BY id LIMIT ?4",
                )?
                .query_map(params![collection, fact, above, limit], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?
                .collect()
        })
    }

    /// Sources of a collection in order, above one, at most so many.
    ///
    /// # Errors
    /// The file fails.
    pub fn sources(&self, collection: &str, above: &str, limit: u32) -> Result<Vec<String>, Error> {
        self.read("list documents", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT source FROM documents WHERE collection = ?1 AND source > ?2 ORDER BY source LIMIT ?3",
                )?
                .query_map(params![collection, above, limit], |row| row.get(0))?
                .collect()
        })
    }

    /// Whether any collection's name begins so.
    ///
    /// # Errors
    /// The file fails.
    pub fn has_collection(&self, beginning: &str) -> Result<bool, Error> {
        self.read("look for a collection", |transaction| has_collection(transaction, beginning))
    }
}

/// The index over collections and sources finds the first one that is not below the beginning.
pub(super) fn has_collection(transaction: &Transaction<'_>, beginning: &str) -> rusqlite::Result<bool> {
    let next: Option<String> = transaction
        .prepare_cached(
            "SELECT collection FROM documents WHERE collection >= ?1 ORDER BY collection LIMIT 1",
        )?
        .query_row([beginning], |row| row.get(0))
        .optional()?;
    Ok(next.is_some_and(|next| next.starts_with(beginning)))
}

/// Workers that live and have a model whose texts wait for anybody.
pub(super) fn workers(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<u64> {
    let count: u32 = transaction
        .prepare_cached(
            "SELECT count(*) FROM workers WHERE seen_at >= ?1
             AND lane IN (SELECT provider || '/' || model FROM spaces WHERE role <> 'DROPPED')",
        )?
        .query_row([now.as_millisecond() - SILENCE], |row| row.get(0))?;
    Ok(count.into())
}

fn spaces(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<SpaceState>> {
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    transaction
        .prepare_cached(
            "SELECT identity, provider || '/' || model, role, count(status),
                 coalesce(sum(status = 'PENDING'), 0), coalesce(sum(status = 'FAILED'), 0),
                 coalesce(sum(CASE status WHEN 'PENDING' THEN tokens END), 0)
             FROM spaces LEFT JOIN embeddings ON space_id = spaces.id
             WHERE role <> 'DROPPED' GROUP BY spaces.id ORDER BY role",
        )?
        .query_map([], |row| {
            let (all, pending, failed): (i64, i64, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
            Ok(SpaceState {
                identity: row.get(0)?,
                lane: row.get(1)?,
                answers: row.get::<_, String>(2)? == "ACTIVE",
                texts: Counts {
                    pending: number(pending),
                    ready: number(all - pending - failed),
                    failed: number(failed),
                },
                pending_tokens: number(row.get(6)?),
            })
        })?
        .collect()
}

fn collections(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<Collection>> {
    let mut statement = transaction.prepare_cached(
        "SELECT collection, status, count(*) FROM (
             SELECT collection, CASE WHEN sum(status = 'PENDING') > 0 THEN 'PENDING'
                 WHEN sum(status = 'FAILED') > 0 THEN 'FAILED' ELSE 'READY' END AS status
             FROM documents JOIN chunks ON document_id = documents.id
             JOIN embeddings ON embeddings.source_hash = chunks.source_hash
                 AND space_id = (SELECT id FROM spaces WHERE role = 'ACTIVE')
             GROUP BY documents.id)
         GROUP BY collection, status ORDER BY collection",
    )?;
    let mut rows = statement.query([])?;
    let mut collections: Vec<Collection> = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        if collections.last().is_none_or(|last| last.name != name) {
            collections.push(Collection { name, documents: Counts::default() });
        }
        if let Some(last) = collections.last_mut() {
            last.documents.add(&row.get::<_, String>(1)?, row.get(2)?);
        }
    }
    Ok(collections)
}

fn oldest_pending(transaction: &Transaction<'_>) -> rusqlite::Result<Option<Timestamp>> {
    let oldest: Option<i64> = transaction.query_row(
        "SELECT min(updated_at) FROM embeddings JOIN chunks USING (source_hash)
         JOIN documents ON documents.id = document_id
         WHERE status = 'PENDING' AND space_id = (SELECT id FROM spaces WHERE role = 'ACTIVE')",
        [],
        |row| row.get(0),
    )?;
    Ok(oldest.and_then(|at| Timestamp::from_millisecond(at).ok()))
}

fn troubles(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<Trouble>> {
    transaction
        .prepare_cached(
            "SELECT status, error_class, coalesce(reason, error), count(*) FROM embeddings
             WHERE status <> 'READY' AND coalesce(reason, error) IS NOT NULL
                 AND space_id IN (SELECT id FROM spaces WHERE role <> 'DROPPED')
             GROUP BY 1, 2, 3 ORDER BY 4 DESC, 3 LIMIT ?1",
        )?
        .query_map([TROUBLES], |row| {
            let status: String = row.get(0)?;
            Ok(Trouble {
                status: status.parse().unwrap_or(Status::Pending),
                class: row.get(1)?,
                error: row.get(2)?,
                texts: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
            })
        })?
        .collect()
}

fn pauses(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<Vec<Pause>> {
    transaction
        .prepare_cached(
            "SELECT name, paused_until, error FROM lanes WHERE failures > 0 AND paused_until > ?1 ORDER BY name",
        )?
        .query_map([now.as_millisecond()], |row| {
            Ok(Pause {
                lane: row.get(0)?,
                until: Timestamp::from_millisecond(row.get(1)?).unwrap_or(Timestamp::MAX),
                error: row.get(2)?,
            })
        })?
        .collect()
}
