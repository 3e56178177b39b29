//! What all legacy lists share: tolerant names, ignored unknowns, strings, wrap-around (sections 5.2 and 6.4).

use super::Session;
use super::args;
use super::field::Field;
use super::filter::{Filter, legacy};
use super::listing::{OrderBy, Page, Past, Start, Table, page};
use crate::method::{Refusal, Reply};
use crate::value::{Map, Value};

/// The order a caller asks for; unknown names are dropped.
pub(super) fn order(session: &Session<'_>, fields: &'static [Field]) -> Result<Vec<OrderBy>, Refusal> {
    let entries = args::tolerant_array(session.params, "order")?.map(args::entries).unwrap_or_default();
    let key = |(name, direction): &(std::borrow::Cow<'_, str>, &Value)| {
        let field = fields.iter().find(|field| field.column == name)?;
        let down = args::text(direction).is_some_and(|text| text.trim().eq_ignore_ascii_case("desc"));
        Some(OrderBy { field, down })
    };
    Ok(entries.iter().filter_map(key).collect())
}

/// The start a caller asks for.
pub(super) fn start(session: &Session<'_>) -> Start {
    Start::of(args::tolerant(session.params, "start"))
}

/// Wraps rows; an uncounted page still says `total: 0`.
pub(super) fn reply(rows: Vec<Value>, found: &Page) -> Reply {
    let count = rows.len() as u64;
    Reply { result: rows.into(), next: found.next, total: Some(found.total.unwrap_or(0)), rows: count }
}

/// A list of plain rows that always counts (`start=-1` is not honoured): requisites, links, bank accounts.
pub(super) fn plain(
    session: &Session<'_>,
    table: &dyn Table,
    fields: &'static [Field],
) -> Result<Reply, Refusal> {
    let filter: Filter = legacy::compile(args::tolerant_array(session.params, "filter")?, |name| {
        fields.iter().find(|field| field.column == name)
    });
    let order = order(session, fields)?;
    let found = page(table, &filter, &order, start(session).counted(), Past::Wraps);
    let select = args::tolerant_array(session.params, "select")?.map(args::texts).unwrap_or_default();
    let all = select.is_empty() || select.iter().any(|name| name == "*");
    let chosen: Vec<&'static Field> =
        fields.iter().filter(|field| all || select.iter().any(|name| name == field.column)).collect();
    let row = |id: &u64| {
        let mut map = Map::new();
        for (field, cell) in chosen.iter().zip(table.cells(*id, &chosen)) {
            map.push(field.column, cell.stringy(field.kind));
        }
        Value::from(map)
    };
    Ok(reply(found.ids.iter().map(row).collect(), &found))
}
