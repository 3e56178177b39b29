//! The queue's file: all SQL is below this module.
//!
//! WAL, `synchronous = NORMAL` (a power failure may take the last moments, never the consistency; a killed process takes
//! nothing), every write begins IMMEDIATE, another process is waited for 10 seconds. The file is readable by its owner
//! only; SQLite gives the files beside it the same mode. It must lie on a local disk: WAL needs shared memory.

pub(crate) mod claim;
mod erase;
mod filter;
pub(crate) mod find;
mod indexing;
mod ingest;
mod marks;
mod near;
mod overview;
mod ranking;
mod schema;
pub(crate) mod settle;
mod spaces;
mod spending;
mod status;
mod stored;
mod worded;
mod words;

use std::fmt;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::error::{Error, StoreFault};
use crate::hash::Hash;
use crate::index::Index;
use crate::search::words::Analyser;

pub use erase::Purged;
pub(crate) use ingest::Computed;
pub use ingest::Ingested;
pub use overview::{Collection, Overview, Pause, SpaceState, Trouble};
pub use settle::Settled;
pub use spaces::Change;
pub use spending::Spent;
pub use status::{Counts, Explanation, Scope};

const BUSY: Duration = Duration::from_secs(10);
/// Attempts to store what is paid for while another process holds the file, each as long as SQLite waits.
pub(crate) const ATTEMPTS: u32 = 30;

/// The queue's file, one connection to it. Clones share the connection; processes and threads may open their own.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    index: Arc<Mutex<Option<Index>>>,
    path: Arc<PathBuf>,
    analyser: Arc<Analyser>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the file, makes it if it does not exist, and brings its schema up to date.
    ///
    /// # Errors
    /// The file cannot be made, is of another program, of a newer version, damaged, locked or read-only.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let private = |source| Error::Create { path: path.to_owned(), source };
        make_private(path).map_err(private)?;
        let opening = |source| Error::store("open the queue file", source).of(path);
        let mut connection = Connection::open(path).map_err(opening)?;
        connection.busy_timeout(BUSY).map_err(opening)?;
        // First of all: a file that is refused must not be changed in any way.
        schema::migrate(&mut connection).map_err(|error| error.of(path))?;
        keep_private(path).map_err(private)?;
        prepare(&connection).map_err(opening)?;
        Ok(Self::over(connection, path))
    }

    /// An empty queue of this process alone, for seeing what would be done to a file that is not there yet.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn in_memory() -> Result<Self, Error> {
        let opening = |source| Error::store("open a queue in memory", source);
        let mut connection = Connection::open_in_memory().map_err(opening)?;
        schema::migrate(&mut connection)?;
        Ok(Self::over(connection, Path::new("")))
    }

    fn over(connection: Connection, path: &Path) -> Self {
        connection.set_prepared_statement_cache_capacity(64);
        Self {
            connection: Arc::new(Mutex::new(connection)),
            index: Arc::default(),
            path: Arc::new(path.to_owned()),
            analyser: Arc::new(Analyser::new()),
        }
    }

    /// With every commit written through to the disk, so that not even a power failure takes the last moments.
    ///
    /// # Errors
    /// The file fails.
    pub fn durable(self) -> Result<Self, Error> {
        let set = self.connection().pragma_update(None, "synchronous", "FULL");
        set.map_err(|source| Error::store("write commits through to the disk", source))?;
        Ok(self)
    }

    /// Locked after the connection, never before it.
    fn index(&self) -> MutexGuard<'_, Option<Index>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic inside a transaction rolled it back, so the connection is usable.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SQLite waits for locks, so its calls do not run on the threads of the async runtime.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(outcome) => outcome,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::Stopped),
            },
        }
    }

    /// The same, so many times while another process holds the file.
    pub(crate) async fn persisting<T: Send + 'static>(
        &self,
        attempts: u32,
        work: impl Fn(&Self) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let work = Arc::new(work);
        for _ in 1..attempts {
            let work = Arc::clone(&work);
            match self.blocking(move |store| work(store)).await {
                Err(Error::Store { fault: StoreFault::Locked, .. }) => {}
                outcome => return outcome,
            }
        }
        self.blocking(move |store| work(store)).await
    }

    fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let mut connection = self.connection();
        let run = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = work(&transaction)?;
            transaction.commit()?;
            Ok(outcome)
        };
        run().map_err(|source| Error::store(doing, source).of(&self.path))
    }

    /// One snapshot for all statements of `work`.
    fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let mut connection = self.connection();
        let run = || work(&connection.transaction_with_behavior(TransactionBehavior::Deferred)?);
        run().map_err(|source| Error::store(doing, source).of(&self.path))
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    use_wal(connection)?;
    // Statements are kept; without this many of them are compiled anew for every value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    // Vectors come in megabytes: fewer and larger transfers from the log into the file.
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    // Erased personal data must not stay in free pages.
    connection.pragma_update(None, "secure_delete", true)
}

/// The first change to WAL does not wait for other processes that open the new file too, so the waiting is done here.
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

/// Makes the file if there is none.
#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;

    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// A copy or a backup may have lost its mode.
#[cfg(unix)]
fn keep_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mut permissions = std::fs::metadata(path)?.permissions();
    let private = permissions.mode() & !0o077;
    if private == permissions.mode() {
        return Ok(());
    }
    permissions.set_mode(private);
    std::fs::set_permissions(path, permissions)
}

/// Windows: the profile folder that holds the state is its owner's by inheritance.
#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path).map(drop)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its twin can fail")]
fn keep_private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

impl ToSql for Hash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_bytes().as_slice()))
    }
}

impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self::from_bytes)
    }
}

#[cfg(test)]
mod tests;
