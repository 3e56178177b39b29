//! Parameters as PHP reads them: tolerant names, casts, arrays that may be lists or maps.

use std::borrow::Cow;

use crate::method::Refusal;
use crate::value::{Map, Value};

/// A parameter of a legacy method: `filter`, `FILTER`, `Filter`, `arFilter` are one.
pub(super) fn tolerant<'a>(params: &'a Map, name: &str) -> Option<&'a Value> {
    params.get(name).or_else(|| {
        let same = |key: &str| key.eq_ignore_ascii_case(name);
        let found = params.iter().find(|(key, _)| same(key) || key.strip_prefix("ar").is_some_and(same));
        found.map(|(_, value)| value)
    })
}

/// A legacy parameter that must be an array when it is given.
pub(super) fn tolerant_array<'a>(params: &'a Map, name: &str) -> Result<Option<&'a Value>, Refusal> {
    match tolerant(params, name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) if is_array(value) => Ok(Some(value)),
        Some(_) => Err(Refusal::legacy(format!("Parameter '{name}' must be array."))),
    }
}

/// A scalar as a string; `None` for arrays.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    Some(match value {
        Value::Null | Value::Bool(false) => "".into(),
        Value::Bool(true) => "1".into(),
        Value::Int(n) => n.to_string().into(),
        Value::Number(token) => token.as_str().into(),
        Value::Text(text) => text.as_ref().into(),
        Value::List(_) | Value::Map(_) => return None,
    })
}

/// PHP's `(int)`: the leading digits of a string, 1 for an array that is not empty.
pub(super) fn int(value: &Value) -> i64 {
    match value {
        Value::Null => 0,
        Value::Bool(flag) => i64::from(*flag),
        Value::Int(n) => *n,
        Value::Number(token) => leading_int(token),
        Value::Text(text) => leading_int(text),
        Value::List(list) => i64::from(!list.is_empty()),
        Value::Map(map) => i64::from(map.len() > 0),
    }
}

fn leading_int(text: &str) -> i64 {
    let text = text.trim_start();
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = body.find(|c: char| !c.is_ascii_digit()).map_or(body, |end| &body[..end]);
    let number = digits.parse::<i64>().unwrap_or(if digits.is_empty() { 0 } else { i64::MAX });
    if text.starts_with('-') { -number } else { number }
}

pub(super) fn is_array(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}

/// Keys and values of an array; a scalar has none.
pub(super) fn entries(value: &Value) -> Vec<(Cow<'_, str>, &Value)> {
    match value {
        Value::List(list) => list.iter().enumerate().map(|(i, v)| (i.to_string().into(), v)).collect(),
        Value::Map(map) => map.iter().map(|(k, v)| (k.into(), v)).collect(),
        _ => Vec::new(),
    }
}

/// The scalars of an array as strings.
pub(super) fn texts(value: &Value) -> Vec<String> {
    entries(value).into_iter().filter_map(|(_, v)| text(v).map(Cow::into_owned)).collect()
}

/// A positive identifier.
pub(super) fn positive(value: &Value) -> Option<u64> {
    u64::try_from(int(value)).ok().filter(|id| *id > 0)
}

/// A required parameter of a controller.
pub(super) fn required<'a>(params: &'a Map, name: &str) -> Result<&'a Value, Refusal> {
    params.get(name).filter(|value| **value != Value::Null).ok_or_else(|| {
        Refusal::coded(Value::Int(100), format!("Could not find value for parameter {{{name}}}"))
    })
}

/// A required number of a controller.
pub(super) fn required_int(params: &Map, name: &str) -> Result<i64, Refusal> {
    let value = required(params, name)?;
    let numeric = text(value).is_some_and(|t| t.trim().parse::<i64>().is_ok());
    if numeric { Ok(int(value)) } else { Err(wrong_type(name, "int")) }
}

/// An array parameter of a controller, when given.
pub(super) fn optional_array<'a>(params: &'a Map, name: &str) -> Result<Option<&'a Value>, Refusal> {
    match params.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) if is_array(value) => Ok(Some(value)),
        Some(_) => Err(wrong_type(name, "array")),
    }
}

fn wrong_type(name: &str, expected: &str) -> Refusal {
    Refusal::coded(
        Value::Int(100),
        format!("Invalid value to match with parameter {{{name}}}. Should be value of type {expected}."),
    )
}

/// A string parameter that must be exactly `Y` to count.
pub(super) fn is_yes(params: &Map, name: &str) -> bool {
    params.get(name).and_then(text).is_some_and(|t| t == "Y")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_cast_by_their_leading_digits_and_arrays_to_one() {
        assert_eq!(int(&Value::from("12abc")), 12);
        assert_eq!(int(&Value::from("-1")), -1);
        assert_eq!(int(&Value::from("abc")), 0);
        assert_eq!(int(&Value::List(vec![Value::Int(7)])), 1);
        assert_eq!(int(&Value::List(Vec::new())), 0);
    }

    #[test]
    fn legacy_names_are_found_in_every_spelling() {
        for name in ["filter", "FILTER", "Filter", "arFilter", "arfilter"] {
            let mut params = Map::new();
            params.set(name, 1_u32);
            assert!(tolerant(&params, "filter").is_some(), "{name}");
        }
    }
}
