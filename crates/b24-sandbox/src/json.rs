//! JSON bodies as PHP's `json_decode` reads them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::value::{Map, Value};

/// Decodes a body; `None` when it is not JSON (the portal then goes on without it).
pub(crate) fn parse(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Int(v))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(i64::try_from(v).map_or_else(|_| Value::Number(v.to_string()), Value::Int))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        // PHP's cast: an integral float has no fraction.
        Ok(Value::Number(if v.abs() < 1e15 { v.to_string() } else { format!("{v:?}") }))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::from(v.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, value)) = access.next_entry::<String, Value>()? {
            map.set(key, value);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::to_json;

    #[test]
    fn types_and_key_order_survive() {
        let value = parse(br#"{"b":[1,"1",true,null,0.5],"a":{"x":-3}}"#).unwrap();
        assert_eq!(to_json(&value), r#"{"b":[1,"1",true,null,0.5],"a":{"x":-3}}"#);
    }

    #[test]
    fn a_repeated_key_keeps_its_place_and_takes_the_last_value() {
        assert_eq!(to_json(&parse(br#"{"a":1,"b":2,"a":3}"#).unwrap()), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn numbers_are_spelled_as_php_casts_them() {
        let spelled = |json: &str| match parse(json.as_bytes()) {
            Some(Value::Number(token)) => token,
            other => format!("{other:?}"),
        };
        assert_eq!(spelled("5500.0"), "5500");
        assert_eq!(spelled("1.5e-3"), "0.0015");
        assert_eq!(spelled("1e300"), "1e300");
        assert_eq!(spelled("18446744073709551615"), "18446744073709551615");
        assert_eq!(spelled("7"), "Some(Int(7))");
    }

    #[test]
    fn what_is_not_json_is_no_value() {
        assert_eq!(parse(b"{oops"), None);
        assert_eq!(parse(b""), None);
    }
}
