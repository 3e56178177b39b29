//! Comparing a stored value with a value of a filter, as the database does.

use std::cmp::Ordering;
use std::str::FromStr as _;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use super::Op;
use crate::portal::args;
use crate::portal::cell::{Cell, Multifield};
use crate::portal::dates;
use crate::portal::field::Kind;
use crate::value::Value;

/// A value of a filter, cast to the kind of its column.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::portal) enum Scalar {
    Null,
    Flag(bool),
    Number(Decimal),
    Day(Date),
    Moment(DateTime),
    /// In lower case: the collation of the database ignores case.
    Text(String),
}

impl Scalar {
    /// As an identifier to look up.
    pub(super) fn as_id(&self) -> Option<u64> {
        if let Self::Number(number) = self { u64::try_from(*number).ok() } else { None }
    }

    /// As a text in lower case.
    pub(in crate::portal) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// As a bound of identifiers; negative numbers count as 0.
    pub(super) fn as_bound(&self) -> Option<u64> {
        if let Self::Number(number) = self { Some(u64::try_from(*number).unwrap_or(0)) } else { None }
    }
}

/// Casts a value to a column's kind; `None` when it cannot be read and the condition is void.
pub(in crate::portal) fn operand(kind: Kind, value: &Value) -> Option<Scalar> {
    if *value == Value::Null {
        return Some(Scalar::Null);
    }
    let text = args::text(value);
    Some(match kind {
        Kind::Many(one) => operand(*one, value)?,
        Kind::Text | Kind::Price | Kind::Status(_) | Kind::Currency | Kind::Location | Kind::Multi => {
            Scalar::Text(text?.to_lowercase())
        }
        Kind::Flag => Scalar::Flag(*value == Value::Bool(true) || text?.eq_ignore_ascii_case("y")),
        Kind::UserFlag => Scalar::Flag(args::int(value) != 0),
        Kind::Day | Kind::Moment if text.as_deref() == Some("") => Scalar::Null,
        Kind::Day => Scalar::Day(dates::parse(&text?)?.date()),
        Kind::Moment => Scalar::Moment(dates::parse(&text?)?),
        Kind::Money | Kind::Double => Scalar::Number(decimal(&text?)),
        // References and numbers: an empty string is 0, as everything PHP casts.
        _ => Scalar::Number(Decimal::from(args::int(value))),
    })
}

fn decimal(text: &str) -> Decimal {
    let text = text.trim();
    Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).unwrap_or_default()
}

/// Whether `cell op value`; the negative operations are the caller's.
pub(super) fn matches(cell: &Cell, op: Op, value: &Scalar) -> bool {
    match cell {
        Cell::Ids(ids) => ids.iter().any(|id| matches(&Cell::Int(*id), op, value)),
        Cell::List(cells) => cells.iter().any(|cell| matches(cell, op, value)),
        Cell::Multi(fields) => fields.iter().any(|field| multi_matches(field, op, value)),
        _ => match op {
            Op::Equal => equal(cell, value),
            Op::Contains => like(cell, value, |text, part| text.contains(part)),
            Op::Like => like(cell, value, wildcard),
            Op::Begins => like(cell, value, |text, start| text.starts_with(start)),
            _ => compare(cell, value).is_some_and(|order| match op {
                Op::Greater => order == Ordering::Greater,
                Op::AtLeast => order != Ordering::Less,
                Op::Less => order == Ordering::Less,
                _ => order != Ordering::Greater,
            }),
        },
    }
}

fn multi_matches(field: &Multifield, op: Op, value: &Scalar) -> bool {
    matches(&Cell::text(field.value.clone()), op, value)
}

/// 0 and the empty string also find what is not set.
fn equal(cell: &Cell, value: &Scalar) -> bool {
    match (cell, value) {
        (Cell::Null, Scalar::Null) => true,
        (Cell::Null, Scalar::Number(number)) => number.is_zero(),
        (Cell::Null, Scalar::Text(text)) => text.is_empty(),
        (Cell::Null, Scalar::Flag(flag)) => !flag,
        (Cell::Text(text), Scalar::Text(wanted)) => same_ignoring_case(text, wanted),
        _ => compare(cell, value) == Some(Ordering::Equal),
    }
}

fn same_ignoring_case(text: &str, lower: &str) -> bool {
    text.chars().flat_map(char::to_lowercase).eq(lower.chars())
}

fn compare(cell: &Cell, value: &Scalar) -> Option<Ordering> {
    Some(match (cell, value) {
        (Cell::Int(a), Scalar::Number(b)) => Decimal::from(*a).cmp(b),
        (Cell::Decimal(a), Scalar::Number(b)) => a.cmp(b),
        (Cell::Flag(a), Scalar::Flag(b)) => a.cmp(b),
        (Cell::Day(a), Scalar::Day(b)) => a.cmp(b),
        (Cell::Moment(a), Scalar::Moment(b)) => a.cmp(b),
        (Cell::Text(a), Scalar::Text(b)) => a.chars().flat_map(char::to_lowercase).cmp(b.chars()),
        _ => return None,
    })
}

fn like(cell: &Cell, value: &Scalar, holds: impl Fn(&str, &str) -> bool) -> bool {
    let text = match cell {
        Cell::Text(text) => text.to_lowercase(),
        Cell::Int(n) => n.to_string(),
        Cell::Decimal(number) => number.normalize().to_string(),
        _ => return false,
    };
    match value {
        Scalar::Text(part) => holds(&text, part),
        Scalar::Number(number) => holds(&text, &number.normalize().to_string()),
        _ => false,
    }
}

/// SQL LIKE with `%`.
fn wildcard(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('%');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or("")) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_the_percent_sign() {
        assert!(wildcard("ооо ветер", "%ветер"));
        assert!(wildcard("ооо ветер", "ооо%"));
        assert!(wildcard("ооо ветер", "о%т%р"));
        assert!(wildcard("ветер", "ветер"));
        assert!(!wildcard("ветер", "вете"));
        assert!(!wildcard("ооо", "ооо%о"));
    }
}
