//! Rows that were put aside, until they are accepted, tried again or dropped.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::cursors::compare;
use super::{Journal, JournalError, Pen, RecordOutcome, RunId, instant, parsed, signed, written};
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
    /// The run that told about it.
    #[serde(skip)]
    pub told_by: Option<RunId>,
}

impl StoredReject {
    /// Whether it is news of this run: it was met, and no earlier run told about it.
    #[must_use]
    pub fn is_news_of(&self, run: RunId) -> bool {
        self.last_run == run && self.told_by.is_none_or(|told_by| told_by == run)
    }
}

const COLUMNS: &str = "id, source, body, row, first_run, last_run, first_at, last_at, times, told_by";

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

    /// How many rows a run put aside that no earlier run has told about, and how many in all.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn count_rejects(&self, run: RunId) -> Result<(u64, u64), JournalError> {
        self.read("count the rejects", |transaction| {
            transaction.query_row(
                "SELECT count(*) FILTER (WHERE coalesce(told_by, ?1) = ?1), count(*) FROM rejects WHERE last_run = ?1",
                [run],
                |row| Ok((row.get::<_, u32>(0)?.into(), row.get::<_, u32>(1)?.into())),
            )
        })
    }

    /// Notes that a run has told about the rows it put aside.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn has_told(&self, run: RunId) -> Result<(), JournalError> {
        self.commit(|pen| {
            let sql = "UPDATE rejects SET told_by = ?1 WHERE last_run = ?1 AND told_by IS NULL";
            pen.execute(sql, [run]).map(drop)
        })
    }

    /// Lets rejected rows be read again by the next run: it reads from where the row stands, or when the row does not tell,
    /// from where the run that put it aside first began to read. Gives how many.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn retry_rejects(&self, ids: &[i64], now: Timestamp) -> Result<u64, JournalError> {
        self.commit(|pen| {
            let mut queued = 0;
            for id in ids {
                queued += u64::from(pen.read_again(*id, now)?);
            }
            Ok(queued)
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
        told_by: row.get(9)?,
    };
    Ok((row.get(2)?, stored))
}

fn read((body, mut stored): (String, StoredReject)) -> Result<StoredReject, JournalError> {
    stored.reject = parsed("a reject", &body)?;
    Ok(stored)
}

impl Pen<'_> {
    /// Puts a record aside that a plan or the portal refused. If it was put aside for another reason before, it is so no
    /// more, unless this run does not know what the source says now.
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
        self.supersede(run, &reject.reject)?;
        keep_reject(self, run, source, reject, now)
    }

    /// Puts a row aside that cannot be used as the source gave it. Other rows of this reading with its key are put aside,
    /// too.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn put_aside(
        &self,
        run: RunId,
        source: &str,
        new: &NewReject,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let reject = &new.reject;
        let place = place(reject);
        let Some(key) = &reject.key else { return self.keep_unreadable(run, source, (new, &place), now) };
        let twins = self.twins(run, source, key, reject.line)?;
        self.unplanned(run, source, (key, reject.line), (RecordOutcome::Rejected, &reject.code), now)?;
        self.keep_unreadable(run, source, (new, &place), now)?;
        match twins {
            Some(twins) => {
                let row = (key.as_str(), reject.line, new.cursor.as_deref());
                self.refuse_twins(run, source, row, &twins, now)
            }
            None => Ok(()),
        }
    }

    /// Keeps what a reading says about a row, by the place that tells the row from others.
    pub(super) fn keep_unreadable(
        &self,
        run: RunId,
        source: &str,
        (new, place): (&NewReject, &str),
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.supersede(run, &new.reject)?;
        keep_at(self, run, source, (new, place), now)?;
        self.execute(
            "UPDATE rejects SET of_reading = 1 WHERE source = ?1 AND place = ?2 AND code = ?3",
            params![source, place, new.reject.code],
        )
        .map(drop)
    }

    /// What a plan or the portal said before is said no more. What earlier readings said may be about another row of the
    /// key; it is closed as the cursor moves.
    fn supersede(&self, run: RunId, reject: &Reject) -> Result<(), JournalError> {
        let Some(key) = &reject.key else { return Ok(()) };
        if !self.knows_source(run)? {
            return Ok(());
        }
        self.execute(
            "DELETE FROM rejects WHERE key = ?1 AND last_run <> ?2 AND code <> ?3 AND NOT of_reading",
            params![key, run, reject.code],
        )?;
        self.execute("DELETE FROM retries WHERE key = ?1", [key]).map(drop)
    }

    /// Queues a rejected row; says whether there is one with this number.
    fn read_again(&self, id: i64, now: Timestamp) -> Result<bool, JournalError> {
        let sql = "SELECT source, coalesce(key, place), coalesce(cursor, (SELECT read_from FROM runs WHERE id = first_run))
                   FROM rejects WHERE id = ?1";
        let found = self.one(sql, [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let Some((source, place, cursor)): Option<(String, String, Option<String>)> = found else {
            return Ok(false);
        };
        let sql = "SELECT cursor FROM retries WHERE source = ?1 AND place = ?2";
        let known: Option<Option<String>> = self.one(sql, [&source, &place], |row| row.get(0))?;
        // None is the beginning.
        let cursor = match (cursor, known) {
            (cursor, None) => cursor,
            (Some(one), Some(Some(other))) => Some(if compare(&one, &other).is_lt() { one } else { other }),
            (_, Some(_)) => None,
        };
        self.execute(
            "INSERT INTO retries (source, place, key, cursor, code, reason, attempts, first_at, next_at)
             SELECT source, ?2, key, ?3, code, 'asked for', 0, ?4, ?4 FROM rejects WHERE id = ?1
             ON CONFLICT (source, place) DO UPDATE SET attempts = 0, cursor = excluded.cursor,
                 next_at = excluded.next_at",
            params![id, place, cursor, now.as_millisecond()],
        )?;
        Ok(true)
    }
}

/// What tells a rejected row from others: its key, or its line when it has none. There is one reject per place and reason.
fn place(reject: &Reject) -> String {
    reject.key.clone().unwrap_or_else(|| format!("line {}", reject.line))
}

pub(super) fn keep_reject(
    pen: &Pen<'_>,
    run: RunId,
    source: &str,
    new: &NewReject,
    now: Timestamp,
) -> Result<(), JournalError> {
    keep_at(pen, run, source, (new, &place(&new.reject)), now)
}

fn keep_at(
    pen: &Pen<'_>,
    run: RunId,
    source: &str,
    (new, place): (&NewReject, &str),
    now: Timestamp,
) -> Result<(), JournalError> {
    let reject = &new.reject;
    pen.execute(
        "INSERT INTO rejects (source, place, key, line, cursor, code, body, row, first_run, last_run, first_at, last_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?10)
         ON CONFLICT (source, place, code) DO UPDATE SET line = excluded.line, cursor = excluded.cursor,
             body = excluded.body, row = excluded.row, erased = 0, of_reading = 0, last_run = excluded.last_run,
             last_at = excluded.last_at, times = times + (last_run <> excluded.last_run)",
        params![
            source,
            place,
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
