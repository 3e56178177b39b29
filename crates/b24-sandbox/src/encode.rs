//! JSON as PHP's `json_encode` writes it with the flags of Bitrix24 (reference, section 2.2).

use crate::value::{Map, Value};

/// Appends a value.
pub(crate) fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(i) => write_int(out, *i),
        Value::Number(token) => write_number(out, token),
        Value::Text(text) => write_text(out, text),
        Value::List(items) => write_list(out, items.iter()),
        Value::Map(map) => write_map(out, map),
    }
}

/// A value as a text of its own.
pub(crate) fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_list<'a>(out: &mut String, items: impl Iterator<Item = &'a Value>) {
    out.push('[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_value(out, item);
    }
    out.push(']');
}

fn write_map(out: &mut String, map: &Map) {
    if map.is_list() {
        return write_list(out, map.iter().map(|(_, v)| v));
    }
    out.push('{');
    for (i, (key, value)) in map.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_text(out, key);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn write_int(out: &mut String, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|d| char::from(*d)));
}

/// A number token: no zeros at the end of a fraction, no fraction when it is integral.
fn write_number(out: &mut String, token: &str) {
    if token.contains(['e', 'E']) {
        return match token.parse::<f64>() {
            Ok(number) if number.abs() < 1e15 => write_number(out, &format!("{number}")),
            _ => out.push_str(token),
        };
    }
    if token.contains('.') {
        out.push_str(token.trim_end_matches('0').trim_end_matches('.'));
    } else {
        out.push_str(token);
    }
}

/// What replaces an ASCII character inside a string, if anything.
const ESCAPES: [Option<&str>; 128] = {
    let mut table: [Option<&str>; 128] = [None; 128];
    table[b'"' as usize] = Some("\\u0022");
    table[b'\'' as usize] = Some("\\u0027");
    table[b'<' as usize] = Some("\\u003C");
    table[b'>' as usize] = Some("\\u003E");
    table[b'&' as usize] = Some("\\u0026");
    table[b'/' as usize] = Some("\\/");
    table[b'\\' as usize] = Some("\\\\");
    let mut code = 0;
    while code < 0x20 {
        table[code] = Some("");
        code += 1;
    }
    table[0x08] = Some("\\b");
    table[0x09] = Some("\\t");
    table[0x0a] = Some("\\n");
    table[0x0c] = Some("\\f");
    table[0x0d] = Some("\\r");
    table
};

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut clean = 0;
    for (at, byte) in text.bytes().enumerate() {
        let Some(escape) = ESCAPES.get(usize::from(byte)).copied().flatten() else { continue };
        out.push_str(&text[clean..at]);
        clean = at + 1;
        if escape.is_empty() {
            out.push_str("\\u00");
            out.push(if byte < 0x10 { '0' } else { '1' });
            out.push(char::from(b"0123456789abcdef"[usize::from(byte & 0x0f)]));
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[clean..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_map_is_an_empty_list() {
        assert_eq!(to_json(&Value::Map(Map::new())), "[]");
        assert_eq!(to_json(&Value::List(Vec::new())), "[]");
    }

    #[test]
    fn keys_from_zero_without_gaps_make_a_list_and_others_an_object() {
        let with = |keys: &[&'static str]| {
            let mut map = Map::new();
            for key in keys {
                map.set(*key, 7_i64);
            }
            to_json(&Value::Map(map))
        };
        assert_eq!(with(&["0", "1", "2"]), "[7,7,7]");
        assert_eq!(with(&["1", "2"]), r#"{"1":7,"2":7}"#);
        assert_eq!(with(&["1", "0"]), r#"{"1":7,"0":7}"#);
        assert_eq!(with(&["0", "01"]), r#"{"0":7,"01":7}"#);
        assert_eq!(with(&["0", "+1"]), r#"{"0":7,"+1":7}"#);
    }

    #[test]
    fn html_and_slashes_are_escaped_and_cyrillic_is_not() {
        let text = Value::from("<b>\"O'Neil\" & Co</b> Счёт\n\u{1}\u{1f}\\");
        insta::assert_snapshot!(to_json(&text), @r#""\u003Cb\u003E\u0022O\u0027Neil\u0022 \u0026 Co\u003C\/b\u003E Счёт\n\u0001\u001f\\""#);
    }

    #[test]
    fn integral_numbers_lose_their_fraction_and_exact_ones_keep_every_digit() {
        let number = |token: &str| to_json(&Value::Number(token.to_owned()));
        assert_eq!(number("5500.00"), "5500");
        assert_eq!(number("0.50"), "0.5");
        assert_eq!(number("100"), "100");
        assert_eq!(number("1e3"), "1000");
        assert_eq!(number("1.5e-3"), "0.0015");
        assert_eq!(number("1e300"), "1e300");
        assert_eq!(number("1234567890123456.789"), "1234567890123456.789");
    }

    proptest! {
        #[test]
        fn a_json_parser_reads_every_text_back(text in any::<String>()) {
            let json = to_json(&Value::from(text.clone()));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn a_json_parser_reads_every_integer_back(number in any::<i64>()) {
            prop_assert_eq!(serde_json::from_str::<i64>(&to_json(&Value::Int(number))).unwrap(), number);
        }
    }
}
