//! Whose queue it is, and what a caller remembers beside its documents.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Store;
use crate::error::Error;

impl Store {
    /// Says whose documents are in the file: a portal's, or those of a folder. The first owner stays; a file of another
    /// one is refused, so that no portal's content gets into the answers of another.
    ///
    /// # Errors
    /// The file belongs to another owner, or fails.
    pub fn bind(&self, owner: &str) -> Result<(), Error> {
        let found = self.write("see whose queue it is", |transaction| {
            transaction.execute(
                "INSERT INTO meta (name, value) VALUES ('owner', CAST(?1 AS BLOB)) ON CONFLICT DO NOTHING",
                [owner],
            )?;
            self::owner(transaction)
        })?;
        refused_for(found, owner)
    }

    /// Says whether [`Store::bind`] would refuse this owner, and writes nothing.
    ///
    /// # Errors
    /// The file belongs to another owner, or fails.
    pub fn may_bind(&self, owner: &str) -> Result<(), Error> {
        refused_for(self.read("see whose queue it is", self::owner)?, owner)
    }

    /// The file is nobody's any more; for one whose documents were all removed.
    ///
    /// # Errors
    /// The file fails.
    pub fn release(&self) -> Result<(), Error> {
        self.write("release the queue", |transaction| {
            transaction.execute("DELETE FROM meta WHERE name = 'owner'", []).map(drop)
        })
    }

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

    /// Every mark whose name begins so, with its value.
    ///
    /// # Errors
    /// The file fails.
    pub fn marks(&self, beginning: &str) -> Result<Vec<(String, String)>, Error> {
        self.read("read marks", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT name, value FROM marks WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
                )?
                .query_map([beginning], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
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

fn owner(transaction: &Transaction<'_>) -> rusqlite::Result<Option<String>> {
    let stored = "SELECT CAST(value AS TEXT) FROM meta WHERE name = 'owner'";
    transaction.query_row(stored, [], |row| row.get(0)).optional()
}

fn refused_for(found: Option<String>, wanted: &str) -> Result<(), Error> {
    match found {
        Some(found) if found != wanted => Err(Error::OtherOwner { wanted: wanted.to_owned(), found }),
        _ => Ok(()),
    }
}
