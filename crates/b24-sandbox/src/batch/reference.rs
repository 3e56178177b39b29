//! `$result[key][field]` and its siblings inside a command's values (reference, section 3.4).

use super::Collected;
use crate::value::{Map, Value};

const WORDS: [&str; 5] = ["result", "error", "total", "next", "time"];

/// Replaces the references in all values, at any depth; keys are left alone.
pub(super) fn resolve_all(params: Map, collected: &Collected) -> Map {
    let mut out = Map::new();
    for (key, value) in params.into_pairs() {
        out.push(key, resolve(value, collected));
    }
    out
}

fn resolve(value: Value, collected: &Collected) -> Value {
    match value {
        Value::Text(text) if text.contains('$') => resolve_text(&text, collected),
        Value::List(items) => Value::List(items.into_iter().map(|v| resolve(v, collected)).collect()),
        Value::Map(map) => Value::Map(resolve_all(map, collected)),
        other => other,
    }
}

/// A value that is one reference takes the raw value; inside a text only strings and numbers are put in.
fn resolve_text(text: &str, collected: &Collected) -> Value {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let end = rest[at..].find(char::is_whitespace).map_or(rest.len(), |n| at + n);
        let Some(found) = look_up(&rest[at + 1..end], collected) else {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        };
        if at == 0 && end == text.len() {
            return found;
        }
        out.push_str(&rest[..at]);
        match found {
            Value::Text(t) => out.push_str(&t),
            Value::Int(i) => out.push_str(&i.to_string()),
            Value::Number(n) => out.push_str(&n),
            _ => out.push_str(&rest[at..end]),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    Value::from(out)
}

/// Walks `word[a][b]…`; at the first missing key the value reached so far is the answer. `None` when it is no reference.
fn look_up(candidate: &str, collected: &Collected) -> Option<Value> {
    let word =
        WORDS.iter().find(|w| candidate.get(..w.len()).is_some_and(|start| start.eq_ignore_ascii_case(w)))?;
    let path = groups(&candidate[word.len()..]);
    if path.is_empty() {
        return None;
    }
    let map = match candidate.get(..word.len())? {
        "result" => &collected.result,
        "error" => &collected.error,
        "total" => &collected.total,
        "next" => &collected.next,
        "time" => &collected.time,
        // The word matches in any case, the look-up does not: PHP finds nothing there.
        _ => return Some(Value::Null),
    };
    let mut path = path.into_iter();
    let Some(mut reached) = path.next().and_then(|key| present(map.get(key))) else {
        return Some(Value::Map(map.clone()));
    };
    for key in path {
        let inner = match reached {
            Value::Map(map) => map.get(key),
            Value::List(items) => index(key).and_then(|i| items.get(i)),
            _ => None,
        };
        match present(inner) {
            Some(value) => reached = value,
            None => break,
        }
    }
    Some(reached.clone())
}

/// PHP's `isset`: a key that holds `null` is missing.
fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|v| **v != Value::Null)
}

fn index(key: &str) -> Option<usize> {
    let index: usize = key.parse().ok()?;
    (index.to_string() == key).then_some(index)
}

fn groups(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('[').and_then(|(_, r)| r.split_once(']')) {
        if !key.is_empty() {
            found.push(key);
        }
        rest = after;
    }
    found
}
