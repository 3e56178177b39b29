//! A JSON value kept exactly as it was written.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON value verbatim. This crate reads the number out of it, so no digit is lost on the way.
#[derive(Clone, Serialize, Deserialize)]
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
        RawValue::from_string(json.trim().to_owned()).map(Self).map_err(|_| NotJson)
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
