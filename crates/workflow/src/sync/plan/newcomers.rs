//! Persons whom a plan creates for several records: what the later ones know goes into the one creation, too.

use std::collections::HashMap;

use super::person::is_nameless;
use super::wishes::{contradicted, hash};
use crate::person::short;
use crate::sync::Reject;
use crate::sync::entry::{Action, Assignment, ContactChoice, Entry};
use crate::sync::wanted::{PersonName, Wanted};

/// Who is created for which record, and what is known of them: some 150 bytes a person.
#[derive(Debug, Default)]
pub(super) struct Newcomers {
    cards: HashMap<u64, Card>,
}

#[derive(Debug)]
struct Card {
    /// The record that creates.
    key: Box<str>,
    is_named: bool,
    phones: Vec<u64>,
    /// Names and values of fields.
    fields: Vec<(u64, u64)>,
}

/// What a later record adds to the person who is created for an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addition {
    /// The record that creates.
    pub(crate) key: String,
    phones: Vec<String>,
    name: Option<PersonName>,
    fields: Vec<Assignment>,
}

impl Newcomers {
    /// Takes note of the person whom an action creates. Gives what the record adds when an earlier one creates them.
    pub(super) fn meet(
        &mut self,
        wanted: &Wanted,
        action: &Action,
        warnings: &mut Vec<Reject>,
    ) -> Option<Addition> {
        let contact = match action {
            Action::Create(creation) => &creation.contact,
            Action::Update(update) => &update.contact,
            _ => return None,
        };
        let ContactChoice::Create { identity, phones, name, fields } = contact else { return None };
        let mut is_first = false;
        let card = self.cards.entry(short(identity)).or_insert_with(|| {
            is_first = true;
            Card { key: wanted.key.as_str().into(), is_named: false, phones: Vec::new(), fields: Vec::new() }
        });
        let mut new =
            Addition { key: card.key.to_string(), phones: Vec::new(), name: None, fields: Vec::new() };
        for phone in phones {
            let short = short(phone);
            if !card.phones.contains(&short) {
                card.phones.push(short);
                new.phones.push(phone.clone());
            }
        }
        if !card.is_named && !is_nameless(name) {
            card.is_named = true;
            new.name = Some(name.clone());
        }
        for field in fields {
            let (name, value) = (short(&field.name), hash(&field.value));
            match card.fields.iter().find(|(known, _)| *known == name) {
                None => {
                    card.fields.push((name, value));
                    new.fields.push(field.clone());
                }
                Some((_, known)) if *known != value => {
                    warnings.push(contradicted(wanted, &field.title, &card.key));
                }
                Some(_) => {}
            }
        }
        let is_empty = new.phones.is_empty() && new.name.is_none() && new.fields.is_empty();
        (!is_first && !is_empty).then_some(new)
    }
}

impl Addition {
    /// Puts it into the entry that creates the person.
    pub(crate) fn put_into(&self, entry: &mut Entry) {
        let contact = match &mut entry.action {
            Action::Create(creation) => &mut creation.contact,
            Action::Update(update) => &mut update.contact,
            _ => return,
        };
        let ContactChoice::Create { phones, name, fields, .. } = contact else { return };
        phones.extend(self.phones.iter().cloned());
        fields.extend(self.fields.iter().cloned());
        if let Some(new) = &self.name {
            *name = new.clone();
        }
    }
}
