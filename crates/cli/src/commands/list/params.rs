//! The parameters of `b24 list` from its flags.

use b24_client::Params;
use b24_client::params::Param;

use crate::args::ListArgs;
use crate::code::Code;
use crate::commands::call;
use crate::failure::Failure;

/// Characters a condition may begin with (section 6.1.1 of the wire reference).
const OPERATORS: [char; 6] = ['<', '>', '=', '!', '@', '%'];

pub(super) fn read(args: &ListArgs) -> Result<Params, Failure> {
    let mut params = call::params::read(None, &args.param)?;
    let mut filter = match params.get("filter") {
        Some(Param::Map(given)) => given.clone(),
        _ => Params::new(),
    };
    for condition in &args.filter {
        let (key, value) = split(condition).ok_or_else(|| malformed("--filter", condition, "KEY=VALUE"))?;
        if filter.get(key).is_some() {
            return Err(malformed("--filter", condition, "each condition once").because("it is given twice"));
        }
        filter.put(key, value_of(key, value));
    }
    let mut order = Params::new();
    for pair in &args.order {
        let (key, direction) = pair.split_once('=').unwrap_or((pair, "asc"));
        let direction = direction.to_ascii_uppercase();
        if key.is_empty() || !matches!(direction.as_str(), "ASC" | "DESC") {
            return Err(malformed("--order", pair, "FIELD=asc or FIELD=desc"));
        }
        order.put(key, direction);
    }
    let select: Vec<&str> = selected(args).collect();
    if !select.is_empty() {
        params.put("select", select);
    }
    for (name, given) in [("filter", filter), ("order", order)] {
        if !given.is_empty() {
            params.put(name, given);
        }
    }
    params.check()?;
    Ok(params)
}

/// The fields that `--filter` and `--select` name; what `-p` says is sent as it stands.
pub(super) fn fields(args: &ListArgs) -> Vec<String> {
    let conditions = args.filter.iter().filter_map(|condition| split(condition));
    let names = conditions.map(|(key, _)| key.trim_start_matches(OPERATORS));
    let selected = selected(args).filter(|field| !field.contains('*'));
    names.chain(selected).map(str::to_owned).collect()
}

fn selected(args: &ListArgs) -> impl Iterator<Item = &str> {
    args.select.iter().map(|field| field.trim()).filter(|field| !field.is_empty())
}

fn malformed(flag: &str, given: &str, wanted: &str) -> Failure {
    Failure::new(Code::Parameter, format!("reading {flag} {given}")).advise(format!("give {wanted}"))
}

/// Key and value of a condition; operators stand before the key and may hold `=` themselves.
fn split(condition: &str) -> Option<(&str, &str)> {
    let start = condition.find(|c: char| !OPERATORS.contains(&c))?;
    let at = start + condition.get(start..)?.find('=')?;
    Some((condition.get(..at)?, condition.get(at + 1..)?))
}

/// `@` takes a list: JSON, or values with commas between them.
fn value_of(key: &str, value: &str) -> Param {
    if value.starts_with('[')
        && let Ok(list) = Param::from_json(value)
    {
        return list;
    }
    if key.trim_start_matches('!').starts_with('@') {
        return value.split(',').map(str::trim).collect::<Vec<_>>().into();
    }
    value.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_stand_before_the_key_and_may_hold_an_equals_sign() {
        for (condition, key, value) in [
            ("STAGE_ID=NEW", "STAGE_ID", "NEW"),
            (">=ID=5", ">=ID", "5"),
            ("=%TITLE=a=b", "=%TITLE", "a=b"),
            ("!STAGE_ID=", "!STAGE_ID", ""),
        ] {
            assert_eq!(split(condition), Some((key, value)));
        }
        for condition in ["ID", ">5", ">=", ""] {
            assert_eq!(split(condition), None, "{condition}");
        }
    }

    #[test]
    fn a_list_condition_takes_commas_or_json() {
        let list = |key, value| Params::new().set("x", value_of(key, value)).to_json().unwrap();
        assert_eq!(list("@ID", "5, 6"), r#"{"x":["5","6"]}"#);
        assert_eq!(list("ID", "[5,6]"), r#"{"x":[5,6]}"#);
        assert_eq!(list("ID", "5,6"), r#"{"x":"5,6"}"#);
    }
}
