//! Records to be read again: the queue holds keys and where the source has to be read from, never what was to be sent.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Row, params};
use serde::Serialize;

use super::cursors::compare;
use super::rejects::keep_reject;
use super::{Journal, JournalError, NewReject, Pen, RunId, instant};
use crate::sync::{Entry, Reject};

/// When a record is tried again, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second attempt; doubled before each further one.
    pub first: SignedDuration,
    /// Attempts in all.
    pub attempts: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: SignedDuration::from_mins(1), attempts: 8 }
    }
}

impl Backoff {
    /// How long to wait after so many attempts.
    fn wait(self, attempts: u32) -> SignedDuration {
        self.first.saturating_mul(1_i32.checked_shl(attempts.saturating_sub(1).min(10)).unwrap_or(1))
    }
}

/// A record that is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retry {
    /// Its key; none when the row has none.
    pub key: Option<String>,
    /// Name of the source.
    pub source: String,
    /// Where the source has to be read from; none is its beginning.
    pub cursor: Option<String>,
    /// Kebab code of the reason.
    pub code: String,
    /// In words.
    pub reason: String,
    /// Attempts so far.
    pub attempts: u32,
    /// Since when it waits.
    pub first_at: Timestamp,
    /// When it is tried again.
    pub next_at: Timestamp,
}

const COLUMNS: &str = "key, source, cursor, code, reason, attempts, first_at, next_at";

impl Journal {
    /// Records that wait, of one source or of all.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn retries(&self, source: Option<&str>) -> Result<Vec<Retry>, JournalError> {
        self.read("read what is tried again", |transaction| {
            transaction
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM retries WHERE ?1 IS NULL OR source = ?1 ORDER BY next_at, place"
                ))?
                .query_map([source], stored)?
                .collect()
        })
    }

    /// Where a source has to be read from, so that everything new, everything due and all rows of a key that stands in several
    /// are seen. None: from the beginning, also when nobody knows where such a row stands.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn read_from(&self, source: &str, now: Timestamp) -> Result<Option<String>, JournalError> {
        let Some(cursor) = self.cursor(source)? else { return Ok(None) };
        let mut earliest = cursor.value;
        let due = self.retries(Some(source))?.into_iter().filter(|retry| retry.next_at <= now);
        for place in due.map(|retry| retry.cursor).chain(self.places_of_twins(source)?) {
            let Some(place) = place else { return Ok(None) };
            if compare(&place, &earliest).is_lt() {
                earliest = place;
            }
        }
        Ok(Some(earliest))
    }

    /// Ends what was due at the beginning of a run over the whole source and that the source did not give again: rows
    /// without a key leave the queue, keys use up an attempt.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn settle_retries(
        &self,
        run: RunId,
        source: &str,
        began: Timestamp,
        backoff: Backoff,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let due: Vec<Retry> =
            self.retries(Some(source))?.into_iter().filter(|retry| retry.next_at <= began).collect();
        self.commit(|pen| {
            for retry in due {
                match &retry.key {
                    None => pen.execute(
                        "DELETE FROM retries WHERE source = ?1 AND key IS NULL AND next_at <= ?2",
                        params![source, began.as_millisecond()],
                    )?,
                    Some(key) => {
                        let missing = "the source did not give the record again";
                        let waiting = Waiting {
                            key,
                            line: 0,
                            cursor: retry.cursor.as_deref(),
                            code: "sync.record-missing",
                            reason: missing,
                        };
                        pen.queue(run, source, &waiting, backoff, now)?;
                        0
                    }
                };
            }
            Ok(())
        })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Retry> {
    Ok(Retry {
        key: row.get(0)?,
        source: row.get(1)?,
        cursor: row.get(2)?,
        code: row.get(3)?,
        reason: row.get(4)?,
        attempts: row.get(5)?,
        first_at: instant(row.get(6)?),
        next_at: instant(row.get(7)?),
    })
}

struct Waiting<'a> {
    key: &'a str,
    line: u64,
    cursor: Option<&'a str>,
    code: &'a str,
    reason: &'a str,
}

impl Pen<'_> {
    /// Lets a record be read again later; after the last attempt it is rejected. Only what was due when the run began uses up
    /// an attempt.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn retry(
        &self,
        run: RunId,
        source: &str,
        entry: &Entry,
        (code, reason): (&str, &str),
        backoff: Backoff,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let cursor = entry.cursor.as_deref();
        self.queue(
            run,
            source,
            &Waiting { key: &entry.key, line: entry.line, cursor, code, reason },
            backoff,
            now,
        )
    }

    fn queue(
        &self,
        run: RunId,
        source: &str,
        waiting: &Waiting<'_>,
        backoff: Backoff,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let place = params![source, waiting.key];
        let sql = "SELECT attempts, next_at, next_at > (SELECT started_at FROM runs WHERE id = ?3)
                   FROM retries WHERE source = ?1 AND place = ?2";
        let known: Option<(u32, i64, Option<bool>)> =
            self.one(sql, params![source, waiting.key, run], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        let (attempts, next) = match known {
            // A run that met it before its time, for instance in the overlap, has tried nothing that was due.
            Some((attempts, next_at, Some(true))) => (attempts, instant(next_at)),
            known => {
                let attempts = known.map_or(0, |(attempts, ..)| attempts) + 1;
                (attempts, now.saturating_add(backoff.wait(attempts)).unwrap_or(Timestamp::MAX))
            }
        };
        if attempts >= backoff.attempts {
            self.execute("DELETE FROM retries WHERE source = ?1 AND place = ?2", place)?;
            return keep_reject(self, run, source, &exhausted(waiting, attempts), now);
        }
        self.execute(
            "INSERT INTO retries (source, place, key, cursor, code, reason, attempts, first_at, next_at)
             VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (source, place) DO UPDATE SET cursor = excluded.cursor, code = excluded.code,
                 reason = excluded.reason, attempts = excluded.attempts, next_at = excluded.next_at",
            params![
                source,
                waiting.key,
                waiting.cursor,
                waiting.code,
                waiting.reason,
                attempts,
                now.as_millisecond(),
                next.as_millisecond()
            ],
        )
        .map(drop)
    }
}

fn exhausted(waiting: &Waiting<'_>, attempts: u32) -> NewReject {
    NewReject {
        reject: Reject {
            code: "sync.retries-exhausted".to_owned(),
            key: Some(waiting.key.to_owned()),
            line: waiting.line,
            field: None,
            value: None,
            message: format!("given up after {attempts} attempts: {}", waiting.reason),
            hint: "remove the cause, then `b24 sync rejects retry`".to_owned(),
        },
        cursor: waiting.cursor.map(str::to_owned),
        row: None,
    }
}
