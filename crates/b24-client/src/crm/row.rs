//! A record whose fields are known by name only.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::wire::{Id, Token};

/// A record as named tokens; `[]` stands for an empty one, as PHP writes it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Row(BTreeMap<String, Token>);

impl Row {
    /// The value of a field, `None` when the record does not have it.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Token> {
        self.0.get(field)
    }

    /// Name and value of every field, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Token)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Takes a field out; `null` when the record does not have it.
    pub(super) fn take(&mut self, field: &str) -> Token {
        self.0.remove(field).unwrap_or_default()
    }

    /// Takes a text out; `None` when absent, `null`, empty or no scalar.
    pub(super) fn take_text(&mut self, field: &str) -> Option<String> {
        self.take(field).text().filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned)
    }

    /// Takes an identifier out.
    pub(super) fn take_id(&mut self, field: &str) -> Result<Id, String> {
        let token = self.take(field);
        serde_json::from_str(token.as_json()).map_err(|error| format!("{field}: {error}"))
    }

    /// Takes a `Y`/`N` flag out; `true`, `1` and `"1"` count as set.
    pub(super) fn take_flag(&mut self, field: &str) -> bool {
        is_set(&self.take(field))
    }
}

/// How the portal's families write "yes".
pub(super) fn is_set(token: &Token) -> bool {
    token.text().is_some_and(|text| matches!(&*text, "Y" | "y" | "true" | "1"))
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values are personal data.
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapOrEmptyList;
        impl<'de> serde::de::Visitor<'de> for MapOrEmptyList {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut row = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    row.insert(name, value);
                }
                Ok(Row(row))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Row, A::Error> {
                match seq.next_element::<serde::de::IgnoredAny>()? {
                    None => Ok(Row::default()),
                    Some(_) => Err(serde::de::Error::custom("a list where a record should be")),
                }
            }
        }
        deserializer.deserialize_any(MapOrEmptyList)
    }
}
