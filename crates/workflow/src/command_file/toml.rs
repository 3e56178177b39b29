//! TOML with the lines of keys and values.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::CommandFileError;
use super::failure::Mistake;
use super::node::{Entry, Node, Value, line_at};

pub(super) fn parse(text: &str) -> Result<Node, CommandFileError> {
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        let message = error.message().trim();
        let mistake = if message.contains("duplicate key") { Mistake::DuplicateKey } else { Mistake::Syntax };
        let key = error.span().and_then(|span| text.get(span)).filter(|_| mistake == Mistake::DuplicateKey);
        CommandFileError::new(mistake, line, key.unwrap_or_default(), message)
    })?;
    Ok(Node { line: 1, value: entries(text, table.get_ref())? })
}

fn entries(text: &str, table: &DeTable<'_>) -> Result<Value, CommandFileError> {
    // The parser may sort keys by name; their places tell the order of the file.
    let mut places: Vec<(usize, Entry)> = Vec::with_capacity(table.len());
    for (key, value) in table {
        let at = key.span().start;
        let entry =
            Entry { key: key.get_ref().to_string(), line: line_at(text, at), node: node(text, value)? };
        places.push((at, entry));
    }
    places.sort_by_key(|(at, _)| *at);
    Ok(Value::Table(places.into_iter().map(|(_, entry)| entry).collect()))
}

fn node(text: &str, value: &Spanned<DeValue<'_>>) -> Result<Node, CommandFileError> {
    let line = line_at(text, value.span().start);
    let refuse = |message: &str| CommandFileError::new(Mistake::Syntax, line, "", message);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => Value::Number(
            i128::from_str_radix(number.as_str(), number.radix())
                .map_err(|_| refuse("the number is too large"))?
                .to_string(),
        ),
        DeValue::Float(number) if number.as_str().contains(['i', 'n']) => {
            return Err(refuse("`inf` and `nan` are no numbers that a portal reads"));
        }
        DeValue::Float(number) => Value::Number(number.as_str().trim_start_matches('+').to_owned()),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(moment) => Value::Text(moment.to_string()),
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| node(text, item)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => entries(text, table)?,
    };
    Ok(Node { line, value })
}
