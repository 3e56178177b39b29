//! `crm.item.payment.list` (wire reference, section 6.2).

use super::Session;
use super::args;
use super::cell::{Cell, yes_no};
use super::entity::Entity;
use super::item::visible;
use crate::method::{Refusal, Reply};
use crate::seed::Payment;
use crate::value::{Map, Value};

/// This controller numbers its errors.
fn refused(text: &str) -> Refusal {
    Refusal::coded(Value::Int(0), text)
}

/// All payments of one element, without pages.
pub(super) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    let entity = Entity::of_type_id(args::required_int(session.params, "entityTypeId")?);
    let id = u64::try_from(args::required_int(session.params, "entityId")?).unwrap_or(0);
    let entity = entity.ok_or_else(|| refused("Entity type is not supported"))?;
    if !session.store.has(entity, id) {
        return Err(refused("Элемент не найден"));
    }
    if !visible(session, entity, id) {
        return Err(refused("Access denied"));
    }
    let payments = session.store.payments(entity, id);
    let list: Vec<Value> = payments.iter().map(rendered).collect();
    Ok(Reply { rows: list.len() as u64, ..Reply::of(Value::List(list)) })
}

fn rendered(payment: &Payment) -> Value {
    let mut map = Map::new();
    map.push("id", Cell::id(payment.id).typed());
    map.push("accountNumber", payment.number.clone());
    map.push("paid", yes_no(payment.paid.is_some()));
    map.push("datePaid", Cell::maybe(payment.paid, Cell::Moment).typed());
    map.push("empPaidId", Cell::maybe(payment.paid.map(|_| 1), Cell::Int).typed());
    map.push("paySystemId", Value::Int(6));
    map.push("sum", Cell::Decimal(payment.sum).typed());
    map.push("currency", payment.currency);
    map.push("paySystemName", "Банковский перевод");
    map.into()
}
