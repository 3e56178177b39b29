//! What the queue holds of a person, and how it is erased.

use std::collections::{BTreeSet, HashSet};

use embed_queue::{Document, Purged, Scope, Store};
use serde_json::Value;

use super::IndexError;
use super::crm::{COMMENTS, Entity, comments_of};
use crate::person::{Person, mentions, national};

/// Letters at the end of a piece in which a number may begin that the next piece goes on with.
const OVERHANG: usize = 40;

/// Documents of a person.
///
/// These are their contacts, the deals, leads and invoices of those, all with their comments, and whatever else has the
/// telephone number. A journal knows further `contacts` and `deals` of a number, and deals of a contact.
///
/// # Errors
/// The queue's file fails.
pub fn remembered(
    store: &Store,
    person: &Person,
    contacts: &[u64],
    deals: &[u64],
) -> Result<Vec<Scope>, IndexError> {
    let digits = match person {
        Person::Phone(phone) => Some(national(phone)),
        Person::Contact(_) => None,
    };
    let mut contacts: HashSet<u64> = contacts.iter().copied().collect();
    contacts.extend(match person {
        Person::Contact(id) => Some(*id),
        Person::Phone(_) => None,
    });
    let mut records = BTreeSet::new();
    let found = store.fitting(&mut |document| {
        let said = digits.as_ref().is_some_and(|digits| says(document, digits));
        let record = Entity::of(document);
        let theirs = record.filter(|&(entity, id)| {
            said || belongs(document, &contacts)
                || match entity {
                    Entity::Contact => contacts.contains(&id),
                    Entity::Deal => deals.contains(&id),
                    Entity::Lead | Entity::Company | Entity::Invoice => false,
                }
        });
        records.extend(theirs);
        said || theirs.is_some()
    })?;
    // The timeline of a record without a text of its own is the person's all the same.
    records.extend(contacts.into_iter().map(|id| (Entity::Contact, id)));
    records.extend(deals.iter().map(|&id| (Entity::Deal, id)));
    let mut all = found;
    for (entity, id) in records {
        for source in comments_of(store, entity, id)? {
            let comment = Scope::document(COMMENTS, &source);
            if !all.contains(&comment) {
                all.push(comment);
            }
        }
    }
    Ok(all)
}

/// Erases the documents, and the number from what providers said.
///
/// # Errors
/// The queue's file fails.
pub fn erase(store: &Store, person: &Person, documents: &[Scope]) -> Result<Purged, IndexError> {
    if let Person::Phone(phone) = person {
        let digits = national(phone);
        store.blot_failures(&|words| mentions(words, &digits))?;
    }
    Ok(store.purge(documents)?)
}

/// Whether the record names one of the contacts.
fn belongs(document: &Document, contacts: &HashSet<u64>) -> bool {
    let named = document.metadata.get("contacts").and_then(Value::as_array);
    named.into_iter().flatten().filter_map(Value::as_u64).any(|id| contacts.contains(&id))
}

fn says(document: &Document, digits: &str) -> bool {
    let facts = serde_json::to_string(&document.metadata).unwrap_or_default();
    if [&document.source, &document.title, &facts].into_iter().any(|text| mentions(text, digits)) {
        return true;
    }
    let mut text = String::new();
    for piece in &document.pieces {
        let end = text.char_indices().rev().nth(OVERHANG).map_or(0, |(at, _)| at);
        text.drain(..end);
        text.push_str(&piece.content);
        if mentions(&text, digits) || piece.headings.iter().any(|heading| mentions(heading, digits)) {
            return true;
        }
    }
    false
}
