//! Work is leased to one worker at a time.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::Store;
use super::overview::has_collection;
use super::spaces::{active, rebuilt, space_id};
use crate::breaker::{Admission, Breaker};
use crate::embedder::{Input, Space};
use crate::error::Error;
use crate::hash::Hash;

/// A worker's sign of life is written down again after so many milliseconds.
const SIGN: i64 = 30_000;

/// What a worker asks for.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) worker: String,
    pub(crate) space: Space,
    pub(crate) items: usize,
    pub(crate) tokens: usize,
    pub(crate) lease: Duration,
    /// Leases that may end without a result before a text is suspected of killing its workers.
    pub(crate) lost: u32,
    /// Nothing is claimed when a collection's name begins so.
    pub(crate) forbidden: Option<&'static str>,
    pub(crate) now: Timestamp,
}

/// Texts that are this worker's until the lease ends.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) token: String,
    pub(crate) space: i64,
    pub(crate) lane: String,
    pub(crate) failures: u32,
    /// The provider gave a vector at some time.
    pub(crate) delivered: bool,
    pub(crate) texts: Vec<Leased>,
}

#[derive(Debug, Clone)]
pub(crate) struct Leased {
    /// Of the text's state, of which there may be another one later.
    pub(crate) id: i64,
    pub(crate) input: Input,
    pub(crate) attempts: u32,
}

#[derive(Debug)]
pub(crate) enum Claim {
    Texts(Lease),
    Wait(Timestamp),
    /// The lane is left alone until then.
    Paused(Timestamp, String),
    Drained,
    Forbidden,
    /// Another model answers, and this one is not to follow it.
    Replaced,
}

impl Store {
    /// A name that no other worker has.
    pub(crate) fn worker_name(&self) -> Result<String, Error> {
        self.read("name a worker", token)
    }

    pub(crate) fn claim(&self, ask: &Ask) -> Result<Claim, Error> {
        // Looked at without the write lock first: idle workers ask again and again.
        if let Some(idle) = self.read("claim texts", |transaction| idle(transaction, ask))? {
            return Ok(idle);
        }
        self.write("claim texts", |transaction| {
            sign_in(transaction, ask)?;
            let space = match due(transaction, ask)? {
                Due::Nothing(claim) => return Ok(claim),
                Due::Texts(space) => space,
            };
            let lane = ask.space.lane();
            let breaker = breaker(transaction, &lane)?;
            let probe = breaker.admit(ask.now) == Admission::Probe;
            // A provider that fails is asked for one text only.
            let items = if probe { 1 } else { ask.items };
            let lease = lease(transaction, &Ask { items, ..ask.clone() }, space, breaker.failures)?;
            if lease.texts.is_empty() {
                return Ok(next_due(transaction, space)?.map_or(Claim::Drained, Claim::Wait));
            }
            if probe {
                save(transaction, &lane, breaker.probing(after(ask.now, ask.lease)), None)?;
            }
            Ok(Claim::Texts(lease))
        })
    }

    /// PENDING texts of a space, and their tokens.
    pub(crate) fn waiting(&self, space: i64) -> Result<(u64, u64), Error> {
        let number =
            |row: &Row<'_>, at| row.get::<_, i64>(at).map(|number| u64::try_from(number).unwrap_or(0));
        self.read("count what waits", |transaction| {
            transaction.query_row(
                "SELECT count(*), coalesce(sum(tokens), 0) FROM embeddings WHERE space_id = ?1 AND status = 'PENDING'",
                [space],
                |row| Ok((number(row, 0)?, number(row, 1)?)),
            )
        })
    }

    /// Prolongs a lease; says whether any of it is still this worker's.
    pub(crate) fn extend(
        &self,
        token: &str,
        space: i64,
        hashes: &[Hash],
        until: Timestamp,
    ) -> Result<bool, Error> {
        self.write("prolong a lease", |transaction| {
            let mut held = 0;
            for hash in hashes {
                held += transaction
                    .prepare_cached(
                        "UPDATE embeddings SET lease_until = ?4, next_attempt_at = ?4
                         WHERE space_id = ?1 AND source_hash = ?2 AND lease_id = ?3",
                    )?
                    .execute(params![space, hash, token, until.as_millisecond()])?;
            }
            Ok(held > 0)
        })
    }

