//! How long personal data is kept.

use jiff::Timestamp;
use rusqlite::params;

use super::forget::ANONYMOUS;
use super::{Journal, JournalError};

/// Stands where the words were that told what was wrong with a row.
const ERASED: &str = "its values were erased after their time";

impl Journal {
    /// Erases what may hold personal data and is older than `before`: raw rows, plans, values before and after, what was
    /// wrong with rows in words, reasons in words, hashes of persons. Keys, ids, outcomes and codes stay.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn expire(&self, before: Timestamp) -> Result<(), JournalError> {
        self.write("erase what is old", |transaction| {
            let before = before.as_millisecond();
            let old = "(SELECT id FROM runs WHERE started_at < ?1)";
            transaction.execute(
                &format!("UPDATE entries SET body = NULL WHERE run IN {old} AND body IS NOT NULL"),
                [before],
            )?;
            transaction.execute("DELETE FROM changes WHERE at < ?1 AND change IS NOT NULL", [before])?;
            transaction.execute(
                "UPDATE rejects SET row = NULL, body = json_set(body, '$.value', NULL, '$.message', ?2)
                 WHERE last_at < ?1 AND (row IS NOT NULL OR body ->> '$.message' <> ?2)",
                params![before, ERASED],
            )?;
            // What a portal or a program says may name a person.
            transaction
                .execute("UPDATE retries SET reason = '' WHERE first_at < ?1 AND reason <> ''", [before])?;
            transaction.execute(
                "UPDATE runs SET reason = NULL WHERE started_at < ?1 AND reason IS NOT NULL",
                [before],
            )?;
            let hashes = "at < ?1 AND identity NOT LIKE 'record %'";
            transaction.execute(&format!("{ANONYMOUS} WHERE {hashes}"), [before])?;
            transaction.execute(&format!("DELETE FROM identities WHERE {hashes}"), [before])?;
            transaction.execute("DELETE FROM facts WHERE at < ?1", [before])?;
            Ok(())
        })
    }
}
