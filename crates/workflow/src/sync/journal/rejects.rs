//! Rows that were put aside, until they are accepted, tried again or dropped.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::{Journal, JournalError, Pen, RunId, instant, parsed, signed, written};
use crate::sync::Reject;

/// A row to put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReject {
    /// Why.
    pub reject: Reject,
    /// The cursor column's value: where the source has to be read from to see the row again.
    pub cursor: Option<String>,
    /// The row as it came, as JSON.
    pub row: Option<String>,
}

/// A row that is put aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredReject {
    /// Number for `rejects retry` and `rejects drop`.
    pub id: i64,
    /// Name of the source.
    pub source: String,
    /// Why.
    pub reject: Reject,
    /// The row as it came, as JSON, as long as it is kept.
    pub row: Option<String>,
    /// The run that put it aside.
    pub first_run: RunId,
    /// The last run that saw it.
    pub last_run: RunId,
    /// When it was put aside.
    pub first_at: Timestamp,
    /// When it was seen last.
    pub last_at: Timestamp,
    /// How often it was put aside.
    pub times: u32,
}

const COLUMNS: &str = "id, source, body, row, first_run, last_run, first_at, last_at, times";

impl Journal {
    /// Rows that are put aside, oldest first; of one source, or of all.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn rejects(&self, source: Option<&str>) -> Result<Vec<StoredReject>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM rejects WHERE ?1 IS NULL OR source = ?1 ORDER BY id");
        let rows: Vec<(String, StoredReject)> = self.read("read the rejects", |transaction| {
            transaction.prepare_cached(&sql)?.query_map([source], stored)?.collect()
        })?;
        rows.into_iter().map(read).collect()
    }

    /// The rejects of a record.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn rejects_of(&self, key: &str) -> Result<Vec<StoredReject>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM rejects WHERE key = ?1 ORDER BY id");
        let rows: Vec<(String, StoredReject)> = self.read("read the rejects", |transaction| {
            transaction.prepare_cached(&sql)?.query_map([key], stored)?.collect()
        })?;
        rows.into_iter().map(read).collect()
    }

    /// How many rows a run put aside that no earlier run had put aside for the same reason, and how many in all.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn count_rejects(&self, run: RunId) -> Result<(u64, u64), JournalError> {
        self.read("count the rejects", |transaction| {
            transaction.query_row(
                "SELECT count(*) FILTER (WHERE first_run = ?1), count(*) FROM rejects WHERE last_run = ?1",
                [run],
                |row| Ok((row.get::<_, u32>(0)?.into(), row.get::<_, u32>(1)?.into())),
            )
        })
    }

    /// Lets rejected rows be read again by the next run. Gives how many.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn retry_rejects(&self, ids: &[i64], now: Timestamp) -> Result<u64, JournalError> {
        self.write("queue rejected rows", |transaction| {
            let mut queued = 0;
            for id in ids {
                queued += transaction
                    .prepare_cached(
                        "INSERT INTO retries (source, place, key, cursor, code, reason, attempts, first_at, next_at)
                         SELECT source, place, key, cursor, code, 'asked for', 0, ?2, ?2 FROM rejects WHERE id = ?1
                         ON CONFLICT (source, place) DO UPDATE SET attempts = 0, next_at = excluded.next_at",
                    )?
                    .execute(params![id, now.as_millisecond()])?;
            }
            Ok(queued as u64)
        })
    }

    /// Drops rejected rows for good. Gives how many.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn drop_rejects(&self, ids: &[i64]) -> Result<u64, JournalError> {
        self.write("drop rejected rows", |transaction| {
            let mut dropped = 0;
            for id in ids {
                dropped += transaction.prepare_cached("DELETE FROM rejects WHERE id = ?1")?.execute([id])?;
            }
            Ok(dropped as u64)
        })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<(String, StoredReject)> {
    let empty = Reject {
        code: String::new(),
        key: None,
        line: 0,
        field: None,
        value: None,
        message: String::new(),
        hint: String::new(),
    };
    let stored = StoredReject {
        id: row.get(0)?,
        source: row.get(1)?,
        reject: empty,
        row: row.get(3)?,
        first_run: row.get(4)?,
        last_run: row.get(5)?,
        first_at: instant(row.get(6)?),
        last_at: instant(row.get(7)?),
        times: row.get(8)?,
    };
    Ok((row.get(2)?, stored))
}

fn read((body, mut stored): (String, StoredReject)) -> Result<StoredReject, JournalError> {
    stored.reject = parsed("a reject", &body)?;
    Ok(stored)
}

impl Pen<'_> {
    /// Puts a row aside. A record that was put aside for another reason before is so no more.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn reject(
        &self,
        run: RunId,
        source: &str,
        reject: &NewReject,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        if let Some(key) = &reject.reject.key {
            self.execute(
                "DELETE FROM rejects WHERE key = ?1 AND last_run <> ?2 AND code <> ?3",
                params![key, run, reject.reject.code],
            )?;
            self.execute("DELETE FROM retries WHERE key = ?1", [key])?;
        }
        keep_reject(self, run, source, reject, now)
    }
}

/// Where a reject stands: one per key and reason, one per line for rows without a key or with the key of another row.
fn place(reject: &Reject) -> String {
    match &reject.key {
        Some(key) if reject.code == "sync.key-duplicate" => format!("{key} line {}", reject.line),
        Some(key) => key.clone(),
        None => format!("line {}", reject.line),
    }
}

pub(super) fn keep_reject(
    pen: &Pen<'_>,
    run: RunId,
    source: &str,
    new: &NewReject,
    now: Timestamp,
) -> Result<(), JournalError> {
    let reject = &new.reject;
    pen.execute(
        "INSERT INTO rejects (source, place, key, line, cursor, code, body, row, first_run, last_run, first_at, last_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?10)
         ON CONFLICT (source, place, code) DO UPDATE SET line = excluded.line, cursor = excluded.cursor,
             body = excluded.body, row = excluded.row, last_run = excluded.last_run, last_at = excluded.last_at,
             times = times + (last_run <> excluded.last_run)",
        params![
            source,
            place(reject),
            reject.key,
            signed(reject.line),
            new.cursor,
            reject.code,
            written("a reject", reject)?,
            new.row,
            run,
            now.as_millisecond()
        ],
    )
    .map(drop)
}
