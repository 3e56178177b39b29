//! A field's value in one spelling, so that what is wanted and what is there can be compared.

mod source;
mod wire;

use serde::{Deserialize, Serialize};

pub use source::{DateFormat, DecimalMark, RowFormat, ValueProblem};
pub use wire::WireProblem;

/// How the values of a field are compared and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueKind {
    /// Text; the portal trims it.
    Text,
    /// A whole number, an id of an enumeration, a user, a stage of numbers.
    Integer,
    /// An exact decimal.
    Decimal,
    /// An amount with its currency, `1500.00|RUB`.
    Money,
    /// A civil date.
    Date,
    /// An instant with offset.
    Instant,
    /// `Y` or `N`.
    Flag,
}

/// A value in its canonical text (decimals without trailing zeros, dates `2026-03-31`, instants in UTC RFC 3339, flags
/// `Y`/`N`); an empty list is an empty field, several entries are a multiple field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldValue {
    /// How it is compared and written.
    pub kind: ValueKind,
    /// Whether the field holds a list; then even one value is written as a list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multiple: bool,
    /// Canonical texts, in order.
    pub texts: Vec<String>,
}

impl FieldValue {
    /// An empty field.
    #[must_use]
    pub fn empty(kind: ValueKind) -> Self {
        Self { kind, multiple: false, texts: Vec::new() }
    }

    /// One value whose text is canonical already.
    #[must_use]
    pub fn one(kind: ValueKind, text: impl Into<String>) -> Self {
        Self { kind, multiple: false, texts: vec![text.into()] }
    }

    /// The values of a multiple field, canonical already.
    #[must_use]
    pub fn many(kind: ValueKind, texts: Vec<String>) -> Self {
        Self { kind, multiple: true, texts }
    }

    /// A text as the portal keeps it: trimmed, with plain line ends; an empty one is an empty field.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let text = trimmed(text);
        let texts = if text.is_empty() { Vec::new() } else { vec![text] };
        Self { kind: ValueKind::Text, multiple: false, texts }
    }

    /// Whether the field holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The only value, or the first of several.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.texts.first().map(String::as_str)
    }

    /// Whether both hold the same: the portal sorts the values of multiple fields as it likes.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        if self.texts.len() < 2 {
            return self.texts == other.texts;
        }
        let sorted = |value: &Self| {
            let mut texts = value.texts.clone();
            texts.sort_unstable();
            texts
        };
        sorted(self) == sorted(other)
    }
}

/// A text as the portal keeps it: PHP's `trim`, and `\n` at the ends of lines.
#[must_use]
pub fn trimmed(text: &str) -> String {
    let ends = [' ', '\t', '\n', '\r', '\0', '\u{b}'];
    text.trim_matches(ends).replace("\r\n", "\n")
}
