//! A value as PHP holds it: parameters after decoding, results before encoding.

use std::borrow::Cow;

/// A scalar, a list or a keyed array. Numbers keep the spelling they will have on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// JSON `null`.
    Null,
    /// JSON `true` / `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Any other number, as its JSON token (`0.5`, `1e3`); integral ones are written without fraction.
    Number(String),
    /// A string.
    Text(Cow<'static, str>),
    /// A list with keys 0..n-1.
    List(Vec<Value>),
    /// A keyed array; an empty one is written `[]`, as PHP does.
    Map(Map),
}

/// Keyed array in insertion order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Map(Vec<(Cow<'static, str>, Value)>);

impl Map {
    /// An empty map.
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// The value under exactly this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Sets a key, replacing an earlier value in place.
    pub(crate) fn set(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some(slot) => slot.1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// Removes a key; the others keep their order.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(at).1)
    }

    /// Adds a key that is known to be new (no search).
    pub(crate) fn push(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }

    /// Keys and values in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (k.as_ref(), v))
    }

    /// Keys and values in order, given away.
    pub(crate) fn into_pairs(self) -> impl Iterator<Item = (Cow<'static, str>, Value)> {
        self.0.into_iter()
    }

    /// The slot under a key, made `Null` at the end when it is new.
    pub(crate) fn slot(&mut self, key: &str) -> &mut Value {
        let at = self.0.iter().position(|(k, _)| k == key).unwrap_or_else(|| {
            self.0.push((Cow::Owned(key.to_owned()), Value::Null));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    /// Whether the keys are exactly 0..n-1 in order: PHP's test for "this array is a list".
    pub(crate) fn is_list(&self) -> bool {
        self.0.first().is_none_or(|(k, _)| k == "0")
            && self.0.iter().enumerate().all(|(i, (k, _))| is_index(k, i))
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Value {
    /// PHP's `(bool)`: `"0"`, `""`, 0, null and an empty array are false, `"false"` is true.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(b) => *b,
            Self::Int(i) => *i != 0,
            Self::Number(n) => {
                n.bytes().take_while(|b| !matches!(b, b'e' | b'E')).any(|b| (b'1'..=b'9').contains(&b))
            }
            Self::Text(t) => !matches!(t.as_ref(), "" | "0"),
            Self::List(items) => !items.is_empty(),
            Self::Map(map) => map.len() > 0,
        }
    }
}

/// Whether a key spells this index the canonical way.
fn is_index(key: &str, index: usize) -> bool {
    key.parse() == Ok(index) && (key == "0" || !key.starts_with(['0', '+']))
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Bool(v)
    }
}
impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<u32> for Value {
    fn from(v: u32) -> Self {
        Self::Int(i64::from(v))
    }
}
impl From<u64> for Value {
    fn from(v: u64) -> Self {
        i64::try_from(v).map_or_else(|_| Self::Number(v.to_string()), Self::Int)
    }
}
impl From<&'static str> for Value {
    fn from(v: &'static str) -> Self {
        Self::Text(Cow::Borrowed(v))
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(Cow::Owned(v))
    }
}
impl From<Vec<Value>> for Value {
    fn from(v: Vec<Value>) -> Self {
        Self::List(v)
    }
}
impl From<Map> for Value {
    fn from(v: Map) -> Self {
        Self::Map(v)
    }
}
