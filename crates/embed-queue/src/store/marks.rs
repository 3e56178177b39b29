//! What a caller remembers beside its documents.

use rusqlite::{OptionalExtension as _, params};

use super::Store;
use crate::error::Error;

impl Store {
    /// The value under a name.
    ///
    /// # Errors
    /// The file fails.
    pub fn mark(&self, name: &str) -> Result<Option<String>, Error> {
        self.read("read a mark", |transaction| {
            transaction
                .prepare_cached("SELECT value FROM marks WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()
        })
    }

    /// Remembers a value under a name.
    ///
    /// # Errors
    /// The file fails.
    pub fn set_mark(&self, name: &str, value: &str) -> Result<(), Error> {
        self.write("write a mark", |transaction| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO marks (name, value) VALUES (?1, ?2)")?
                .execute(params![name, value])
                .map(drop)
        })
    }

    /// Remembers a value unless there is one under this name; gives the one that is there afterwards.
    ///
    /// # Errors
    /// The file fails.
    pub fn mark_once(&self, name: &str, value: &str) -> Result<String, Error> {
        self.write("write a mark", |transaction| {
            transaction
                .prepare_cached("INSERT INTO marks (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute(params![name, value])?;
            transaction
                .prepare_cached("SELECT value FROM marks WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
        })
    }

    /// Forgets every mark whose name begins so.
    ///
    /// # Errors
    /// The file fails.
    pub fn forget_marks(&self, beginning: &str) -> Result<(), Error> {
        self.write("forget marks", |transaction| {
            transaction
                .prepare_cached("DELETE FROM marks WHERE substr(name, 1, length(?1)) = ?1")?
                .execute([beginning])
                .map(drop)
        })
    }
}
