//! JSON for people: indented, Cyrillic letters as letters, numbers exactly as the portal spelled them.

use b24_client::params::Param;

const INDENT: &str = "  ";

/// Indents a JSON text. What cannot be read stays as it is.
pub(super) fn readable(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    match Param::from_json(json) {
        Ok(value) => write(&value, 0, &mut text),
        Err(_) => text.push_str(json),
    }
    text.push('\n');
    text
}

fn write(value: &Param, depth: usize, text: &mut String) {
    match value {
        Param::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Param::Number(number) => text.push_str(number),
        Param::Text(string) => text.push_str(&quoted(string)),
        Param::List(items) => {
            let items = items.iter().map(|item| (None, item));
            write_group(('[', ']'), items, depth, text);
        }
        Param::Map(params) => {
            let brackets = if params.is_positional() { ('[', ']') } else { ('{', '}') };
            let keyed = !params.is_positional();
            write_group(brackets, params.iter().map(|(key, item)| (keyed.then_some(key), item)), depth, text);
        }
        _ => text.push_str("null"),
    }
}

fn write_group<'a>(
    (open, close): (char, char),
    items: impl Iterator<Item = (Option<&'a str>, &'a Param)>,
    depth: usize,
    text: &mut String,
) {
    text.push(open);
    let mut empty = true;
    for (key, item) in items {
        text.push_str(if empty { "\n" } else { ",\n" });
        empty = false;
        text.push_str(&INDENT.repeat(depth + 1));
        if let Some(key) = key {
            text.push_str(&quoted(key));
            text.push_str(": ");
        }
        write(item, depth + 1, text);
    }
    if !empty {
        text.push('\n');
        text.push_str(&INDENT.repeat(depth));
    }
    text.push(close);
}

fn quoted(string: &str) -> String {
    serde_json::Value::from(string).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_indented_and_keep_numbers_and_order() {
        let json = r#"{"title":"\u0421\u0447\u0451\u0442 \u0022A\u0022","sum":1234567890123456.7890,"tags":[],"rows":[{"b":1,"a":null}]}"#;
        insta::assert_snapshot!(readable(json), @r#"
        {
          "title": "Счёт \"A\"",
          "sum": 1234567890123456.7890,
          "tags": [],
          "rows": [
            {
              "b": 1,
              "a": null
            }
          ]
        }
        "#);
    }
}