    pub(crate) fn sign_off(&self, worker: &str) -> Result<(), Error> {
        self.write("sign a worker off", |transaction| {
            transaction.execute("DELETE FROM workers WHERE name = ?1", [worker]).map(drop)
        })
    }
}

enum Due {
    Nothing(Claim),
    Texts(i64),
}

/// What there is for a worker to do.
fn due(transaction: &Transaction<'_>, ask: &Ask) -> rusqlite::Result<Due> {
    let Some(space) = space_id(transaction, &ask.space)? else {
        let replaced = active(transaction)?.is_some();
        return Ok(Due::Nothing(if replaced { Claim::Replaced } else { Claim::Drained }));
    };
    if let Some(beginning) = ask.forbidden
        && has_collection(transaction, beginning)?
    {
        return Ok(Due::Nothing(Claim::Forbidden));
    }
    let Some(next) = next_due(transaction, space)? else { return Ok(Due::Nothing(Claim::Drained)) };
    let breaker = breaker(transaction, &ask.space.lane())?;
    Ok(match breaker.admit(ask.now) {
        Admission::Wait(until) if breaker.is_paused(ask.now) => {
            Due::Nothing(Claim::Paused(until, reason(transaction, &ask.space.lane())?))
        }
        Admission::Wait(until) => Due::Nothing(Claim::Wait(until)),
        _ if next > ask.now => Due::Nothing(Claim::Wait(next)),
        _ => Due::Texts(space),
    })
}

/// The answer for a worker that has nothing to do and gave a sign not long ago.
fn idle(transaction: &Transaction<'_>, ask: &Ask) -> rusqlite::Result<Option<Claim>> {
    let now = ask.now.as_millisecond();
    let signed = transaction
        .prepare_cached("SELECT 1 FROM workers WHERE name = ?1 AND seen_at BETWEEN ?2 AND ?3")?
        .exists(params![ask.worker, now - SIGN, now])?;
    if !signed {
        return Ok(None);
    }
    Ok(match due(transaction, ask)? {
        Due::Nothing(claim) => Some(claim),
        Due::Texts(_) => None,
    })
}

fn sign_in(transaction: &Transaction<'_>, ask: &Ask) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO workers (name, lane, seen_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET seen_at = ?3 WHERE seen_at NOT BETWEEN ?3 - ?4 AND ?3",
        )?
        .execute(params![ask.worker, ask.space.lane(), ask.now.as_millisecond(), SIGN])
        .map(drop)
}

/// What the provider said last when it failed.
fn reason(transaction: &Transaction<'_>, lane: &str) -> rusqlite::Result<String> {
    let error: Option<String> = transaction
        .prepare_cached("SELECT error FROM lanes WHERE name = ?1")?
        .query_row([lane], |row| row.get(0))?;
    Ok(error.unwrap_or_default())
}

