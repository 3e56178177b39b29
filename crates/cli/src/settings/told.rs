//! Settings as they are shown: each with its value and where that comes from.

use std::fmt::Display;

/// A setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The key in its table.
    pub(crate) key: String,
    /// The value in force; a secret is masked.
    pub(crate) value: String,
    /// `config file`, `default`, or the variable or file that has it.
    pub(crate) from: String,
}

impl Told {
    /// A value that the config file says, or another one.
    pub(super) fn new(key: &str, value: impl Display, given: bool) -> Self {
        Self::of(key, value, if given { "config file" } else { "default" })
    }

    /// A value and where it comes from.
    pub(super) fn of(key: &str, value: impl Display, from: impl Into<String>) -> Self {
        Self { key: key.to_owned(), value: value.to_string(), from: from.into() }
    }
}
