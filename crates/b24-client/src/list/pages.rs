//! Rows of pages: taken apart without decoding them, their keys checked.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use crate::envelope::{Piece, Rows};

/// The portal's page size; there is no parameter for it.
pub(super) const PAGE: usize = 50;

/// Rows in order, each still as text, and how the reading ended.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) rows: Vec<Piece>,
    /// The key of the last row read so far.
    pub(super) last: u64,
    /// Whether a short page was seen.
    pub(super) ended: bool,
}

impl Found {
    pub(super) fn above(last: u64) -> Self {
        Self { rows: Vec::new(), last, ended: false }
    }

    /// Adds the rows of a page. Keys must rise from row to row and from page to page.
    pub(super) fn add(&mut self, page: &Piece, wrapper: Option<&str>, key: &str) -> Result<(), String> {
        let rows = Rows::read(page.json(), wrapper)?;
        self.ended = rows.len() < PAGE;
        for row in rows {
            let number = key_of(row.get(), key)?;
            if number <= self.last {
                return Err(format!("key {key} does not rise: {number} comes after {}", self.last));
            }
            self.last = number;
            self.rows.push(page.part(row.get()));
        }
        Ok(())
    }

    /// Adds the rows of a page whose rows have no key.
    pub(super) fn add_unkeyed(&mut self, page: &Piece, wrapper: Option<&str>) -> Result<(), String> {
        let rows = Rows::read(page.json(), wrapper)?;
        self.rows.extend(rows.into_iter().map(|row| page.part(row.get())));
        Ok(())
    }
}

/// The key of a row, a number or a number as text.
fn key_of(row: &str, key: &str) -> Result<u64, String> {
    struct Field<'a>(&'a str);
    impl<'de> DeserializeSeed<'de> for Field<'_> {
        type Value = Option<crate::wire::Id>;

        fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_map(self)
        }
    }
    impl<'de> Visitor<'de> for Field<'_> {
        type Value = Option<crate::wire::Id>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a row")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
                if name == self.0 {
                    found = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(row);
    match Field(key).deserialize(&mut deserializer) {
        Ok(Some(id)) if id.get() > 0 => Ok(id.get()),
        Ok(_) => Err(format!("a row has no key {key}")),
        Err(_) => Err(format!("the key {key} of a row is no number")),
    }
}