/// One `UPDATE … RETURNING`. A leased text is due when its lease ends, so the due index is all that is read.
fn lease(transaction: &Transaction<'_>, ask: &Ask, space: i64, failures: u32) -> rusqlite::Result<Lease> {
    let token = token(transaction)?;
    let claimed: Vec<(i64, Hash, u32, u32)> = transaction
        .prepare_cached(
            "UPDATE embeddings SET lost = lost + (lease_id IS NOT NULL), lease_id = ?1, lease_until = ?2,
                 next_attempt_at = ?2
             WHERE id IN (
                 SELECT id FROM (
                     SELECT id, row_number() OVER due AS place, sum(tokens) OVER due AS total
                     FROM (SELECT id, tokens, next_attempt_at FROM embeddings
                           WHERE space_id = ?3 AND status = 'PENDING' AND next_attempt_at <= ?4
                           ORDER BY next_attempt_at, id LIMIT ?5)
                     WINDOW due AS (ORDER BY next_attempt_at, id ROWS UNBOUNDED PRECEDING))
                 WHERE place = 1 OR total <= ?6)
             RETURNING id, source_hash, attempts, lost",
        )?
        .query_map(
            params![
                token,
                after(ask.now, ask.lease).as_millisecond(),
                space,
                ask.now.as_millisecond(),
                i64::try_from(ask.items).unwrap_or(i64::MAX),
                i64::try_from(ask.tokens).unwrap_or(i64::MAX)
            ],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let mut texts = Vec::with_capacity(claimed.len());
    for (id, hash, attempts, lost) in claimed {
        if lost > ask.lost {
            bury(transaction, space, &hash, lost)?;
        } else if let Some(text) = text_of(transaction, &hash)? {
            texts.push(Leased { id, input: Input { key: hash, text }, attempts });
        } else {
            transaction.prepare_cached("DELETE FROM embeddings WHERE id = ?1")?.execute([id])?;
        }
    }
    let delivered = transaction
        .prepare_cached("SELECT delivered FROM spaces WHERE id = ?1")?
        .query_row([space], |row| row.get(0))?;
    Ok(Lease { token, space, lane: ask.space.lane(), failures, delivered, texts })
}

/// A text whose workers die again and again is taken out of their way.
fn bury(transaction: &Transaction<'_>, space: i64, hash: &Hash, lost: u32) -> rusqlite::Result<()> {
    let reason = format!("{lost} workers ended without a result while they held the text");
    transaction
        .prepare_cached(
            "UPDATE embeddings SET status = 'FAILED', reason = ?3, error_class = 'item', error = ?3,
                 next_attempt_at = NULL, lease_id = NULL, lease_until = NULL
             WHERE space_id = ?1 AND source_hash = ?2",
        )?
        .execute(params![space, hash, reason])
        .map(drop)
}

/// None when the text is of deleted documents only.
fn text_of(transaction: &Transaction<'_>, hash: &Hash) -> rusqlite::Result<Option<String>> {
    transaction
        .prepare_cached(
            "SELECT title, chunks.metadata, content FROM chunks JOIN documents ON documents.id = document_id
             WHERE source_hash = ?1 LIMIT 1",
        )?
        .query_row([hash], |row| {
            Ok(rebuilt(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?))
        })
        .optional()
}

fn next_due(transaction: &Transaction<'_>, space: i64) -> rusqlite::Result<Option<Timestamp>> {
    let due: Option<i64> = transaction
        .prepare_cached(
            "SELECT min(next_attempt_at) FROM embeddings WHERE space_id = ?1 AND status = 'PENDING'",
        )?
        .query_row([space], |row| row.get(0))?;
    Ok(due.map(instant))
}

pub(super) fn breaker(transaction: &Transaction<'_>, lane: &str) -> rusqlite::Result<Breaker> {
    let breaker = transaction
        .prepare_cached("SELECT failures, paused_until, probe_until FROM lanes WHERE name = ?1")?
        .query_row([lane], |row| {
            Ok(Breaker {
                failures: row.get(0)?,
                paused_until: row.get::<_, Option<i64>>(1)?.map(instant),
                probe_until: row.get::<_, Option<i64>>(2)?.map(instant),
            })
        })
        .optional()?;
    Ok(breaker.unwrap_or_default())
}

pub(super) fn save(
    transaction: &Transaction<'_>,
    lane: &str,
    breaker: Breaker,
    error: Option<&str>,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO lanes (name, failures, paused_until, probe_until, error) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, paused_until = excluded.paused_until,
                 probe_until = excluded.probe_until,
                 error = CASE excluded.failures WHEN 0 THEN NULL ELSE coalesce(excluded.error, error) END",
        )?
        .execute(params![
            lane,
            breaker.failures,
            breaker.paused_until.map(Timestamp::as_millisecond),
            breaker.probe_until.map(Timestamp::as_millisecond),
            error
        ])
        .map(drop)
}

/// Random enough that no two leases of a file are ever the same.
fn token(transaction: &Transaction<'_>) -> rusqlite::Result<String> {
    transaction.prepare_cached("SELECT lower(hex(randomblob(16)))")?.query_row([], |row| row.get(0))
}

fn instant(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MAX)
}

pub(crate) fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
