//! What was read of the portal's fields, kept for a day.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, params};

use super::{Journal, JournalError, instant};

impl Journal {
    /// A document that is not older than `keep`.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn facts(
        &self,
        name: &str,
        keep: SignedDuration,
        now: Timestamp,
    ) -> Result<Option<String>, JournalError> {
        let kept: Option<(String, i64)> = self.read("read what is known of the portal", |transaction| {
            transaction
                .prepare_cached("SELECT body, at FROM facts WHERE name = ?1")?
                .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })?;
        Ok(kept.and_then(|(body, at)| {
            let age = now.duration_since(instant(at));
            (age >= SignedDuration::ZERO && age < keep).then_some(body)
        }))
    }

    /// Keeps a document.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn keep_facts(&self, name: &str, body: &str, now: Timestamp) -> Result<(), JournalError> {
        self.write("keep what is known of the portal", |transaction| {
            transaction
                .execute(
                    "INSERT OR REPLACE INTO facts (name, body, at) VALUES (?1, ?2, ?3)",
                    params![name, body, now.as_millisecond()],
                )
                .map(drop)
        })
    }

    /// Lets the next run read the portal's fields anew.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn forget_facts(&self) -> Result<(), JournalError> {
        self.write("forget what is known of the portal", |transaction| {
            transaction.execute("DELETE FROM facts", []).map(drop)
        })
    }
}
