//! Filters of `crm.deal.list` and the like: what they do not know they ignore (wire reference, section 6.4).

use super::{Filter, Op, Scalar, Test, operand, split};
use crate::portal::args;
use crate::portal::field::{Field, Kind};
use crate::value::Value;

/// Compiles a legacy filter; `column` finds a field by its exact name.
pub(in crate::portal) fn compile(
    filter: Option<&Value>,
    column: impl Fn(&str) -> Option<&'static Field>,
) -> Filter {
    let entries = filter.map(args::entries).unwrap_or_default();
    Filter::All(entries.iter().filter_map(|(key, value)| condition(key, value, &column)).collect())
}

fn condition(key: &str, value: &Value, column: impl Fn(&str) -> Option<&'static Field>) -> Option<Filter> {
    let (prefix, op, name) = split(key)?;
    let field = column(name)?;
    let reference = matches!(field.kind, Kind::Status(_) | Kind::Company | Kind::Contact);
    let op = match op {
        // The negation of "contains" is lost on the way to the database.
        Op::NotContains => Op::Contains,
        other => other,
    };
    let op = match op {
        Op::Contains | Op::Like if reference => Op::Equal,
        Op::NotLike if reference => Op::NotEqual,
        other => other,
    };
    let values = values(prefix, op, field, value)?;
    Some(Filter::Test(Test { field, op, values }))
}

/// The values of a condition; `None` drops it.
fn values(prefix: &str, op: Op, field: &'static Field, value: &Value) -> Option<Vec<Scalar>> {
    let list = matches!(op, Op::Equal | Op::NotEqual);
    if args::is_array(value) && list {
        let values: Vec<Scalar> =
            args::entries(value).into_iter().filter_map(|(_, v)| operand(field.kind, v)).collect();
        return (!values.is_empty()).then_some(values);
    }
    if args::is_array(value) {
        // A comparison casts an array to 1: this is how a chain of pages restarts at ID > 1.
        return operand(field.kind, &Value::Int(args::int(value))).map(|one| vec![one]);
    }
    if prefix.ends_with('@') && args::text(value).is_some_and(|text| text.is_empty()) {
        return None;
    }
    operand(field.kind, value).map(|one| vec![one])
}

/// The conditions on `PHONE`, `EMAIL`, …: the plain key only, first element of an array, `%` removed.
pub(in crate::portal) fn begins_with(field: &'static Field, value: &Value) -> Option<Filter> {
    let first = if args::is_array(value) { args::texts(value).into_iter().next() } else { None };
    let text = first.or_else(|| args::text(value).map(std::borrow::Cow::into_owned))?;
    let text = text.replace('%', "").to_lowercase();
    Some(Filter::Test(Test { field, op: Op::Begins, values: vec![Scalar::Text(text)] }))
}
