//! The JSON form: the body of a single request.

use serde_json::value::RawValue;

use super::{Param, Params, ParamsError};

impl Params {
    /// Reads a JSON object or list; numbers keep their spelling and keys their order.
    ///
    /// # Errors
    /// When the text is not JSON, or is a scalar.
    pub fn from_json(text: &str) -> Result<Self, ParamsError> {
        match Param::from_json(text)? {
            Param::Map(params) => Ok(params),
            Param::List(items) => Ok(Self {
                entries: items.into_iter().enumerate().map(|(n, item)| (n.to_string(), item)).collect(),
                positional: true,
            }),
            _ => Err(ParamsError::Json { reason: "it is a single value".to_owned() }),
        }
    }

    /// The parameters as JSON text.
    ///
    /// # Errors
    /// When a reference to another command is among them.
    pub fn to_json(&self) -> Result<String, ParamsError> {
        let mut out = String::with_capacity(64);
        self.write_json(&mut out)?;
        Ok(out)
    }

    fn write_json(&self, out: &mut String) -> Result<(), ParamsError> {
        out.push(if self.positional { '[' } else { '{' });
        for (index, (key, value)) in self.entries.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if !self.positional {
                write_text(key, out);
                out.push(':');
            }
            value.write_json(key, out)?;
        }
        out.push(if self.positional { ']' } else { '}' });
        Ok(())
    }
}

impl Param {
    /// Reads any JSON value; numbers keep their spelling.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn from_json(text: &str) -> Result<Self, ParamsError> {
        let refuse = |error: serde_json::Error| ParamsError::Json { reason: error.to_string() };
        let text = text.trim();
        Ok(match text.as_bytes().first() {
            Some(b'{') => Self::Map(Params {
                entries: serde_json::from_str::<Entries<'_>>(text).map_err(refuse)?.read()?,
                positional: false,
            }),
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(refuse)?;
                Self::List(
                    items.into_iter().map(|item| Self::from_json(item.get())).collect::<Result<_, _>>()?,
                )
            }
            Some(b'"') => Self::Text(serde_json::from_str(text).map_err(refuse)?),
            Some(b't' | b'f') => Self::Bool(serde_json::from_str(text).map_err(refuse)?),
            Some(b'n') => {
                serde_json::from_str::<()>(text).map_err(refuse)?;
                Self::Null
            }
            _ => Self::Number(serde_json::from_str::<&RawValue>(text).map_err(refuse)?.get().to_owned()),
        })
    }

    fn write_json(&self, key: &str, out: &mut String) -> Result<(), ParamsError> {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => write_text(text, out),
            Self::Map(inner) => inner.write_json(out)?,
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_json(key, out)?;
                }
                out.push(']');
            }
            Self::Composed(composed) if composed.references().next().is_none() => {
                write_text(&composed.written(&|_| String::new()), out);
            }
            Self::Reference(_) | Self::Composed(_) => {
                return Err(ParamsError::Reference { key: key.to_owned() });
            }
        }
        Ok(())
    }
}

/// Text as a JSON string.
pub(crate) fn write_text(text: &str, out: &mut String) {
    // Writing a str as JSON cannot fail; `Value` is used because its Display has no error path.
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// The entries of a JSON object in the order of the text, duplicate keys included.
#[derive(Debug, Clone)]
pub struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'a> IntoIterator for Entries<'a> {
    type Item = (String, &'a RawValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Entries<'_> {
    fn read(self) -> Result<Vec<(String, Param)>, ParamsError> {
        let mut entries: Vec<(String, Param)> = Vec::with_capacity(self.0.len());
        for (key, raw) in self.0 {
            if entries.iter().any(|(known, _)| *known == key) {
                return Err(ParamsError::Clash { first: key.clone(), second: key });
            }
            entries.push((key, Param::from_json(raw.get())?));
        }
        Ok(entries)
    }
}

impl<'de> serde::Deserialize<'de> for Entries<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> serde::de::Visitor<'de> for InOrder {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
