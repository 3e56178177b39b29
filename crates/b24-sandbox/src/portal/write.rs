//! Writing elements: casts, defaults, stamps, amounts and the automations that start.

use rust_decimal::Decimal;

use super::args;
use super::cell::Cell;
use super::dates;
use super::defaults::Birth;
use super::entity::Entity;
use super::field::{Field, Kind};
use super::product_row::{amounts, rounded};
use super::store::Store;
use crate::method::{Caller, Refusal};
use crate::value::Value;

/// Values to write, with their columns.
pub(super) type Changes = Vec<(&'static Field, Cell)>;

/// Casts a value for storing; `None` when it cannot be read and is skipped.
///
/// # Errors
///
/// A scalar where a list is needed.
pub(super) fn parse(kind: Kind, value: &Value) -> Result<Option<Cell>, Refusal> {
    match kind {
        Kind::Ids(_) => return ids(value).map(Some),
        Kind::Many(one) => return several(*one, value).map(Some),
        _ => {}
    }
    let Some(text) = args::text(value) else { return Ok(None) };
    let empty = text.is_empty() && *value != Value::Bool(false);
    Ok(match kind {
        Kind::Text | Kind::Price | Kind::Status(_) | Kind::Currency | Kind::Location | Kind::Multi => {
            Some(if *value == Value::Null { Cell::Null } else { Cell::text(text.into_owned()) })
        }
        Kind::Flag | Kind::UserFlag => {
            let yes = matches!(text.as_ref(), "Y" | "y" | "true" | "1");
            Some(Cell::Flag(yes))
        }
        Kind::Day | Kind::Moment | Kind::Double if empty => Some(Cell::Null),
        Kind::Day => dates::parse(&text).map(|at| Cell::Day(at.date())),
        Kind::Moment => dates::parse(&text).map(Cell::Moment),
        Kind::Money => Some(Cell::Decimal(rounded(within(number(&text), MONEY), 2))),
        Kind::Double => Some(Cell::Decimal(number(&text))),
        _ if empty && kind.zero_when_empty() => Some(Cell::Int(0)),
        _ if empty => Some(Cell::Null),
        _ => Some(Cell::Int(args::int(value))),
    })
}

/// A number of any spelling PHP reads; 0 when there is none.
pub(super) fn number(text: &str) -> Decimal {
    let text = text.trim().replace(',', ".");
    text.parse().or_else(|_| Decimal::from_scientific(&text)).unwrap_or_default()
}

/// The largest amount of a DECIMAL(18,2) column, in whole units.
pub(super) const MONEY: i64 = 9_999_999_999_999_999;

/// A number cut to what its column holds, so that no arithmetic on it can overflow.
pub(super) fn within(number: Decimal, limit: i64) -> Decimal {
    number.clamp(Decimal::from(-limit), Decimal::from(limit))
}

/// The values of a field that has several; empty ones are dropped.
fn several(kind: Kind, value: &Value) -> Result<Cell, Refusal> {
    // Checks the shape; the values follow the kind.
    ids(value)?;
    let each = args::entries(value).into_iter().map(|(_, one)| parse(kind, one));
    let cells = each.collect::<Result<Vec<_>, _>>()?;
    let filled = |cell: &Cell| *cell != Cell::Null && *cell != Cell::text("");
    Ok(Cell::List(cells.into_iter().flatten().filter(filled).collect()))
}

fn ids(value: &Value) -> Result<Cell, Refusal> {
    match value {
        Value::Null => Ok(Cell::Ids(Vec::new())),
        Value::List(_) | Value::Map(_) => {
            let ids = args::entries(value).into_iter().map(|(_, id)| args::int(id));
            Ok(Cell::Ids(ids.filter(|id| *id > 0).collect()))
        }
        scalar => {
            let got = match scalar {
                Value::Int(_) => "int",
                Value::Number(_) => "float",
                Value::Bool(_) => "bool",
                _ => "string",
            };
            Err(Refusal::coded(
                Value::Int(100),
                format!("Expected iterable value for multiple field, but got `{got}` instead"),
            ))
        }
    }
}

fn written<'a>(changes: &'a Changes, column: &str) -> Option<&'a Cell> {
    changes.iter().rev().find(|(field, _)| field.column == column).map(|(_, cell)| cell)
}

/// Checks a stage against the element's category.
///
/// # Errors
///
/// The stage is not one of the category's.
pub(super) fn known_stage(
    store: &Store,
    entity: Entity,
    id: Option<u64>,
    changes: &Changes,
) -> Result<(), Refusal> {
    let Some(Cell::Text(stage)) = written(changes, entity.stamps().stage) else { return Ok(()) };
    let category = written(changes, "CATEGORY_ID").map(Cell::as_int).filter(|_| id.is_none());
    let category =
        category.or_else(|| id.map(|id| store.cell(entity, id, "CATEGORY_ID").as_int())).unwrap_or(0);
    match store.schema.stage_book(entity, category) {
        Some(book) if store.schema.find(book, stage).is_none() => Err(Refusal::coded(
            "CRM_FIELD_ERROR_VALUE_NOT_VALID",
            format!("Неверное значение поля \"Стадия\": {stage}"),
        )),
        _ => Ok(()),
    }
}

