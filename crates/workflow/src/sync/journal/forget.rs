//! A person is erased from the journal.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};
use serde::Serialize;

use super::{Journal, JournalError, list, unsigned};

/// Who is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Everybody with this telephone number, in any spelling.
    Phone(String),
    /// A contact of the portal.
    Contact(u64),
}

/// What the journal holds of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// Keys of the records.
    pub keys: Vec<String>,
    /// Contacts of the portal: they are not touched there.
    pub contacts: Vec<u64>,
    /// Deals of the portal: they are not touched there.
    pub deals: Vec<u64>,
    /// Planned records with personal data.
    pub entries: u64,
    /// Values before and after.
    pub changes: u64,
    /// Rejected rows.
    pub rejects: u64,
    /// Identities by which contacts are found again.
    pub identities: u64,
}

impl Trace {
    /// Whether there is nothing to erase.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries + self.changes + self.rejects + self.identities == 0
    }
}

const OF_KEYS: &str = "key IN (SELECT value FROM json_each(?1))";
const CONTACTS: &str = "(SELECT value FROM json_each(?2))";

/// Keys, contacts, numbers of rejects.
type Mentions = (BTreeSet<String>, BTreeSet<u64>, BTreeSet<i64>);

/// The rows that belong to a person.
struct Found {
    trace: Trace,
    rejects: Vec<i64>,
}

impl Journal {
    /// Lists what the journal holds of a person.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn trace(&self, person: &Person) -> Result<Trace, JournalError> {
        self.read("look for a person", |transaction| find(transaction, person).map(|found| found.trace))
    }

    /// Erases what the journal holds of a person; keys, numbers of deals and outcomes stay, so that nothing is created
    /// a second time. Gives what was erased.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn erase(&self, person: &Person) -> Result<Trace, JournalError> {
        let trace = self.write("erase a person", |transaction| {
            let found = find(transaction, person)?;
            let (keys, contacts) = (list(&found.trace.keys)?, list(&found.trace.contacts)?);
            transaction.execute(
                &format!(
                    "UPDATE entries SET body = NULL, outcome = coalesce(outcome, 'skipped') WHERE {OF_KEYS}"
                ),
                [&keys],
            )?;
            for what in ["changes WHERE entity = 'contact' AND entity_id", "identities WHERE contact"] {
                let sql = format!("DELETE FROM {what} IN {CONTACTS} OR {OF_KEYS}");
                transaction.execute(&sql, params![keys, contacts])?;
            }
            transaction.execute(
                "DELETE FROM rejects WHERE id IN (SELECT value FROM json_each(?1))",
                [list(&found.rejects)?],
            )?;
            Ok(found.trace)
        })?;
        // What was deleted is still in the write-ahead log.
        self.connection()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|source| JournalError::store("erase a person", source))?;
        Ok(trace)
    }
}

fn find(transaction: &Transaction<'_>, person: &Person) -> rusqlite::Result<Found> {
    let (mut keys, mut contacts, mut rejects) = match person {
        Person::Contact(id) => (BTreeSet::new(), BTreeSet::from([*id]), BTreeSet::new()),
        Person::Phone(phone) => with_number(transaction, &national(phone))?,
    };
    let sql =
        "SELECT contact FROM records WHERE contact IS NOT NULL AND key IN (SELECT value FROM json_each(?1))";
    contacts.extend(numbers(transaction, sql, &list(&Vec::from_iter(&keys))?)?.into_iter().map(unsigned));
    let all = list(&Vec::from_iter(&contacts))?;
    let mut statement = transaction.prepare(
        "SELECT key FROM records WHERE contact IN (SELECT value FROM json_each(?1))
         UNION SELECT key FROM identities WHERE contact IN (SELECT value FROM json_each(?1))",
    )?;
    let more = statement.query_map([&all], |row| row.get::<_, String>(0))?;
    keys.extend(more.collect::<rusqlite::Result<Vec<_>>>()?);
    let keys = Vec::from_iter(keys);
    let listed = list(&keys)?;
    let sql = "SELECT id FROM rejects WHERE key IN (SELECT value FROM json_each(?1))";
    rejects.extend(numbers(transaction, sql, &listed)?);
    let sql = "SELECT deal FROM records WHERE deal IS NOT NULL AND key IN (SELECT value FROM json_each(?1))";
    let deals = numbers(transaction, sql, &listed)?.into_iter().map(unsigned).collect();
    let count = |what: &str| {
        let sql = format!("SELECT count(*) FROM {what}");
        transaction.query_row(&sql, params![listed, all], |row| row.get(0)).map(unsigned)
    };
    let trace = Trace {
        entries: count(
            "entries WHERE body IS NOT NULL AND key IN (SELECT value FROM json_each(?1)) AND ?2 <> ''",
        )?,
        changes: count(&format!(
            "changes WHERE {OF_KEYS} OR entity = 'contact' AND entity_id IN {CONTACTS}"
        ))?,
        identities: count(&format!("identities WHERE {OF_KEYS} OR contact IN {CONTACTS}"))?,
        rejects: rejects.len() as u64,
        contacts: Vec::from_iter(contacts),
        keys,
        deals,
    };
    Ok(Found { trace, rejects: Vec::from_iter(rejects) })
}

