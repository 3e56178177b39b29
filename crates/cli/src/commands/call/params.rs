//! Parameters of `b24 call`: `-p key=value` with nested keys, and JSON from a file or stdin.

use std::path::Path;

use b24_client::Params;
use b24_client::params::{Param, ParamsError};

use crate::code::Code;
use crate::failure::Failure;
use crate::input;

/// The parameters of the JSON text, if any, with every `-p` on top.
///
/// # Errors
/// Not a JSON object, or a `-p` that is not understood.
pub(in crate::commands) fn read(file: Option<&Path>, pairs: &[String]) -> Result<Params, Failure> {
    let mut params = match file {
        None => Params::new(),
        Some(path) => parse_json(&input::text_of(path, "the parameters")?, path)?,
    };
    for pair in pairs {
        add(&mut params, pair)?;
    }
    params.check()?;
    Ok(params)
}

fn parse_json(text: &str, path: &Path) -> Result<Params, Failure> {
    let attempted = format!("reading the parameters from {}", input::name(path));
    // Checked as a whole first: positions then count from the start of the file.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(Failure::new(Code::ParamsJson, attempted)
            .because(error)
            .advise("correct the JSON at this position"));
    }
    Params::from_json(text).map_err(|error| {
        let cause = match error {
            ParamsError::Json { reason } => reason,
            other => other.to_string(),
        };
        Failure::new(Code::ParamsJson, attempted)
            .because(cause)
            .advise("give a JSON object with the method's parameters")
    })
}

/// Adds one `key=value`; `filter[>ID]=5` nests, `select[]=ID` appends.
fn add(params: &mut Params, pair: &str) -> Result<(), Failure> {
    let (path, value) = split(pair).ok_or_else(|| {
        Failure::new(Code::Parameter, format!("reading the parameter `{pair}`"))
            .because("it is not KEY=VALUE, or its brackets do not close")
            .advise("write it as -p id=5, -p 'filter[>ID]=5' or -p 'select[]=ID'")
    })?;
    insert(params, &path, value).map_err(|key| {
        Failure::new(Code::Parameter, format!("reading the parameter `{pair}`"))
            .because(format!("`{key}` is both a value and a group of values"))
            .advise("give one of the two")
    })
}

/// The keys from the outside in, and the value. The first `=` outside of brackets ends the key: `filter[>=ID]=5`.
fn split(pair: &str) -> Option<(Vec<&str>, &str)> {
    let mut depth = 0_u32;
    let end = pair.char_indices().find_map(|(at, c)| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (c == '=' && depth == 0).then_some(at)
    })?;
    let (key, value) = (&pair[..end], &pair[end + 1..]);
    let Some((outer, inner)) = key.split_once('[') else {
        return (!key.is_empty()).then(|| (vec![key], value));
    };
    let inner = inner.strip_suffix(']')?;
    let mut path = vec![outer];
    path.extend(inner.split("]["));
    let well_formed = !outer.is_empty() && path.iter().all(|part| !part.contains(['[', ']']));
    well_formed.then_some((path, value))
}

fn insert(params: &mut Params, path: &[&str], value: &str) -> Result<(), String> {
    let Some((key, rest)) = path.split_first() else { return Ok(()) };
    let known = params.get(key).cloned();
    let next = match (rest, known) {
        // A scalar given twice, or given in the JSON file, is replaced.
        ([], None | Some(Param::Text(_) | Param::Number(_) | Param::Bool(_) | Param::Null)) => {
            Param::Text(value.to_owned())
        }
        ([""], None) => Param::List(vec![Param::Text(value.to_owned())]),
        ([""], Some(Param::List(mut items))) => {
            items.push(Param::Text(value.to_owned()));
            Param::List(items)
        }
        ([_, ..], None) => grown(Params::new(), rest, value)?,
        ([_, ..], Some(Param::Map(inner))) => grown(inner, rest, value)?,
        _ => return Err((*key).to_owned()),
    };
    params.put(*key, next);
    Ok(())
}

fn grown(mut inner: Params, rest: &[&str], value: &str) -> Result<Param, String> {
    insert(&mut inner, rest, value)?;
    Ok(Param::Map(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(pairs: &[&str]) -> String {
        let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
        read(None, &pairs).unwrap().to_json().unwrap()
    }

    #[test]
    fn keys_nest_in_brackets_and_empty_brackets_append() {
        let json = json_of(&[
            "entityTypeId=31",
            "filter[>=ID]=5",
            "filter[@stageId][]=A=B",
            "filter[@stageId][]=C",
            "select[]=id",
            "select[]=title",
        ]);
        insta::assert_snapshot!(json, @r#"{"entityTypeId":"31","filter":{">=ID":"5","@stageId":["A=B","C"]},"select":["id","title"]}"#);
    }

    #[test]
    fn a_value_given_twice_is_the_last_one() {
        assert_eq!(json_of(&["a=1", "a=2"]), r#"{"a":"2"}"#);
    }

    #[test]
    fn malformed_pairs_are_refused() {
        for pair in ["id", "=5", "[x]=5", "filter[ID=5", "filter]ID[=5", "a[b]c=5"] {
            let failure = read(None, &[pair.to_owned()]).unwrap_err();
            assert_eq!(failure.code(), "call.parameter", "{pair}");
            assert!(failure.attempted().contains(pair), "{pair}");
        }
    }

    #[test]
    fn a_key_cannot_be_value_and_group() {
        for pairs in [["a=1", "a[b]=2"], ["a[b]=2", "a=1"], ["a[]=1", "a[b]=2"]] {
            let pairs = pairs.map(str::to_owned);
            assert_eq!(read(None, &pairs).unwrap_err().code(), "call.parameter", "{pairs:?}");
        }
    }

    #[test]
    fn bad_json_names_line_and_column() {
        let failure = parse_json("{\n  \"id\": 5,\n}", Path::new("p.json")).unwrap_err();
        insta::assert_snapshot!(failure.cause().unwrap(), @"key must be a string at line 3 column 1");
        let failure = parse_json("5", Path::new("p.json")).unwrap_err();
        insta::assert_snapshot!(failure.cause().unwrap(), @"it is a single value");
    }

    #[test]
    fn numbers_of_the_file_keep_their_spelling() {
        let params = parse_json("{\"sum\": 1234567890123456.7890}", Path::new("p.json")).unwrap();
        assert_eq!(params.to_json().unwrap(), "{\"sum\":1234567890123456.7890}");
    }
}
