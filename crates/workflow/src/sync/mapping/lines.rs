//! Lines of the keys of a TOML text.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

/// The line of each key, by its dotted path without quotes.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// The lines of a text; none of what is no TOML.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self::default();
        if let Ok(table) = DeTable::parse(text) {
            lines.add(text, "", table.get_ref());
        }
        lines
    }

    fn add(&mut self, text: &str, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref();
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            if let DeValue::Table(inner) = value.get_ref() {
                self.add(text, &path, inner);
            }
            self.0.insert(path, line_at(text, key.span().start));
        }
    }

    /// The line of a key.
    pub(super) fn of_key(&self, path: &str) -> Option<usize> {
        self.0.get(path).copied()
    }
}

/// The line of a byte, counted from 1.
pub(super) fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|b| **b == b'\n').count() + 1
}
