//! Numbered migrations on `user_version`.

use rusqlite::{Connection, TransactionBehavior};

use super::words;
use crate::error::Error;

/// In order; the number of a migration is its place, counted from 1. A published one is never edited.
const MIGRATIONS: [&str; 8] = [
    include_str!("0001.sql"),
    include_str!("0002-marks.sql"),
    include_str!("0003-index.sql"),
    include_str!("0004-owner.sql"),
    include_str!("0005-spaces.sql"),
    include_str!("0006-leaving.sql"),
    include_str!("0007-words.sql"),
    include_str!("0008-names.sql"),
];
/// Files of an older version have their words made anew, which SQL cannot do.
const REWORDED: usize = 8;

/// Marks the file as ours: `b24q`.
const APPLICATION: i32 = 0x6232_3471;

pub(super) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let failed = |source| Error::store("bring the queue file up to date", source);
    // Read without a lock first: who only reads must not wait for those that write.
    if missing(connection)? == 0 {
        return Ok(());
    }
    // A table is replaced by its next version while others refer to it.
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    // And once more inside the write transaction: two processes may open a new file at the same time.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let missing = missing(&transaction)?;
    for migration in MIGRATIONS.iter().skip(MIGRATIONS.len() - missing) {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    if MIGRATIONS.len() - missing < REWORDED {
        words::rebuild(&transaction).map_err(failed)?;
    }
    if missing > 0 {
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
        transaction.pragma_update(None, "user_version", known()).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// How many migrations the file lacks.
fn missing(connection: &Connection) -> Result<usize, Error> {
    let failed = |source| Error::store("bring the queue file up to date", source);
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let version = number("user_version").map_err(failed)?;
    let application = number("application_id").map_err(failed)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if application != APPLICATION && (tables > 0 || version != 0) {
        return Err(Error::ForeignFile);
    }
    let found = u32::try_from(version).unwrap_or(u32::MAX);
    let missing = known().checked_sub(found).ok_or(Error::NewerVersion { found, known: known() })?;
    Ok(missing as usize)
}

/// The version that this program writes.
fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}
