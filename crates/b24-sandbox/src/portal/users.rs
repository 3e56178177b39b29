//! `user.*` and `profile` (wire reference, section 6.8).

use super::Session;
use super::args;
use super::listing::{PAGE_LEN, Start};
use crate::method::{Refusal, Reply};
use crate::seed::User;
use crate::value::{Map, Value};

fn email(user: &User) -> String {
    format!("user{}@vector.example", user.id)
}

fn row(user: &User) -> Value {
    let mut map = Map::new();
    map.push("ID", user.id.to_string());
    map.push("ACTIVE", user.active);
    map.push("NAME", user.person.first);
    map.push("LAST_NAME", user.person.last.clone());
    map.push("SECOND_NAME", user.person.second);
    map.push("EMAIL", email(user));
    map.push("LAST_LOGIN", "2026-12-30T09:12:00+03:00");
    map.push("DATE_REGISTER", "2025-01-01T00:00:00+03:00");
    map.push("IS_ONLINE", "N");
    map.push("PERSONAL_GENDER", if user.person.female { "F" } else { "M" });
    map.push("PERSONAL_BIRTHDAY", "");
    map.push("WORK_POSITION", user.position);
    map.push("UF_DEPARTMENT", vec![Value::Int(1)]);
    map.push("USER_TYPE", "employee");
    map.into()
}

/// Whether a user passes one condition; unknown keys are ignored.
fn passes(user: &User, key: &str, wanted: &Value) -> bool {
    let key = key.trim_start_matches(['=', '@']).to_uppercase();
    let any = if args::is_array(wanted) {
        args::texts(wanted)
    } else {
        args::text(wanted).into_iter().map(std::borrow::Cow::into_owned).collect()
    };
    let is = |text: &str| any.iter().any(|one| one.to_lowercase() == text.to_lowercase());
    match key.as_str() {
        "ID" => is(&user.id.to_string()),
        "ACTIVE" => any.iter().any(|flag| matches!(flag.as_str(), "1" | "Y" | "true") == user.active),
        "NAME" => is(user.person.first),
        "LAST_NAME" => is(&user.person.last),
        "EMAIL" => is(&email(user)),
        _ => true,
    }
}

/// `user.get`: conditions in `FILTER` or beside it; no match has no `total`.
pub(super) fn get(session: &Session<'_>) -> Result<Reply, Refusal> {
    let filter = args::tolerant_array(session.params, "filter")?.map(args::entries).unwrap_or_default();
    let beside = session.params.iter().filter(|(key, _)| key.eq_ignore_ascii_case("id"));
    let conditions: Vec<(String, &Value)> = filter
        .into_iter()
        .map(|(k, v)| (k.into_owned(), v))
        .chain(beside.map(|(k, v)| (k.to_owned(), v)))
        .collect();
    let mut users = session.store.seed.users();
    users.retain(|user| conditions.iter().all(|(key, wanted)| passes(user, key, wanted)));
    let descending = args::tolerant(session.params, "order").and_then(args::text);
    if descending.is_some_and(|order| order.eq_ignore_ascii_case("desc")) {
        users.reverse();
    }
    let all = users.len() as u64;
    let start = Start::of(args::tolerant(session.params, "start"));
    let total = match start {
        _ if all == 0 => None,
        Start::Uncounted => Some(0),
        Start::At(_) => Some(all),
    };
    let rows: Vec<Value> = users.iter().take(PAGE_LEN).map(row).collect();
    Ok(Reply { rows: rows.len() as u64, result: rows.into(), next: None, total })
}

fn current(session: &Session<'_>) -> Result<User, Refusal> {
    let mut users = session.store.seed.users().into_iter();
    let found = users.find(|user| user.id == session.caller.user_id);
    found.ok_or_else(|| Refusal::coded("authorization_error", "Unable to authorize user"))
}

/// `user.current`.
pub(super) fn me(session: &Session<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::of(row(&current(session)?)))
}

/// `profile`: needs no scope.
pub(super) fn profile(session: &Session<'_>) -> Result<Reply, Refusal> {
    let user = current(session)?;
    let mut map = Map::new();
    map.push("ID", user.id.to_string());
    map.push("ADMIN", user.admin);
    map.push("NAME", user.person.first);
    map.push("LAST_NAME", user.person.last);
    map.push("PERSONAL_GENDER", if user.person.female { "F" } else { "M" });
    map.push("TIME_ZONE", "");
    Ok(Reply::of(map))
}
