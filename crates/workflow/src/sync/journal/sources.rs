//! With what the keys of each source begin.

use rusqlite::OptionalExtension as _;

use super::{Journal, JournalError};

/// Whether two sources with these prefixes could write the same key: an empty prefix is the beginning of every other, and a
/// key may begin with anything.
pub(crate) fn share_keys(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

impl Journal {
    /// Notes with what the keys of a source begin, unless another source writes such keys: then gives its name, and notes
    /// nothing.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn claim_prefix(&self, source: &str, prefix: &str) -> Result<Option<String>, JournalError> {
        self.write("note the prefix of a source", |transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT source, prefix FROM sources WHERE source <> ?1 ORDER BY source")?;
            let mut rows = statement.query([source])?;
            while let Some(row) = rows.next()? {
                if share_keys(row.get_ref(1)?.as_str()?, prefix) {
                    return row.get(0).map(Some);
                }
            }
            // Sources that were not read since prefixes are noted.
            let other: Option<String> = transaction
                .prepare_cached(
                    "SELECT source FROM records WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1
                     AND source <> ?2 AND source NOT IN (SELECT source FROM sources) LIMIT 1",
                )?
                .query_row([prefix, source], |row| row.get(0))
                .optional()?;
            if other.is_none() {
                transaction.execute(
                    "INSERT INTO sources (source, prefix) VALUES (?1, ?2)
                     ON CONFLICT (source) DO UPDATE SET prefix = excluded.prefix WHERE prefix <> excluded.prefix",
                    [source, prefix],
                )?;
            }
            Ok(other)
        })
    }
}
