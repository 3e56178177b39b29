//! Methods that take rows, and their siblings.

use serde_json::Value;
use serde_json::value::RawValue;

use super::ImportError;

/// What is done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// A record is made of it.
    Add,
    /// The record of its id is changed.
    Update,
}

/// A method that takes one row.
#[derive(Debug, Clone)]
pub(super) struct RowMethod {
    pub(super) name: String,
    pub(super) verb: Verb,
    /// The name without its last word.
    family: String,
}

impl RowMethod {
    pub(super) fn parse(name: &str) -> Result<Self, ImportError> {
        let refuse = || ImportError::Method { method: name.to_owned() };
        let (family, verb) = name.rsplit_once('.').ok_or_else(refuse)?;
        let verb = match verb.to_ascii_lowercase().as_str() {
            "add" => Verb::Add,
            "update" => Verb::Update,
            _ => return Err(refuse()),
        };
        if family.is_empty() {
            return Err(refuse());
        }
        Ok(Self { name: name.to_owned(), verb, family: family.to_owned() })
    }

    /// Another method of the same family: `list`, `get`, `fields`.
    pub(super) fn sibling(&self, word: &str) -> String {
        format!("{}.{word}", self.family)
    }

    /// Whether it is of the newer family, whose names are written in another way.
    fn is_item(&self) -> bool {
        self.family.eq_ignore_ascii_case("crm.item")
    }

    /// Name of the id in filters and rows.
    pub(super) fn id_field(&self) -> &'static str {
        if self.is_item() { "id" } else { "ID" }
    }
}

/// The id in the answer to an `*.add`: the answer itself, or the `id` of the record in it.
pub(super) fn id_of(result: &RawValue) -> Option<u64> {
    id_in(&serde_json::from_str(result.get()).ok()?)
}

fn id_in(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        Value::Object(members) => match members.get("id").or_else(|| members.get("ID")) {
            Some(id) => id_in(id),
            None => members.values().find(|inner| inner.is_object()).and_then(id_in),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_in_every_form_of_answer() {
        for answer in ["5", "\"5\"", "{\"item\":{\"id\":5}}", "{\"task\":{\"id\":\"5\"}}", "{\"ID\":5}"] {
            let raw = RawValue::from_string(answer.to_owned()).unwrap();
            assert_eq!(id_of(&raw), Some(5), "{answer}");
        }
    }

    #[test]
    fn only_add_and_update_take_rows() {
        assert_eq!(RowMethod::parse("crm.deal.Add").unwrap().verb, Verb::Add);
        assert_eq!(RowMethod::parse("crm.item.update").unwrap().sibling("get"), "crm.item.get");
        for name in ["crm.deal.delete", "crm.deal.list", "add", ".add"] {
            assert_eq!(RowMethod::parse(name).unwrap_err().code(), "import.method", "{name}");
        }
    }
}
