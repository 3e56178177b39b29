//! The key of a row, found without decoding the row.

/// The number under `name` at the top of `row`, which is known to be JSON: a number, or a number as text.
pub(crate) fn key(row: &str, name: &str) -> Result<u64, String> {
    let value = member(row.as_bytes(), name.as_bytes()).ok_or_else(|| format!("a row has no key {name}"))?;
    let digits = value.trim_ascii();
    let digits = digits.strip_prefix(b"\"").unwrap_or(digits);
    let digits = digits.strip_suffix(b"\"").unwrap_or(digits).trim_ascii();
    if digits.is_empty() || digits == b"null" || digits == b"0" || digits == b"false" {
        return Err(format!("a row has no key {name}"));
    }
    let digit = |number: Option<u64>, byte: &u8| {
        let value = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number?.checked_mul(10)?.checked_add(value)
    };
    digits.iter().fold(Some(0), digit).ok_or_else(|| format!("the key {name} of a row is no number"))
}

/// The text of a member of an object. Keys are compared as they are written: the keys of rows have no escapes.
fn member<'a>(row: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = after_space(row).strip_prefix(b"{")?;
    loop {
        rest = after_space(rest).strip_prefix(b"\"")?;
        let end = text_end(rest)?;
        let (key, after) = rest.split_at_checked(end)?;
        let value = after_space(after.get(1..)?).strip_prefix(b":")?;
        let length = value_end(value)?;
        if key == name {
            return value.get(..length);
        }
        rest = value.get(length..)?.strip_prefix(b",")?;
    }
}

fn after_space(text: &[u8]) -> &[u8] {
    text.trim_ascii_start()
}

/// Where the quotation mark stands that ends a text.
fn text_end(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })
}

/// Where the comma or bracket stands that ends a value.
fn value_end(value: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = value.get(at) {
        match byte {
            b'"' => at += text_end(value.get(at + 1..)?)? + 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return Some(at),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_key_is_found_in_any_place_and_either_spelling() {
        for row in [
            r#"{"ID":"7","TITLE":"x"}"#,
            r#"{"TITLE":"a \"ID\":\"9\", {","TAGS":[1,{"ID":"8"}],"ID": 7 }"#,
            r#" { "N" : null , "ID" : " 7 " }"#,
        ] {
            assert_eq!(key(row, "ID"), Ok(7), "{row}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        for (row, reason) in [
            (r#"{"TITLE":"x"}"#, "a row has no key ID"),
            (r#"{"ID":null}"#, "a row has no key ID"),
            (r#"{"ID":"0"}"#, "a row has no key ID"),
            (r"[]", "a row has no key ID"),
            (r#"{"ID":"7a"}"#, "the key ID of a row is no number"),
            (r#"{"ID":-7}"#, "the key ID of a row is no number"),
            (r#"{"ID":99999999999999999999}"#, "the key ID of a row is no number"),
        ] {
            assert_eq!(key(row, "ID"), Err(reason.to_owned()), "{row}");
        }
    }

    proptest! {
        #[test]
        fn a_parser_finds_the_same_key(
            before in "\\PC{0,12}",
            inside in "[\\[\\]{},:\"\\\\a-z]{0,12}",
            id in 1_u64..u64::MAX,
        ) {
            let row = json!({"A": before, "B": [{"ID": 1, "x": inside}], "ID": id.to_string(), "Z": before});
            prop_assert_eq!(key(&row.to_string(), "ID"), Ok(id));
            let read: Value = serde_json::from_str(&row.to_string()).unwrap();
            prop_assert_eq!(read["ID"].as_str().unwrap(), id.to_string());
        }
    }
}
