//! JSON with the lines of keys and values; numbers keep their spelling.

use b24_client::params::Entries;
use serde_json::value::RawValue;

use super::CommandFileError;
use super::failure::Mistake;
use super::node::{Entry, Node, Value, line_at};

pub(super) fn parse(text: &str) -> Result<Node, CommandFileError> {
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|error| CommandFileError::new(Mistake::Syntax, error.line(), "", error.to_string()))?;
    node(text, raw)
}

fn node(text: &str, raw: &RawValue) -> Result<Node, CommandFileError> {
    // A raw value is a part of the text, so the distance of their beginnings is its place.
    let at = (raw.get().as_ptr().addr()).saturating_sub(text.as_ptr().addr());
    let line = line_at(text, at);
    let inner = raw.get();
    let refuse =
        |error: serde_json::Error| CommandFileError::new(Mistake::Syntax, line, "", error.to_string());
    let value = match inner.as_bytes().first() {
        Some(b'{') => {
            let mut entries: Vec<Entry> = Vec::new();
            for (key, raw) in serde_json::from_str::<Entries<'_>>(inner).map_err(refuse)? {
                let node = node(text, raw)?;
                if entries.iter().any(|known| known.key == key) {
                    return Err(CommandFileError::new(
                        Mistake::DuplicateKey,
                        node.line,
                        key,
                        "this key stands here twice",
                    ));
                }
                entries.push(Entry { key, line: node.line, node });
            }
            Value::Table(entries)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(inner).map_err(refuse)?;
            Value::List(items.into_iter().map(|item| node(text, item)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Value::Text(serde_json::from_str(inner).map_err(refuse)?),
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'n') => Value::Null,
        _ => Value::Number(inner.to_owned()),
    };
    Ok(Node { line, value })
}
