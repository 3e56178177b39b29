//! A JSON value kept exactly as it was written.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::number;

/// A JSON value verbatim. This crate reads the number out of it, so no digit is lost on the way.
///
/// Only line breaks between the parts of an array or object become spaces, so that a saved invoice stays one line.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Token(Box<RawValue>);

/// The text given to [`Token::from_json`] is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJson;

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("could not keep the text as a JSON token, it is not JSON")
    }
}

impl std::error::Error for NotJson {}

impl Token {
    /// Keeps `json` as it is.
    ///
    /// # Errors
    /// [`NotJson`] when the text is not one JSON value.
    pub fn from_json(json: &str) -> Result<Self, NotJson> {
        RawValue::from_string(on_one_line(json.trim().to_owned())).map(Self).map_err(|_| NotJson)
    }

    /// The token `null`.
    #[must_use]
    pub fn null() -> Self {
        Self(RawValue::NULL.to_owned())
    }

    /// The JSON text, unchanged.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.as_json() == "null"
    }

    /// The number in it, exactly: a JSON number, or a string that holds one by the same grammar. None for anything
    /// else, and for more than 28 significant digits.
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        number::decimal(self.as_json())
    }
}

/// JSON strings hold no raw line break, so none of the content changes.
fn on_one_line(json: String) -> String {
    if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        if json.get().contains(['\n', '\r']) {
            return Self::from_json(json.get()).map_err(D::Error::custom);
        }
        Ok(Self(json))
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::null()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.as_json())
    }
}
