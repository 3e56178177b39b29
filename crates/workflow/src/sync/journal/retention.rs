//! How long personal data is kept.

use jiff::Timestamp;

use super::forget::ANONYMOUS;
use super::{Journal, JournalError};

/// Stands where the words were that told what was wrong with a row.
const ERASED: &str = "its values were erased after their time";

/// Identities that still are hashes of persons; written as in the index `identities_kept`.
const HASHES: &str = "at < ?1 AND substr(identity, 1, 7) <> 'record '";

/// What is erased. Each statement looks only at rows that still hold something, by an index or, in the tables of what
/// waits and of the portal's fields, among few: old rows stay, and a run every two minutes must not read them.
fn statements() -> [String; 8] {
    [
        // Before the runs are marked.
        "UPDATE entries SET body = NULL WHERE body IS NOT NULL
             AND run IN (SELECT id FROM runs WHERE erased = 0 AND started_at < ?1)"
            .to_owned(),
        "UPDATE runs SET reason = NULL, erased = 1 WHERE erased = 0 AND started_at < ?1".to_owned(),
        "DELETE FROM changes WHERE at < ?1 AND change IS NOT NULL".to_owned(),
        format!(
            "UPDATE rejects SET row = NULL, body = json_set(body, '$.value', NULL, '$.message', '{ERASED}'), erased = 1
             WHERE erased = 0 AND last_at < ?1"
        ),
        // What a portal or a program says may name a person.
        "UPDATE retries SET reason = '' WHERE first_at < ?1 AND reason <> ''".to_owned(),
        format!("{ANONYMOUS} WHERE {HASHES}"),
        format!("DELETE FROM identities WHERE {HASHES}"),
        "DELETE FROM facts WHERE at < ?1".to_owned(),
    ]
}

impl Journal {
    /// Erases what may hold personal data and is older than `before`: raw rows, plans, values before and after, what was
    /// wrong with rows in words, reasons in words, hashes of persons. Keys, ids, outcomes and codes stay.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn expire(&self, before: Timestamp) -> Result<(), JournalError> {
        self.write("erase what is old", |transaction| {
            for statement in statements() {
                transaction.prepare_cached(&statement)?.execute([before.as_millisecond()])?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_erased_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.db"), "a", Timestamp::UNIX_EPOCH).unwrap();
        let connection = journal.connection();
        for statement in statements() {
            let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
            let steps = explained.query_map([0], |row| row.get::<_, String>("detail")).unwrap();
            let steps: Vec<String> = steps.map(Result::unwrap).collect();
            let reads_all = steps.iter().any(|step| step.starts_with("SCAN"));
            let is_small = ["retries", "facts"].iter().any(|table| statement.contains(table));
            assert!(!reads_all || is_small, "{statement}\n{steps:#?}");
        }
    }
}
