//! Runs: what was done when, and with which result.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::names::words;
use super::{Journal, JournalError, instant};

/// Number of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(i64);

words! {
    /// What a run was started for.
    RunKind {
        /// A plan that is saved.
        Plan = "plan",
        /// A plan and its application.
        Run = "run",
        /// The values before an earlier run.
        Revert = "revert",
    }
}

words! {
    /// How far a run has come.
    RunState {
        /// Under way.
        Open = "open",
        /// The plan is complete, nothing is written.
        Planned = "planned",
        /// It went to its end.
        Done = "done",
        /// Something kept it from going on.
        Stopped = "stopped",
        /// Its process died.
        Killed = "killed",
    }
}

/// A run as the journal knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredRun {
    /// Its number.
    pub id: RunId,
    /// What it was started for.
    pub kind: RunKind,
    /// Name of the source.
    pub source: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How far it has come.
    pub state: RunState,
    /// Why it stopped.
    pub reason: Option<String>,
    /// What its plan was made from, as JSON.
    #[serde(skip)]
    pub header: String,
    /// Its counts, as JSON.
    #[serde(skip)]
    pub tally: Option<String>,
    /// Its times, as JSON.
    #[serde(skip)]
    pub statistics: Option<String>,
}

const COLUMNS: &str = "id, kind, source, started_at, ended_at, state, reason, header, tally, statistics";

impl Journal {
    /// Begins a run. `header` says as JSON what its plan is made from.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn begin(
        &self,
        kind: RunKind,
        source: &str,
        header: &str,
        now: Timestamp,
    ) -> Result<RunId, JournalError> {
        self.write("begin a run", |transaction| {
            transaction.execute(
                "INSERT INTO runs (kind, source, started_at, state, header) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![kind, source, now.as_millisecond(), RunState::Open, header],
            )?;
            Ok(RunId(transaction.last_insert_rowid()))
        })
    }

    /// Notes where a run begins to read its source, and before which place it leaves rows out; none is the beginning.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn reads_from(
        &self,
        run: RunId,
        cursor: Option<&str>,
        bound: Option<&str>,
    ) -> Result<(), JournalError> {
        self.write("note where a run begins to read", |transaction| {
            let sql = "UPDATE runs SET read_from = ?2, bound = ?3 WHERE id = ?1";
            transaction.execute(sql, params![run, cursor, bound]).map(drop)
        })
    }

    /// Replaces what is known of a run's plan.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn set_header(&self, run: RunId, header: &str) -> Result<(), JournalError> {
        self.write("describe a run", |transaction| {
            transaction.execute("UPDATE runs SET header = ?2 WHERE id = ?1", params![run, header]).map(drop)
        })
    }

    /// Sets how far a run has come; `tally` and `statistics` are JSON.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn set_state(
        &self,
        run: RunId,
        state: RunState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let ended = (state != RunState::Open).then(|| now.as_millisecond());
        self.write("note how far a run has come", |transaction| {
            transaction
                .execute(
                    "UPDATE runs SET state = ?2, reason = ?3, ended_at = ?4 WHERE id = ?1",
                    params![run, state, reason, ended],
                )
                .map(drop)
        })
    }

    /// Keeps counts and times of a run, both as JSON.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn set_results(&self, run: RunId, tally: &str, statistics: &str) -> Result<(), JournalError> {
        self.write("keep the results of a run", |transaction| {
            transaction
                .execute(
                    "UPDATE runs SET tally = ?2, statistics = ?3 WHERE id = ?1",
                    params![run, tally, statistics],
                )
                .map(drop)
        })
    }

    /// A run by its number.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn run(&self, run: RunId) -> Result<Option<StoredRun>, JournalError> {
        self.read("read a run", |transaction| {
            transaction
                .query_row(&format!("SELECT {COLUMNS} FROM runs WHERE id = ?1"), [run], stored)
                .optional()
        })
    }

    /// The last runs, newest first; of one source, or of all.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn runs(&self, source: Option<&str>, limit: u32) -> Result<Vec<StoredRun>, JournalError> {
        self.read("read the runs", |transaction| {
            transaction
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM runs WHERE ?1 IS NULL OR source = ?1 ORDER BY id DESC LIMIT ?2"
                ))?
                .query_map(params![source, limit], stored)?
                .collect()
        })
    }

    /// What earlier runs left under way was perhaps executed until now: their processes died, perhaps this moment.
    pub(super) fn earlier_runs_are_dead(&self, now: Timestamp) -> Result<(), JournalError> {
        self.write("note that earlier runs are dead", |transaction| {
            let at = now.as_millisecond();
            transaction.execute("UPDATE intents SET since = ?1 WHERE since IS NULL", [at])?;
            transaction.execute(
                "UPDATE runs SET state = ?1, ended_at = ?2 WHERE state = ?3",
                params![RunState::Killed, at, RunState::Open],
            )?;
            Ok(())
        })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredRun> {
    Ok(StoredRun {
        id: row.get(0)?,
        kind: row.get(1)?,
        source: row.get(2)?,
        started_at: instant(row.get(3)?),
        ended_at: row.get::<_, Option<i64>>(4)?.map(instant),
        state: row.get(5)?,
        reason: row.get(6)?,
        header: row.get(7)?,
        tally: row.get(8)?,
        statistics: row.get(9)?,
    })
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RunId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse().map(Self)
    }
}

impl ToSql for RunId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for RunId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}
