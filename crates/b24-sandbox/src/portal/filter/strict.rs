//! Filters of `crm.item.list`: everything unknown is refused (wire reference, section 6.1.1).

use super::{Filter, Scalar, Test, operand, split};
use crate::method::Refusal;
use crate::portal::args;
use crate::portal::field::{Field, Kind};
use crate::value::Value;

/// Finds the fields of one table by the names of the controllers.
pub(in crate::portal) trait Names {
    /// The field a filter key means; the prefix matters for some user fields.
    fn find(&self, prefix: &str, name: &str) -> Option<&'static Field>;

    /// A refused name as the error text shows it.
    fn shown(&self, name: &str) -> String;
}

/// Compiles a controller's filter.
///
/// # Errors
///
/// The first thing in it that is not allowed.
pub(in crate::portal) fn compile(names: &dyn Names, filter: Option<&Value>) -> Result<Filter, Refusal> {
    filter.map_or_else(|| Ok(Filter::All(Vec::new())), |value| group(names, value))
}

fn group(names: &dyn Names, value: &Value) -> Result<Filter, Refusal> {
    let mut any = false;
    let mut parts = Vec::new();
    for (key, value) in args::entries(value) {
        let numeric = key.bytes().all(|b| b.is_ascii_digit());
        if key.eq_ignore_ascii_case("logic") {
            any = args::text(value).is_some_and(|logic| logic.eq_ignore_ascii_case("or"));
        } else if numeric && args::is_array(value) {
            parts.push(group(names, value)?);
        } else {
            parts.extend(condition(names, &key, value)?);
        }
    }
    Ok(if any { Filter::Any(parts) } else { Filter::All(parts) })
}

fn condition(names: &dyn Names, key: &str, value: &Value) -> Result<Option<Filter>, Refusal> {
    let Some((prefix, op, name)) = split(key) else {
        let name = key.trim_start_matches(['!', '>', '<']);
        return Err(invalid_value(&key[..key.len() - name.len()], &names.shown(name)));
    };
    let Some(field) = names.find(prefix, name).filter(|field| field.kind != Kind::Multi) else {
        let shown = names.shown(name);
        return Err(refused(format!("Invalid filter: field '{shown}' is not allowed in filter")));
    };
    if args::is_array(value) {
        if !matches!(prefix, "" | "=" | "!=" | "@" | "!@") {
            return Err(invalid_value(prefix, field.column));
        }
        let values: Vec<Scalar> =
            args::entries(value).into_iter().filter_map(|(_, v)| operand(field.kind, v)).collect();
        return Ok(Some(Filter::Test(Test { field, op, values })));
    }
    let values = operand(field.kind, value).map(|one| vec![one]);
    Ok(values.map(|values| Filter::Test(Test { field, op, values })))
}

fn invalid_value(prefix: &str, shown: &str) -> Refusal {
    refused(format!("Invalid filter: field '{prefix}{shown}' has invalid value"))
}

fn refused(text: String) -> Refusal {
    Refusal::coded("INVALID_ARG_VALUE", text)
}
