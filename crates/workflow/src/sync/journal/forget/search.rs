//! Where the journal names a person.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};

use super::{Person, Trace};
use crate::person::{Phone, mentions, national, phone_identity};
use crate::sync::Entry;
use crate::sync::entry::{Action, ContactChoice};
use crate::sync::journal::{list, signed, unsigned};

pub(super) const CHANGES: &str = "key IN (SELECT value FROM json_each(?1))
     OR entity = 'contact' AND entity_id IN (SELECT value FROM json_each(?2))";
pub(super) const IDENTITIES: &str = "identity NOT LIKE 'record %' AND (key IN (SELECT value FROM json_each(?1))
     OR contact IN (SELECT value FROM json_each(?2)) OR substr(identity, 1, 16) IN (SELECT value FROM json_each(?3)))";

/// The rows that belong to a person.
#[derive(Default)]
pub(super) struct Found {
    pub(super) trace: Trace,
    /// What the identities of everybody with the person's numbers begin with.
    pub(super) identities: BTreeSet<String>,
    pub(super) rejects: BTreeSet<i64>,
    /// Source and place of records that wait.
    pub(super) waiting: BTreeSet<(String, String)>,
    pub(super) runs: BTreeSet<i64>,
    pub(super) facts: BTreeSet<String>,
}

struct Search<'t> {
    transaction: &'t Transaction<'t>,
    /// Digits that tell the person's numbers.
    digits: BTreeSet<String>,
    keys: BTreeSet<String>,
    contacts: BTreeSet<u64>,
    found: Found,
}

