//! PHP's `parse_str`: query strings and form bodies with brackets become nested arrays.

use crate::value::{Map, Value};

/// PHP's `max_input_nesting_level`: deeper variables are dropped.
const MAX_DEPTH: usize = 64;

/// Parses `a=1&b[c][]=2` as PHP does; every scalar is a string.
pub(crate) fn parse_query(query: &[u8]) -> Map {
    let mut form = Form::default();
    for pair in query.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
        let (key, value) = match pair.iter().position(|b| *b == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[..0]),
        };
        form.add(&url_decode(key), url_decode(value));
    }
    form.finish()
}

/// Percent and plus decoding; a broken escape stays as it is, broken UTF-8 is replaced.
pub(crate) fn url_decode(bytes: &[u8]) -> String {
    let plain: Vec<u8> = bytes.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    percent_encoding::percent_decode(&plain).decode_utf8_lossy().into_owned()
}

/// Collects decoded variables (also the parts of a multipart body).
#[derive(Debug, Default)]
pub(crate) struct Form(Map);

impl Form {
    /// Adds one variable; `name` is already decoded and may have brackets.
    pub(crate) fn add(&mut self, name: &str, value: String) {
        let Some((top, path)) = split_name(name.trim_start_matches(' ')) else { return };
        if path.len() > MAX_DEPTH {
            return;
        }
        let mut slot = self.0.slot(&top);
        for key in path {
            if !matches!(slot, Value::Map(_)) {
                *slot = Value::Map(Map::new());
            }
            let Value::Map(map) = slot else { return };
            slot = if key.is_empty() { map.slot(&next_index(map)) } else { map.slot(key) };
        }
        *slot = Value::from(value);
    }

    /// The variables, with arrays of keys 0..n-1 as lists.
    pub(crate) fn finish(self) -> Map {
        let mut out = Map::new();
        for (key, value) in self.0.into_pairs() {
            out.push(key, settle(value));
        }
        out
    }
}

/// `a.b[c][]` → `a_b` with the keys `c` and none. An unclosed first bracket belongs to the name, as `_`.
fn split_name(name: &str) -> Option<(String, Vec<&str>)> {
    let (top, mut rest) = match name.find('[') {
        Some(at) if at > 0 && name[at..].contains(']') => name.split_at(at),
        _ => (name, ""),
    };
    if top.is_empty() {
        return None;
    }
    let mut path = Vec::new();
    while let Some((key, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        path.push(key);
        rest = after;
    }
    Some((top.replace(['.', ' ', '['], "_"), path))
}

/// The key that `[]` takes: the largest integer key + 1.
fn next_index(map: &Map) -> String {
    let largest = map.iter().filter_map(|(k, _)| k.parse::<u64>().ok()).max();
    largest.map_or(0, |n| n.saturating_add(1)).to_string()
}

fn settle(value: Value) -> Value {
    let Value::Map(map) = value else { return value };
    if map.is_list() {
        return Value::List(map.into_pairs().map(|(_, v)| settle(v)).collect());
    }
    let mut out = Map::new();
    for (key, inner) in map.into_pairs() {
        out.push(key, settle(inner));
    }
    Value::Map(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encode::to_json;

    fn json(query: &str) -> String {
        to_json(&Value::Map(parse_query(query.as_bytes())))
    }

    #[test]
    fn brackets_nest_and_append() {
        insta::assert_snapshot!(json("select[]=ID&select[]=UF_*&order[ID]=ASC&start=-1"), @r#"{"select":["ID","UF_*"],"order":{"ID":"ASC"},"start":"-1"}"#);
        insta::assert_snapshot!(json("a[b][]=1&a[b][]=2&a[c][d]=3"), @r#"{"a":{"b":["1","2"],"c":{"d":"3"}}}"#);
        insta::assert_snapshot!(json("select[0]=ID&select[2]=X&select[]=Y"), @r#"{"select":{"0":"ID","2":"X","3":"Y"}}"#);
        insta::assert_snapshot!(json("filter[@STAGE_ID][]=NEW&filter[@STAGE_ID][]=WON"), @r#"{"filter":{"@STAGE_ID":["NEW","WON"]}}"#);
    }

    #[test]
    fn plus_percent_and_trailing_ampersands_are_as_in_php() {
        insta::assert_snapshot!(json("filter%5B%3EID%5D=100&t=a+b%20c%2Bd&"), @r#"{"filter":{"\u003EID":"100"},"t":"a b c+d"}"#);
        insta::assert_snapshot!(json("&&a&b=&c=%zz%"), @r#"{"a":"","b":"","c":"%zz%"}"#);
        insta::assert_snapshot!(json("x=%D0%A1%D1%87%D1%91%D1%82"), @r#"{"x":"Счёт"}"#);
    }

    #[test]
    fn dots_and_spaces_become_underscores_at_the_top_only() {
        insta::assert_snapshot!(json("a.b=1&c d=2&e[x.y z]=3"), @r#"{"a_b":"1","c_d":"2","e":{"x.y z":"3"}}"#);
    }

    #[test]
    fn duplicates_and_conflicts_are_decided_by_the_last() {
        insta::assert_snapshot!(json("a=1&a=2&b[x]=1&b=2&c=1&c[y]=2"), @r#"{"a":"2","b":"2","c":{"y":"2"}}"#);
    }

    #[test]
    fn unclosed_brackets_belong_to_the_name_and_text_after_brackets_is_dropped() {
        insta::assert_snapshot!(json("a[b=1&c[d]e=2&=3"), @r#"{"a_b":"1","c":{"d":"2"}}"#);
    }

    #[test]
    fn variables_nested_too_deeply_are_dropped() {
        assert_eq!(parse_query(format!("a{}=1&b=2", "[x]".repeat(100)).as_bytes()).len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_parse(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            parse_query(&bytes);
        }

        #[test]
        fn encoded_values_come_back(value in "\\PC{0,40}") {
            let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
            let map = parse_query(format!("a={encoded}").as_bytes());
            prop_assert_eq!(map.get("a"), Some(&Value::from(value)));
        }
    }
}
