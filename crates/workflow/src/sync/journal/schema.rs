//! Numbered migrations on `user_version`, and the portal the file belongs to.

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::JournalError;

/// In order; the number of a migration is its place, counted from 1. A published one is never edited.
const MIGRATIONS: [&str; 7] = [
    include_str!("0001.sql"),
    include_str!("0002.sql"),
    include_str!("0003.sql"),
    include_str!("0004.sql"),
    include_str!("0005.sql"),
    include_str!("0006.sql"),
    include_str!("0007.sql"),
];

/// Marks the file as ours: `b24j`.
const APPLICATION: i32 = 0x6232_346A;

/// Brings the file up to date; refuses one of another program, a newer version or another portal unchanged.
pub(super) fn migrate(connection: &mut Connection, portal: &str) -> Result<(), JournalError> {
    let failed = |source| JournalError::store("bring the journal up to date", source);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = version(&transaction)?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found < known {
        for migration in MIGRATIONS.iter().skip(found as usize) {
            transaction.execute_batch(migration).map_err(failed)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
        transaction.pragma_update(None, "user_version", known).map_err(failed)?;
    }
    if owner(&transaction, portal)?.is_none() {
        transaction.execute("INSERT INTO portal (identity) VALUES (?1)", [portal]).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// Checks a file that is only read. Says whether there is anything in it.
pub(super) fn check(connection: &mut Connection, portal: &str) -> Result<bool, JournalError> {
    let failed = |source| JournalError::store("read the journal", source);
    let transaction = connection.transaction().map_err(failed)?;
    let found = version(&transaction)?;
    Ok(found > 0 && owner(&transaction, portal)?.is_some())
}

fn version(transaction: &Transaction<'_>) -> Result<u32, JournalError> {
    let failed = |source| JournalError::store("read the journal", source);
    let number = |name: &str| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let version = number("user_version").map_err(failed)?;
    let application = number("application_id").map_err(failed)?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if application != APPLICATION && (tables > 0 || version != 0) {
        return Err(JournalError::ForeignFile);
    }
    let found = u32::try_from(version).unwrap_or(u32::MAX);
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known { Err(JournalError::NewerVersion { found, known }) } else { Ok(found) }
}

fn owner(transaction: &Transaction<'_>, portal: &str) -> Result<Option<String>, JournalError> {
    let owner: Option<String> = transaction
        .query_row("SELECT identity FROM portal", [], |row| row.get(0))
        .optional()
        .map_err(|source| JournalError::store("read the journal", source))?;
    match owner {
        Some(owner) if owner != portal => {
            Err(JournalError::OtherPortal { found: owner, wanted: portal.to_owned() })
        }
        owner => Ok(owner),
    }
}
