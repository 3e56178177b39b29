//! `crm.deal.*`, `crm.contact.*`, `crm.company.*`, `crm.lead.*` (wire reference, section 6.4).

use super::Session;
use super::args;
use super::cell::{Cell, legacy_multifields};
use super::describe;
use super::entity::Entity;
use super::field::{Field, Kind, Side, field};
use super::filter::{Filter, legacy};
use super::items::Items;
use super::legacy_list;
use super::listing::{Past, Table as _, page};
use super::multifields::{self, KINDS};
use super::schema::Schema;
use super::store::Store;
use super::write::{self, Changes};
use crate::method::{Caller, Refusal, Reply};
use crate::value::{Map, Value};

/// What the plain keys `PHONE`, `EMAIL`, … of a filter look at.
static COMMUNICATIONS: [Field; 4] = [
    field("PHONE", "phone", Kind::Multi, "Телефон").on(Side::Hidden),
    field("EMAIL", "email", Kind::Multi, "E-mail").on(Side::Hidden),
    field("WEB", "web", Kind::Multi, "Сайт").on(Side::Hidden),
    field("IM", "im", Kind::Multi, "Мессенджер").on(Side::Hidden),
];

fn filter(schema: Schema, entity: Entity, value: Option<&Value>) -> Filter {
    let known = |name: &str| schema.column(entity, name).filter(|field| field.in_legacy());
    let mut parts = vec![legacy::compile(value, known)];
    if entity.has_multifields() {
        for (key, value) in value.map(args::entries).unwrap_or_default() {
            let communication = COMMUNICATIONS.iter().find(|field| field.column == key);
            parts.extend(communication.and_then(|field| legacy::begins_with(field, value)));
        }
    }
    if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) }
}

/// The columns of a row; `ID` always.
fn columns(schema: Schema, entity: Entity, select: &[String]) -> Vec<&'static Field> {
    let names = |wanted: &str| select.iter().any(|name| name == wanted);
    let (plain, user) = (select.is_empty() || names("*"), select.is_empty() || names("UF_*"));
    let chosen = |field: &&Field| {
        let group = if field.is_user_field() { user } else { plain };
        field.in_legacy() && (group || names(field.column) || field.column == "ID")
    };
    schema.fields(entity).iter().filter(chosen).collect()
}

fn row(store: &Store, entity: Entity, id: u64, columns: &[&'static Field], kinds: &[&'static str]) -> Value {
    let mut map = Map::new();
    for field in columns {
        map.push(field.column, store.cell(entity, id, field.column).stringy(field.kind));
    }
    if !kinds.is_empty() {
        let stored = store.multifields(entity, id);
        for kind in kinds {
            if let Some(list) = legacy_multifields(&stored, kind) {
                map.push(*kind, list);
            }
        }
    }
    map.into()
}

/// `crm.*.list`.
pub(super) fn list(session: &Session<'_>, entity: Entity) -> Result<Reply, Refusal> {
    let select = args::tolerant_array(session.params, "select")?.map(args::texts).unwrap_or_default();
    let filter = filter(session.store.schema, entity, args::tolerant_array(session.params, "filter")?);
    let order = legacy_list::order(session, session.store.schema.fields(entity))?;
    let items = Items::of(session, entity);
    let found = page(&items, &filter, &order, legacy_list::start(session), Past::Wraps);
    let columns = columns(session.store.schema, entity, &select);
    let kinds: Vec<&'static str> = if entity.has_multifields() {
        KINDS.into_iter().filter(|kind| select.iter().any(|name| name == kind)).collect()
    } else {
        Vec::new()
    };
    let rows = found.ids.iter().map(|id| row(session.store, entity, *id, &columns, &kinds)).collect();
    Ok(legacy_list::reply(rows, &found))
}

fn identifier(params: &Map) -> Result<u64, Refusal> {
    args::tolerant(params, "id")
        .and_then(args::positive)
        .ok_or_else(|| Refusal::legacy("ID is not defined or invalid."))
}

