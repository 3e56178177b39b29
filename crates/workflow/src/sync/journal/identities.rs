//! Which contact a person is.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::params;

use super::{Journal, JournalError, Pen, list, signed, unsigned};

impl Journal {
    /// The contacts of these identities, as far as they became known since then: older ones are perhaps gone.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn contacts(
        &self,
        identities: &[&str],
        since: Timestamp,
    ) -> Result<HashMap<String, u64>, JournalError> {
        self.read("read which contacts are known", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT identity, contact FROM identities
                     WHERE identity IN (SELECT value FROM json_each(?1)) AND at >= ?2",
                )?
                .query_map(params![list(identities)?, since.as_millisecond()], |row| {
                    Ok((row.get(0)?, unsigned(row.get(1)?)))
                })?
                .collect()
        })
    }

    /// The contacts that were created for these records.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn contacts_created_for(&self, keys: &[&str]) -> Result<HashMap<String, u64>, JournalError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        self.read("read which contacts were created", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT key, contact FROM identities WHERE key IN (SELECT value FROM json_each(?1)) ORDER BY at",
                )?
                .query_map([list(keys)?], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?
                .collect()
        })
    }
}

impl Pen<'_> {
    /// The identity is this contact, as a record says.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn identify(
        &self,
        identity: &str,
        contact: u64,
        key: &str,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.execute(
            "INSERT INTO identities (identity, contact, key, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (identity) DO UPDATE SET contact = excluded.contact, key = excluded.key, at = excluded.at",
            params![identity, signed(contact), key, now.as_millisecond()],
        )
        .map(drop)
    }
}
