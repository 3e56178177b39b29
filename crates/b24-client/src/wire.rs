//! Values as they are on the wire: scalars verbatim, identifiers in either spelling, rows that may be broken.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON scalar exactly as it was written. Amounts stay tokens until a decimal type reads them:
/// `1234567890123456.789` would lose its last digits in an `f64`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(Box<str>);

impl Token {
    /// The token `null`.
    #[must_use]
    pub fn null() -> Self {
        Self("null".into())
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        &*self.0 == "null"
    }

    /// The text of a JSON string, the spelling of a number or truth value; nothing for `null`, lists and objects.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self.0.as_bytes().first()? {
            b'"' => serde_json::from_str::<String>(&self.0).ok().map(Cow::Owned),
            b'n' | b'[' | b'{' => None,
            _ => Some(Cow::Borrowed(&self.0)),
        }
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::null()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.0)
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get().into()))
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// An identifier: the portal writes `5` in some methods and `"5"` in others; empty, `null` and `false` are 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Id(u64);

impl Id {
    /// The number; 0 means "none" on the wire.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number unless it is 0.
    #[must_use]
    pub fn some(self) -> Option<u64> {
        (self.0 != 0).then_some(self.0)
    }
}

impl From<u64> for Id {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl serde::de::Visitor<'_> for Either {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an identifier, as a number or as a text")
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Id, E> {
                Ok(Id(number))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Id, E> {
                u64::try_from(number).map(Id).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Id, E> {
                let text = text.trim();
                if text.is_empty() { Ok(Id(0)) } else { text.parse().map(Id).map_err(E::custom) }
            }

            fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<Id, E> {
                if truth { Err(E::custom("true is no identifier")) } else { Ok(Id(0)) }
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Id, E> {
                Ok(Id(0))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A row that may be broken: decoding a page never fails because of one row in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guarded<T> {
    /// The row.
    Ok(T),
    /// A row that could not be read.
    Malformed {
        /// Its JSON text.
        raw: String,
        /// What the decoder says.
        reason: String,
    },
}

impl<T> Guarded<T> {
    /// The row, or its raw text and the reason.
    ///
    /// # Errors
    /// `(raw, reason)` of a malformed row.
    pub fn into_result(self) -> Result<T, (String, String)> {
        match self {
            Self::Ok(row) => Ok(row),
            Self::Malformed { raw, reason } => Err((raw, reason)),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Guarded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(match serde_json::from_str(raw.get()) {
            Ok(row) => Self::Ok(row),
            Err(error) => Self::Malformed { raw: raw.get().to_owned(), reason: error.to_string() },
        })
    }
}