/// Keys, contacts and rejects whose personal data hold the digits.
fn with_number(transaction: &Transaction<'_>, digits: &str) -> rusqlite::Result<Mentions> {
    let (mut keys, mut contacts, mut rejects) = Mentions::default();
    for sql in [
        "SELECT key, body FROM entries WHERE body IS NOT NULL",
        "SELECT key, change FROM changes WHERE change IS NOT NULL",
    ] {
        texts(transaction, sql, digits, &mut |key| keys.extend([key.to_owned()]))?;
    }
    let sql = "SELECT cast(contact AS TEXT), identity FROM identities";
    texts(transaction, sql, digits, &mut |contact| contacts.extend(contact.parse::<u64>().ok()))?;
    let sql = "SELECT cast(id AS TEXT), body || coalesce(row, '') FROM rejects";
    texts(transaction, sql, digits, &mut |id| rejects.extend(id.parse::<i64>().ok()))?;
    Ok((keys, contacts, rejects))
}

/// Gives the first column of the rows whose second holds the digits.
fn texts(
    transaction: &Transaction<'_>,
    sql: &str,
    digits: &str,
    on_row: &mut dyn FnMut(&str),
) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if mentions(row.get_ref(1)?.as_str()?, digits) {
            on_row(row.get_ref(0)?.as_str()?);
        }
    }
    Ok(())
}

fn numbers(transaction: &Transaction<'_>, sql: &str, listed: &str) -> rusqlite::Result<Vec<i64>> {
    transaction.prepare(sql)?.query_map([listed], |row| row.get(0))?.collect()
}

/// The digits by which a number is known whatever stands before them: the last ten.
pub(crate) fn national(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    digits.iter().skip(digits.len().saturating_sub(10)).collect()
}

/// Whether a text holds the digits, with whatever people write between the digits of a telephone number.
pub(crate) fn mentions(text: &str, digits: &str) -> bool {
    if digits.len() < 5 {
        return false;
    }
    let mut run = String::new();
    for character in text.chars() {
        match character {
            '0'..='9' => run.push(character),
            // Hyphens, dashes and narrow spaces of typesetters too.
            ' ' | '-' | '(' | ')' | '+' | '.' | '/' | '\u{a0}' | '\u{2009}'..='\u{2015}' | '\u{202f}' => {}
            _ => {
                if run.contains(digits) {
                    return true;
                }
                run.clear();
            }
        }
    }
    run.contains(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_in_any_spelling() {
        let digits = national("+7 999 123-45-67");
        assert_eq!(digits, "9991234567");
        for text in
            ["8 (999) 123-45-67", r#"{"phones":["+79991234567"]}"#, "9991234567, 2", "8–999–123‑45‑67"]
        {
            assert!(mentions(text, &digits), "{text}");
        }
        assert!(!mentions("+79991234568", &digits));
        assert!(!mentions("999, 1234567", &digits));
    }
}
