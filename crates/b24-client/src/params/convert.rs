//! What can be given as a parameter.

use serde_json::Value;

use super::{Param, Params};
use crate::batch::Reference;
use crate::wire::{Id, Token};

macro_rules! from_integer {
    ($($kind:ty),*) => { $(
        impl From<$kind> for Param {
            fn from(value: $kind) -> Self {
                Self::Number(value.to_string())
            }
        }
    )* };
}
from_integer!(u8, u16, u32, u64, usize, i8, i16, i32, i64);

impl From<bool> for Param {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Param {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Param {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Param {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<Params> for Param {
    fn from(value: Params) -> Self {
        if value.positional {
            return Self::List(value.entries.into_iter().map(|(_, item)| item).collect());
        }
        Self::Map(value)
    }
}

impl From<Reference> for Param {
    fn from(value: Reference) -> Self {
        Self::Reference(value)
    }
}

impl From<Id> for Param {
    fn from(value: Id) -> Self {
        Self::from(value.get())
    }
}

impl From<&Token> for Param {
    fn from(value: &Token) -> Self {
        Self::from_json(value.as_json()).unwrap_or(Self::Null)
    }
}

impl<T: Into<Self>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Param {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Param {
    fn from(values: [T; N]) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self> + Clone> From<&[T]> for Param {
    fn from(values: &[T]) -> Self {
        Self::List(values.iter().cloned().map(Into::into).collect())
    }
}

impl From<Value> for Param {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(truth),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Into::into).collect()),
            Value::Object(entries) => Self::Map(entries.into()),
        }
    }
}

impl From<serde_json::Map<String, Value>> for Params {
    fn from(entries: serde_json::Map<String, Value>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key, value.into())).collect();
        Self { entries, positional: false }
    }
}

impl<K: Into<String>, V: Into<Param>> FromIterator<(K, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut params = Self::new();
        for (key, value) in entries {
            params.put(key, value);
        }
        params
    }
}
