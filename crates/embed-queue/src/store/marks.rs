//! Whose queue it is, and what a caller remembers beside its documents.

use rusqlite::{OptionalExtension as _, params};

use super::Store;
use crate::error::Error;

impl Store {
    /// Says whose documents are in the file: a portal's, or those of a folder. The first owner stays; a file of another
    /// one is refused, so that no portal's content gets into the answers of another.
    ///
    /// # Errors
    /// The file belongs to another owner, or fails.
    pub fn bind(&self, owner: &str) -> Result<(), Error> {
        let found: String = self.write("see whose queue it is", |transaction| {
            transaction.execute(
                "INSERT INTO meta (name, value) VALUES ('owner', CAST(?1 AS BLOB)) ON CONFLICT DO NOTHING",
                [owner],
            )?;
            transaction
                .query_row("SELECT CAST(value AS TEXT) FROM meta WHERE name = 'owner'", [], |row| row.get(0))
        })?;
        if found == owner { Ok(()) } else { Err(Error::OtherOwner { wanted: owner.to_owned(), found }) }
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
