//! A field's value in one spelling, so that what is wanted and what is there can be compared.

use serde::{Deserialize, Serialize};

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
    /// Canonical texts, in order.
    pub texts: Vec<String>,
}