fn readable(store: &Store, entity: Entity, params: &Map, caller: &Caller) -> Result<u64, Refusal> {
    let id = identifier(params)?;
    if !store.has(entity, id) {
        return Err(Refusal::legacy("Not found"));
    }
    let items = Items { store, entity, user: caller.user_id };
    if items.has(id) { Ok(id) } else { Err(Refusal::legacy("Access denied.")) }
}

/// `crm.*.get`.
pub(super) fn get(session: &Session<'_>, entity: Entity) -> Result<Reply, Refusal> {
    let id = readable(session.store, entity, session.params, session.caller)?;
    let kinds: &[&'static str] = if entity.has_multifields() { &KINDS } else { &[] };
    Ok(Reply::of(row(session.store, entity, id, &columns(session.store.schema, entity, &[]), kinds)))
}

/// `crm.*.fields`.
#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn fields(session: &Session<'_>, entity: Entity) -> Result<Reply, Refusal> {
    Ok(Reply::of(describe::of_legacy(session.store.schema, entity)))
}

fn changes(store: &mut Store, entity: Entity, id: Option<u64>, params: &Map) -> Result<Changes, Refusal> {
    let Some(fields) = args::tolerant(params, "fields").filter(|value| args::is_array(value)) else {
        return Err(Refusal::legacy("Parameter 'fields' must be array."));
    };
    let mut changes = Changes::new();
    let mut communications = None;
    for (key, value) in args::entries(fields) {
        if let Some(kind) = KINDS.into_iter().find(|kind| *kind == key && entity.has_multifields()) {
            let present = communications.take();
            let present =
                present.unwrap_or_else(|| id.map(|id| store.multifields(entity, id)).unwrap_or_default());
            communications = Some(multifields::of_legacy(store, present, kind, value));
            continue;
        }
        let Some(field) =
            store.schema.column(entity, &key).filter(|field| field.in_legacy() && !field.read_only)
        else {
            continue;
        };
        if let Some(cell) = write::parse(field.kind, value)? {
            changes.push((field, cell));
        }
    }
    if let (Some(fields), Some(column)) = (communications, store.schema.column(entity, "FM")) {
        changes.push((column, Cell::Multi(fields)));
    }
    without_foreign_stage(store, entity, id, &mut changes);
    Ok(changes)
}

/// A stage that is none of the funnel's is dropped.
fn without_foreign_stage(store: &Store, entity: Entity, id: Option<u64>, changes: &mut Changes) {
    let written =
        changes.iter().find(|(field, _)| field.column == "CATEGORY_ID").map(|(_, cell)| cell.as_int());
    let stored = id.map(|id| store.cell(entity, id, "CATEGORY_ID").as_int());
    let Some(book) = store.schema.stage_book(entity, stored.or(written).unwrap_or(0)) else { return };
    let stage = entity.stamps().stage;
    changes
        .retain(|(field, cell)| field.column != stage || store.schema.find(book, cell.as_text()).is_some());
}

/// `crm.*.add`.
pub(super) fn add(
    store: &mut Store,
    params: &Map,
    caller: &Caller,
    entity: Entity,
) -> Result<Reply, Refusal> {
    let changes = changes(store, entity, None, params)?;
    write::complete(store, entity, &changes).map_err(|refusal| Refusal::legacy(refusal.description))?;
    let id = write::add(store, entity, changes, caller);
    Ok(Reply::of(Cell::id(id).typed()))
}

/// `crm.*.update`.
pub(super) fn update(
    store: &mut Store,
    params: &Map,
    caller: &Caller,
    entity: Entity,
) -> Result<Reply, Refusal> {
    let id = readable(store, entity, params, caller)?;
    let changes = changes(store, entity, Some(id), params)?;
    write::update(store, entity, id, changes, caller);
    Ok(Reply::of(true))
}

/// `crm.*.delete`.
pub(super) fn delete(
    store: &mut Store,
    params: &Map,
    caller: &Caller,
    entity: Entity,
) -> Result<Reply, Refusal> {
    let id = readable(store, entity, params, caller)?;
    store.delete(entity, id);
    Ok(Reply::of(true))
}