pub(super) fn find(transaction: &Transaction<'_>, person: &Person) -> rusqlite::Result<Found> {
    let (digits, keys, contacts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut search = Search { transaction, digits, keys, contacts, found: Found::default() };
    match person {
        Person::Phone(text) => {
            search.number(text);
            search.planned(false)?;
            search.named()?;
            search.contacts_of_keys()?;
            search.keys_of_contacts()?;
        }
        Person::Contact(id) => {
            search.contacts.insert(*id);
            search.keys_of_contacts()?;
            search.planned(true)?;
            search.named()?;
        }
    }
    // Once more: by now every key and number is known.
    search.planned(false)?;
    search.rejected()?;
    search.counted()
}

impl Search<'_> {
    fn number(&mut self, text: &str) {
        self.digits.insert(national(text));
        if let Ok(phone) = Phone::parse(text) {
            self.found.identities.insert(phone_identity(phone.e164()));
        }
    }

    fn mentions(&self, text: &str) -> bool {
        self.digits.iter().any(|digits| mentions(text, digits))
    }

    /// Plans that hold a number or are of a contact. `learns` takes the numbers in plans of the
    /// person, instead of looking for those that are known.
    fn planned(&mut self, learns: bool) -> rusqlite::Result<()> {
        let mut statement =
            self.transaction.prepare("SELECT key, body FROM entries WHERE body IS NOT NULL")?;
        let mut rows = statement.query([])?;
        let by_contact: Vec<String> = self.contacts.iter().map(|contact| format!(":{contact}")).collect();
        while let Some(row) = rows.next()? {
            let (key, body) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
            let is_named = self.keys.contains(key) || !learns && self.mentions(body);
            if !is_named && !by_contact.iter().any(|contact| body.contains(contact)) {
                continue;
            }
            // What cannot be read is erased when its text or key is the person's.
            let person = serde_json::from_str::<Entry>(body).map(person_of).unwrap_or_default();
            let is_theirs = person.contact.is_some_and(|contact| self.contacts.contains(&contact));
            if is_named || is_theirs {
                self.keys.insert(key.to_owned());
                if learns {
                    person.phones.iter().for_each(|phone| self.number(phone));
                }
            }
        }
        Ok(())
    }

    /// Other texts that hold a number.
    fn named(&mut self) -> rusqlite::Result<()> {
        self.texts("SELECT change, key FROM changes WHERE change IS NOT NULL", |search, row| {
            search.keys.insert(row.get(1)?);
            Ok(())
        })?;
        self.texts("SELECT reason, source, place FROM retries", |search, row| {
            search.found.waiting.insert((row.get(1)?, row.get(2)?));
            Ok(())
        })?;
        self.texts("SELECT reason, id FROM runs WHERE reason IS NOT NULL", |search, row| {
            search.found.runs.insert(row.get(1)?);
            Ok(())
        })?;
        self.texts("SELECT body, name FROM facts", |search, row| {
            search.found.facts.insert(row.get(1)?);
            Ok(())
        })?;
        Ok(())
    }

    /// Gives the rows whose first column holds a number.
    fn texts(
        &mut self,
        sql: &str,
        mut on_row: impl FnMut(&mut Self, &rusqlite::Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let transaction = self.transaction;
        let mut statement = transaction.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if self.mentions(row.get_ref(0)?.as_str()?) {
                on_row(self, row)?;
            }
        }
        Ok(())
    }

    fn contacts_of_keys(&mut self) -> rusqlite::Result<()> {
        let sql = "SELECT contact FROM records WHERE contact IS NOT NULL AND key IN (SELECT value FROM json_each(?1))
                   UNION SELECT contact FROM identities WHERE substr(identity, 1, 16) IN (SELECT value FROM json_each(?2))";
        let values =
            params![list(&Vec::from_iter(&self.keys))?, list(&Vec::from_iter(&self.found.identities))?];
        let mut statement = self.transaction.prepare(sql)?;
        let contacts = statement.query_map(values, |row| row.get(0).map(unsigned))?;
        self.contacts.extend(contacts.collect::<rusqlite::Result<Vec<_>>>()?);
        Ok(())
    }

    fn keys_of_contacts(&mut self) -> rusqlite::Result<()> {
        let sql = "SELECT key FROM records WHERE contact IN (SELECT value FROM json_each(?1))
                   UNION SELECT key FROM identities WHERE contact IN (SELECT value FROM json_each(?1))
                   UNION SELECT key FROM changes WHERE entity = 'contact'
                       AND entity_id IN (SELECT value FROM json_each(?1))";
        let contacts: Vec<i64> = self.contacts.iter().map(|contact| signed(*contact)).collect();
        let mut statement = self.transaction.prepare(sql)?;
        let keys = statement.query_map([list(&contacts)?], |row| row.get(0))?;
        self.keys.extend(keys.collect::<rusqlite::Result<Vec<_>>>()?);
        Ok(())
    }

    fn rejected(&mut self) -> rusqlite::Result<()> {
        let mut statement =
            self.transaction.prepare("SELECT id, key, body || ' ' || coalesce(row, '') FROM rejects")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key: Option<String> = row.get(1)?;
            let is_theirs = key.is_some_and(|key| self.keys.contains(&key));
            if is_theirs || self.mentions(row.get_ref(2)?.as_str()?) {
                self.found.rejects.insert(row.get(0)?);
            }
        }
        Ok(())
    }

    fn counted(self) -> rusqlite::Result<Found> {
        let Self { transaction, keys, contacts, mut found, .. } = self;
        let keys = Vec::from_iter(keys);
        let (of_keys, of_contacts) = (list(&keys)?, list(&Vec::from_iter(&contacts))?);
        let identities = list(&Vec::from_iter(&found.identities))?;
        let count = |what: &str, values: &[&dyn rusqlite::ToSql]| {
            let sql = format!("SELECT count(*) FROM {what}");
            transaction.query_row(&sql, values, |row| row.get(0)).map(unsigned)
        };
        let entries = "entries WHERE body IS NOT NULL AND key IN (SELECT value FROM json_each(?1))";
        let deals = "SELECT DISTINCT deal FROM records WHERE deal IS NOT NULL
                     AND key IN (SELECT value FROM json_each(?1)) ORDER BY deal";
        let mut statement = transaction.prepare(deals)?;
        let deals = statement.query_map([&of_keys], |row| row.get(0).map(unsigned))?;
        found.trace = Trace {
            deals: deals.collect::<rusqlite::Result<_>>()?,
            entries: count(entries, &[&of_keys])?,
            changes: count(&format!("changes WHERE {CHANGES}"), &[&of_keys, &of_contacts])?,
            identities: count(
                &format!("identities WHERE {IDENTITIES}"),
                &[&of_keys, &of_contacts, &identities],
            )?,
            rejects: found.rejects.len() as u64,
            texts: (found.waiting.len() + found.runs.len() + found.facts.len()) as u64,
            contacts: Vec::from_iter(contacts),
            keys,
        };
        Ok(found)
    }
}

/// The person of a planned record.
#[derive(Default)]
struct PlannedPerson {
    contact: Option<u64>,
    phones: Vec<String>,
}

fn person_of(entry: Entry) -> PlannedPerson {
    let choice = match entry.action {
        Action::Create(creation) => creation.contact,
        Action::Update(update) => update.contact,
        Action::Unchanged { contact, .. } => return PlannedPerson { contact, ..PlannedPerson::default() },
        Action::Skipped { .. } | Action::Conflict { .. } | Action::Unknown { .. } => ContactChoice::None,
    };
    match choice {
        ContactChoice::None => PlannedPerson::default(),
        ContactChoice::Use { id, .. } => PlannedPerson { contact: Some(id), ..PlannedPerson::default() },
        ContactChoice::Create { phones, .. } => PlannedPerson { contact: None, phones },
    }
}
