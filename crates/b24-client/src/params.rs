//! Parameters of a call: ordered, nested, and written in the two forms the portal reads.

mod composed;
mod convert;
mod json;
mod mention;
mod query;
mod shown;

pub use composed::Composed;
pub(crate) use composed::Form;
pub use json::Entries;
pub(crate) use json::write_text;
pub(crate) use mention::Mention;
pub(crate) use query::Query;

use crate::batch::Reference;

/// Parameters of a call, in the order they were set.
///
/// A single call sends them as JSON. A command of a batch can only say texts: there truth values become `Y` and `N`
/// inside the contents of records (`fields`, `data`, `productRows`, `rows`, `items`) and `1` and `0` elsewhere, and
/// `null` as a field becomes the empty text, which clears it. What cannot be said so is sent as a request of its own.
///
/// ```
/// use b24_client::Params;
/// let params = Params::new()
///     .set("entityTypeId", 31)
///     .set("select", ["id", "title"])
///     .set("filter", Params::new().set(">id", 5));
/// assert_eq!(params.to_json().unwrap(), r#"{"entityTypeId":31,"select":["id","title"],"filter":{">id":5}}"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    entries: Vec<(String, Param)>,
    positional: bool,
}

/// One parameter value. Numbers keep the spelling they came in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Param {
    /// JSON `null`.
    Null,
    /// A truth value. CRM fields want `"Y"` and `"N"` instead; see [`Params`].
    Bool(bool),
    /// A number, exactly as it was written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Param>),
    /// Named values inside.
    Map(Params),
    /// The result of an earlier command of the same batch.
    Reference(Reference),
    /// A text with results of earlier commands of the same batch in it.
    Composed(Composed),
}

/// Why parameters cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamsError {
    /// The portal would drop an empty `@` condition and answer with everything.
    #[error("the condition {key} has an empty list")]
    EmptyCondition {
        /// Key of the condition.
        key: String,
    },
    /// The portal folds the case of top-level names and keeps only the last.
    #[error("{first} and {second} are the same parameter to the portal")]
    Clash {
        /// The name set first.
        first: String,
        /// The name set later.
        second: String,
    },
    /// A method name that would change the address of the request.
    #[error("{name:?} is no name of a method")]
    Method {
        /// The name.
        name: String,
    },
    /// A reference outside a batch refers to nothing.
    #[error("{key} refers to another command, which only works inside a batch")]
    Reference {
        /// Key that holds the reference.
        key: String,
    },
    /// The text is not JSON, or neither an object nor a list.
    #[error("the parameters are not a JSON object: {reason}")]
    Json {
        /// What the parser says.
        reason: String,
    },
}

/// Whether a name can be the name of a method and nothing else: it becomes part of an address.
pub(crate) fn check_method(name: &str) -> Result<(), ParamsError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !name.is_empty() && name.chars().all(plain) && name.contains(|c: char| c.is_ascii_alphabetic()) {
        return Ok(());
    }
    Err(ParamsError::Method { name: name.to_owned() })
}

impl Params {
    /// No parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter, or replaces the one of exactly this name in its place.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Param>) -> Self {
        self.put(key, value);
        self
    }

    /// As [`Params::set`], in place.
    pub fn put(&mut self, key: impl Into<String>, value: impl Into<Param>) {
        let (key, value) = (key.into(), value.into());
        match self.entries.iter_mut().find(|(known, _)| *known == key) {
            Some((_, place)) => *place = value,
            None => self.entries.push((key, value)),
        }
    }

    /// The value of exactly this name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Param> {
        self.entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Name and value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Param)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many values are set at this level.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether this is a JSON list, as positional methods want it.
    #[must_use]
    pub fn is_positional(&self) -> bool {
        self.positional
    }

    /// Finds what the portal would misread: empty `@` conditions and top-level names that differ only in case.
    ///
    /// # Errors
    /// The first such parameter.
    pub fn check(&self) -> Result<(), ParamsError> {
        for (index, (key, _)) in self.entries.iter().enumerate() {
            let earlier = self.entries.iter().take(index);
            if let Some((first, _)) = earlier.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
                return Err(ParamsError::Clash { first: first.clone(), second: key.clone() });
            }
        }
        self.check_conditions()
    }

    fn check_conditions(&self) -> Result<(), ParamsError> {
        self.entries.iter().try_for_each(|(key, value)| match value {
            Param::List(items) if items.is_empty() && (key.starts_with('@') || key.starts_with("!@")) => {
                Err(ParamsError::EmptyCondition { key: key.clone() })
            }
            Param::Map(inner) => inner.check_conditions(),
            Param::List(items) => items.iter().try_for_each(|item| match item {
                Param::Map(inner) => inner.check_conditions(),
                _ => Ok(()),
            }),
            _ => Ok(()),
        })
    }
}
