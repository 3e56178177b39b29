//! What records wanted when their deals were last written or left alone.

use std::collections::HashMap;

use rusqlite::params;

use super::{Journal, JournalError, Pen, list, signed, unsigned};
use crate::sync::Imprint;

impl Journal {
    /// The deal that each of these records led to last, and what the record wanted then.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn imprints(&self, keys: &[&str]) -> Result<HashMap<String, (u64, Imprint)>, JournalError> {
        let noted: Vec<(String, i64, String)> = self.read("read what records wanted", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT key, deal, imprint FROM imprints WHERE key IN (SELECT value FROM json_each(?1))",
                )?
                .query_map([list(keys)?], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect()
        })?;
        // What cannot be read is not known.
        let noted = noted
            .into_iter()
            .filter_map(|(key, deal, text)| Some((key, (unsigned(deal), text.parse().ok()?))));
        Ok(noted.collect())
    }
}

impl Pen<'_> {
    /// The record led to this deal, and wanted this then.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn imprint(&self, key: &str, deal: u64, imprint: Imprint) -> Result<(), JournalError> {
        self.execute(
            "INSERT INTO imprints (key, deal, imprint) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET deal = excluded.deal, imprint = excluded.imprint",
            params![key, signed(deal), imprint.to_string()],
        )
        .map(drop)
    }
}
