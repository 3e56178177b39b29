//! Which fields are to change, under each field's own policy.

use b24_client::Token;

use crate::sync::Reject;
use crate::sync::entry::{Assignment, Change};
use crate::sync::mapping::{FieldRef, FieldRule};
use crate::sync::value::FieldValue;
use crate::sync::wanted::{Policy, WantedField};

/// Fields that the portal takes on creation only (wire reference, section 6.4).
const IMMUTABLE: [&str; 1] = ["categoryId"];

/// What is to change, and what could not be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// The changes.
    pub changes: Vec<Change>,
    /// Fields whose value on the portal cannot be read: they are left alone.
    pub unreadable: Vec<String>,
}

/// Compares what is wanted with a row of the portal.
#[must_use]
pub fn differences<'a>(
    wanted: &[WantedField],
    rules: &[FieldRule],
    live: impl Fn(&str) -> Option<&'a Token>,
) -> Differences {
    let mut found = Differences::default();
    for field in wanted {
        if field.policy == Policy::CreateOnly || IMMUTABLE.contains(&field.name.as_str()) {
            continue;
        }
        let rule = rules.iter().find(|rule| rule.field.name == field.name).map(|rule| &rule.field);
        match value(rule, field, live(&field.original)) {
            Some(before) if writes(field, &before, rule.is_some_and(|rule| rule.zero_is_empty)) => {
                found.changes.push(Change {
                    name: field.name.clone(),
                    original: field.original.clone(),
                    title: field.title.clone(),
                    before,
                    after: field.value.clone(),
                });
            }
            Some(_) => {}
            None => found.unreadable.push(field.title.clone()),
        }
    }
    found
}

fn value(rule: Option<&FieldRef>, field: &WantedField, token: Option<&Token>) -> Option<FieldValue> {
    let null = Token::null();
    match rule {
        Some(rule) => rule.read(token).ok(),
        None => FieldValue::from_wire(field.value.kind, field.value.multiple, token.unwrap_or(&null)).ok(),
    }
}

/// Whether a field with this value is written. Where the portal keeps 0 for an empty field, a wanted 0 is there already.
fn writes(field: &WantedField, before: &FieldValue, zero_is_empty: bool) -> bool {
    let (wanted, policy) = (&field.value, field.policy);
    let zero = zero_is_empty && wanted.first() == Some("0");
    let differs = !(wanted.same(before) || zero && before.is_empty());
    match policy {
        Policy::Always => !wanted.is_empty() && differs,
        Policy::IfEmpty => !wanted.is_empty() && before.is_empty() && differs,
        Policy::CreateOnly => false,
        Policy::Clear => differs,
    }
}

/// What is sent on creation: everything that has a value.
#[must_use]
pub fn assignments(wanted: &[WantedField]) -> Vec<Assignment> {
    let filled = wanted.iter().filter(|field| !field.value.is_empty());
    filled
        .map(|field| Assignment {
            name: field.name.clone(),
            title: field.title.clone(),
            value: field.value.clone(),
        })
        .collect()
}

/// The warning that a field was left alone.
pub(super) fn unreadable(key: &str, line: u64, title: &str) -> Reject {
    Reject {
        code: "sync.live-value-unreadable".to_owned(),
        key: Some(key.to_owned()),
        line,
        field: Some(title.to_owned()),
        value: None,
        message: "the portal's value is not of the field's kind, so the field is left alone".to_owned(),
        hint: "look at the field in the deal's card".to_owned(),
    }
}
