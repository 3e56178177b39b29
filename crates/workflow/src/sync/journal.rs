//! What was planned, sent and achieved on one portal: a SQLite file, all of whose SQL is below this module.
//!
//! WAL, `synchronous = FULL` (an intent is on disk before its request leaves), every write begins IMMEDIATE, another
//! process is waited for 10 seconds. One writer per portal: the lock lies beside the file and dies with the process.
//! Readers need no lock. The file is readable by its owner only, SQLite gives the files beside it the same mode, and
//! what is deleted is overwritten.

mod changes;
mod closing;
mod comments;
mod cursors;
mod entries;
mod error;
mod facts;
mod files;
mod forget;
mod identities;
mod imprints;
mod intents;
mod names;
mod records;
mod rejects;
mod retention;
mod retries;
mod runs;
mod schema;
mod sources;
mod twins;

pub use changes::{Changed, Progress, Written};
pub use closing::{Extent, Reading};
pub use comments::{PostedComment, comment_hash};
pub use cursors::Cursor;
pub use entries::{Repeated, Spooled};
pub use error::JournalError;
pub use forget::Trace;
pub use intents::{Command, Intent, NewIntent, Sending};
pub use records::{Pen, RecordOutcome, RecordState};
pub use rejects::{NewReject, StoredReject};
pub use retries::{Backoff, Retry};
pub use runs::{RunId, RunKind, RunState, StoredRun};
pub(crate) use sources::share_keys;
pub use twins::LeftOut;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::private_file;

const BUSY: Duration = Duration::from_secs(10);

/// The journal of one portal.
#[derive(Debug)]
pub struct Journal {
    connection: Mutex<Connection>,
    path: PathBuf,
    /// Held by a writer as long as it lives.
    #[expect(dead_code, reason = "the lock ends when the file is closed")]
    lock: Option<File>,
}

impl Journal {
    /// Opens the journal of a portal for writing, makes it if there is none, and notes that earlier runs are dead.
    ///
    /// # Errors
    /// The file cannot be made, is held by another run, belongs to another portal or program, or is of a newer version.
    pub fn open(path: &Path, portal: &str, now: Timestamp) -> Result<Self, JournalError> {
        let lock = files::lock(path)?;
        private_file::open(path).map_err(|source| JournalError::Open { path: path.to_owned(), source })?;
        let opening = |source| JournalError::store("open the journal", source).of(path);
        let mut connection = Connection::open(path).map_err(opening)?;
        connection.busy_timeout(BUSY).map_err(opening)?;
        // First of all: a file that is refused must not be changed in any way.
        schema::migrate(&mut connection, portal).map_err(|error| error.of(path))?;
        private_file::keep_private(path)
            .map_err(|source| JournalError::Open { path: path.to_owned(), source })?;
        prepare(&connection).map_err(opening)?;
        connection.set_prepared_statement_cache_capacity(64);
        let journal = Self { connection: Mutex::new(connection), path: path.to_owned(), lock: Some(lock) };
        journal.earlier_runs_are_dead(now)?;
        Ok(journal)
    }

    /// Opens the journal of a portal for reading, also while a run is writing; nothing when there is none yet.
    ///
    /// # Errors
    /// The file cannot be read, belongs to another portal or program, or is of a newer version.
    pub fn look(path: &Path, portal: &str) -> Result<Option<Self>, JournalError> {
        if !path.exists() {
            return Ok(None);
        }
        let opening = |source| JournalError::store("read the journal", source).of(path);
        // Not read-only: the first reader after a crash has to take over the write-ahead log.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(opening)?;
        connection.busy_timeout(BUSY).map_err(opening)?;
        if !schema::check(&mut connection, portal).map_err(|error| error.of(path))? {
            return Ok(None);
        }
        connection.pragma_update(None, "query_only", true).map_err(opening)?;
        Ok(Some(Self { connection: Mutex::new(connection), path: path.to_owned(), lock: None }))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A panic inside a transaction rolled it back, so the connection is usable.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let mut connection = self.connection();
        let run = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = work(&transaction)?;
            transaction.commit()?;
            Ok(outcome)
        };
        run().map_err(|source| self.failed(doing, source))
    }

    fn failed(&self, doing: &'static str, source: rusqlite::Error) -> JournalError {
        JournalError::store(doing, source).of(&self.path)
    }

    /// One snapshot for all statements of `work`.
    fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let mut connection = self.connection();
        let run = || work(&connection.transaction_with_behavior(TransactionBehavior::Deferred)?);
        run().map_err(|source| self.failed(doing, source))
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    use_wal(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Erased personal data must not stay in free pages.
    connection.pragma_update(None, "secure_delete", true)
}

/// The change to WAL does not wait for readers that open the new file, so the waiting is done here.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    const STEP: Duration = Duration::from_millis(20);
    let mut left = BUSY.as_millis() / STEP.as_millis();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if left > 0 && error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                left -= 1;
                std::thread::sleep(STEP);
            }
            outcome => return outcome,
        }
    }
}

/// SQLite has no unsigned numbers.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn instant(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MAX)
}

/// A value that was kept as JSON.
fn parsed<T: serde::de::DeserializeOwned>(what: &'static str, text: &str) -> Result<T, JournalError> {
    serde_json::from_str(text).map_err(|source| JournalError::Damaged { what, source })
}

fn written<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|source| JournalError::Damaged { what, source })
}

/// Several texts as one parameter: `IN (SELECT value FROM json_each(?))`.
fn list<T: serde::Serialize>(values: &[T]) -> rusqlite::Result<String> {
    serde_json::to_string(values).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
