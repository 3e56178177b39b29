//! What the records of one plan want of contacts and leads that several of them share.
//!
//! Each record is compared with what the portal holds. The same change is written for the first of them only, and where
//! records differ the first one counts, in every run alike: otherwise they would overwrite one another for ever.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::person::short;
use crate::sync::Reject;
use crate::sync::entry::{Action, Change, ContactChoice};
use crate::sync::value::FieldValue;
use crate::sync::wanted::{Policy, Wanted, WantedField};

/// What the records of one plan want of contacts and leads so far: some 30 bytes a field.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    contacts: HashMap<u64, Vec<Wish>>,
    /// Leads that get the mapping's status.
    leads: HashSet<u64>,
}

#[derive(Debug)]
struct Wish {
    field: u64,
    value: u64,
    /// The record that wants it.
    key: Arc<str>,
}

impl Wishes {
    /// Leaves out of an action what an earlier record of the plan does already, and what it wants otherwise.
    pub(super) fn agree(&mut self, wanted: &Wanted, action: Action, warnings: &mut Vec<Reject>) -> Action {
        match action {
            Action::Create(mut creation) => {
                if let ContactChoice::Use { id, changes, .. } = &mut creation.contact {
                    self.contact(wanted, *id, changes, warnings);
                }
                if let Some(lead) = creation.lead.filter(|_| !creation.lead_is_set) {
                    creation.lead_is_set = !self.leads.insert(lead);
                }
                Action::Create(creation)
            }
            Action::Update(mut update) => {
                let ContactChoice::Use { id, changes, link } = &mut update.contact else {
                    return Action::Update(update);
                };
                self.contact(wanted, *id, changes, warnings);
                let is_left =
                    *link || !changes.is_empty() || !update.changes.is_empty() || update.comment.is_some();
                if is_left {
                    return Action::Update(update);
                }
                Action::Unchanged { deal: update.deal, contact: Some(*id) }
            }
            Action::Unchanged { deal, contact } => {
                if let Some(id) = contact {
                    self.contact(wanted, id, &mut Vec::new(), warnings);
                }
                Action::Unchanged { deal, contact }
            }
            other => other,
        }
    }

    fn contact(&mut self, wanted: &Wanted, id: u64, changes: &mut Vec<Change>, warnings: &mut Vec<Reject>) {
        let Some(person) = &wanted.contact else { return };
        let mut own: Option<Arc<str>> = None;
        for field in &person.fields {
            if !is_wish(field, changes) {
                continue;
            }
            let (name, value) = (short(&field.name), hash(&field.value));
            let wishes = self.contacts.entry(id).or_default();
            let Some(known) = wishes.iter().find(|wish| wish.field == name) else {
                let key = own.get_or_insert_with(|| wanted.key.as_str().into());
                wishes.push(Wish { field: name, value, key: Arc::clone(key) });
                continue;
            };
            changes.retain(|change| change.name != field.name);
            if known.value != value {
                warnings.push(contradicted(wanted, &field.title, &known.key));
            }
        }
    }
}

/// Whether a record wants a field to hold its value, be it there already or not.
fn is_wish(field: &WantedField, changes: &[Change]) -> bool {
    match field.policy {
        Policy::Always => !field.value.is_empty(),
        Policy::Clear => true,
        // Who wants to fill an empty field does not mind one that is filled.
        Policy::IfEmpty => changes.iter().any(|change| change.name == field.name),
        Policy::CreateOnly => false,
    }
}

/// Equal for values that are the same to the portal: it sorts those of multiple fields as it likes.
pub(super) fn hash(value: &FieldValue) -> u64 {
    let mut texts: Vec<&str> = value.texts.iter().map(String::as_str).collect();
    texts.sort_unstable();
    short(&texts.join("\n\u{1f}\n"))
}

/// The warning that an earlier record of the plan wants something else of the same person.
pub(super) fn contradicted(wanted: &Wanted, title: &str, other: &str) -> Reject {
    Reject {
        code: "sync.contact-contradicted".to_owned(),
        key: Some(wanted.key.clone()),
        line: wanted.line,
        field: Some(title.to_owned()),
        value: None,
        message: format!(
            "the record {other} has the same person with another value, which counts because it comes first; that of {} is not written",
            wanted.key
        ),
        hint: "make the source say the same in both rows".to_owned(),
    }
}