/// Checks that a new element has what it must.
///
/// # Errors
///
/// The first required field that is missing or empty.
pub(super) fn complete(store: &Store, entity: Entity, changes: &Changes) -> Result<(), Refusal> {
    let empty = |cell: &Cell| match cell {
        Cell::Null => true,
        Cell::Text(text) => text.is_empty(),
        Cell::List(cells) => cells.is_empty(),
        _ => false,
    };
    let missing = |field: &&Field| field.required && written(changes, field.column).is_none_or(empty);
    match store.schema.fields(entity).iter().find(missing) {
        None => Ok(()),
        Some(field) => Err(Refusal::coded(
            "CRM_FIELD_ERROR_REQUIRED",
            format!("Поле \"{}\" обязательно для заполнения", field.title),
        )),
    }
}

/// Adds an element and starts what runs on creation.
pub(super) fn add(store: &mut Store, entity: Entity, changes: Changes, caller: &Caller) -> u64 {
    let id = import(store, entity, changes, caller);
    start_robots(store, entity, id);
    id
}

/// Adds an element and starts nothing.
pub(super) fn import(store: &mut Store, entity: Entity, changes: Changes, caller: &Caller) -> u64 {
    let id = store.create(entity, Birth { at: dates::local(caller.now), by: caller.user_id });
    apply(store, entity, id, changes);
    id
}

/// Counts what a write starts under the stage it leaves the element in.
fn start_robots(store: &mut Store, entity: Entity, id: u64) {
    let stage = store.cell(entity, id, entity.stamps().stage).as_text().to_owned();
    *store.robots.entry(entity.name()).or_default().entry(stage).or_default() += 1;
}

/// Changes an element and starts what runs on a change.
pub(super) fn update(store: &mut Store, entity: Entity, id: u64, changes: Changes, caller: &Caller) {
    let stage = entity.stamps().stage;
    let before = store.cell(entity, id, stage);
    let changes: Changes = changes.into_iter().filter(|(field, _)| !field.immutable).collect();
    apply(store, entity, id, changes);
    touch(store, entity, id, caller);
    if before != store.cell(entity, id, stage) {
        put_known(store, entity, id, "MOVED_TIME", &Cell::Moment(dates::local(caller.now)));
        put_known(store, entity, id, entity.stamps().moved_by, &Cell::Int(i64::from(caller.user_id)));
        put_known(store, entity, id, "PREVIOUS_STAGE_ID", &before);
        let closed = store.semantics(entity, id).map(|_| dates::local(caller.now));
        put_known(store, entity, id, "DATE_CLOSED", &Cell::maybe(closed, Cell::Moment));
    }
    start_robots(store, entity, id);
}

fn put_known(store: &mut Store, entity: Entity, id: u64, column: &str, cell: &Cell) {
    if let Some(field) = store.schema.column(entity, column) {
        store.put(entity, id, field.column, cell.clone());
    }
}

fn apply(store: &mut Store, entity: Entity, id: u64, changes: Changes) {
    for (field, cell) in changes {
        match (field.column, &cell) {
            ("CONTACT_IDS", Cell::Ids(ids)) => {
                put_known(store, entity, id, "CONTACT_ID", &Cell::Int(ids.first().copied().unwrap_or(0)));
            }
            ("CONTACT_ID", Cell::Int(contact)) => {
                let all = if *contact > 0 { vec![*contact] } else { Vec::new() };
                put_known(store, entity, id, "CONTACT_IDS", &Cell::Ids(all));
            }
            _ => {}
        }
        store.put(entity, id, field.column, cell);
    }
    recalculate(store, entity, id);
}

/// Stamps a change.
pub(super) fn touch(store: &mut Store, entity: Entity, id: u64, caller: &Caller) {
    let (stamps, now) = (entity.stamps(), Cell::Moment(dates::local(caller.now)));
    let user = Cell::Int(i64::from(caller.user_id));
    for column in [stamps.edited, "LAST_ACTIVITY_TIME"] {
        put_known(store, entity, id, column, &now);
    }
    for column in [stamps.edited_by, "LAST_ACTIVITY_BY"] {
        put_known(store, entity, id, column, &user);
    }
}

/// Amounts follow from the rows: the tax always, the sum unless it was typed (section 7.1).
pub(super) fn recalculate(store: &mut Store, entity: Entity, id: u64) {
    if !entity.has_product_rows() {
        return;
    }
    let rows = store.product_rows(entity, id);
    let (total, tax) = amounts(&rows);
    let had_rows = !rows.is_empty();
    if had_rows && !store.cell(entity, id, "IS_MANUAL_OPPORTUNITY").as_flag() {
        store.put(entity, id, "OPPORTUNITY", Cell::Decimal(total));
    }
    if store.cell(entity, id, "TAX_VALUE").as_decimal() != tax {
        store.put(entity, id, "TAX_VALUE", Cell::Decimal(tax));
    }
}
