//! `crm.item.*` (wire reference, section 6.1).

use super::args;
use super::describe;
use super::entity::Entity;
use super::field::Field;
use super::filter::strict;
use super::items::Items;
use super::listing::{OrderBy, Past, Start, Table as _, page};
use super::naming::{FilterNames, Naming};
use super::store::Store;
use super::write::{self, Changes};
use super::{Session, multifields};
use crate::method::{Caller, Refusal, Reply};
use crate::value::{Map, Value};

/// The entity type a call is about.
pub(super) fn entity(params: &Map) -> Result<Entity, Refusal> {
    match args::required_int(params, "entityTypeId")? {
        5 => Err(Refusal::coded("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")),
        id => Entity::of_type_id(id).ok_or_else(|| Refusal::coded("NOT_FOUND", "Smart process not found")),
    }
}

pub(super) fn naming(store: &Store, params: &Map) -> Naming {
    Naming { schema: store.schema, original: args::is_yes(params, "useOriginalUfNames") }
}

fn not_found() -> Refusal {
    Refusal::coded("NOT_FOUND", "Элемент не найден")
}

pub(super) fn denied() -> Refusal {
    Refusal::coded("ACCESS_DENIED", "Access denied")
}

/// The existing element a call names, if the caller may touch it.
fn element(store: &Store, entity: Entity, params: &Map, caller: &Caller) -> Result<u64, Refusal> {
    let id = u64::try_from(args::required_int(params, "id")?).unwrap_or(0);
    if !store.has(entity, id) {
        return Err(not_found());
    }
    if store.readable(entity, id, caller.user_id) { Ok(id) } else { Err(denied()) }
}

/// The fields a `select` asks for, in the order of a full row.
fn selected(entity: Entity, select: Option<&Value>, naming: Naming) -> Vec<&'static Field> {
    let names = select.map(args::texts).unwrap_or_default();
    let shown = naming.schema.fields(entity).iter().filter(|field| field.in_items());
    if names.is_empty() || names.iter().any(|name| name == "*") {
        return shown.collect();
    }
    let all_user = names.iter().any(|name| name == "uf_*" || name == "UF_*");
    shown
        .filter(|field| {
            if field.is_user_field() {
                return all_user || names.iter().any(|name| name == naming.key(field));
            }
            // With original names and a select of its own, live portals return user fields only.
            !naming.original && field.column != "FM" && names.iter().any(|name| name == field.name)
        })
        .collect()
}

fn row(store: &Store, entity: Entity, id: u64, fields: &[&'static Field], naming: Naming) -> Value {
    let mut map = Map::new();
    for field in fields {
        map.push(naming.key(field), store.cell(entity, id, field.column).typed());
    }
    map.into()
}

/// The complete element, as `get`, `add` and `update` answer it.
pub(super) fn full_row(store: &Store, entity: Entity, id: u64, naming: Naming) -> Value {
    row(store, entity, id, &selected(entity, None, naming), naming)
}

fn item(store: &Store, entity: Entity, id: u64, naming: Naming) -> Reply {
    let mut result = Map::new();
    result.push("item", full_row(store, entity, id, naming));
    Reply::of(result)
}

fn order(entity: Entity, order: Option<&Value>, naming: Naming) -> Result<Vec<OrderBy>, Refusal> {
    let refused = |text| Refusal::coded("INVALID_ARG_VALUE", text);
    let entries = order.map(args::entries).unwrap_or_default();
    let key = |(name, direction): &(std::borrow::Cow<'_, str>, &Value)| {
        let field = naming.field(entity, name).filter(|field| field.column != "FM").ok_or_else(|| {
            refused(format!("Invalid order: field '{}' is not allowed in order", naming.shown(name)))
        })?;
        let direction = args::text(direction).unwrap_or_default().to_ascii_uppercase();
        match direction.as_str() {
            "ASC" => Ok(OrderBy { field, down: false }),
            "DESC" => Ok(OrderBy { field, down: true }),
            _ => Err(refused(format!(
                "Invalid order: allowed values for sort of field '{}' are ASC, DESC",
                naming.shown(name)
            ))),
        }
    };
    entries.iter().map(key).collect()
}

/// `crm.item.list`.
pub(super) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    let params = session.params;
    let (entity, naming) = (entity(params)?, naming(session.store, params));
    let select = args::optional_array(params, "select")?;
    let filter = strict::compile(&FilterNames { entity, naming }, args::optional_array(params, "filter")?)?;
    let order = order(entity, args::optional_array(params, "order")?, naming)?;
    let start = Start::of(params.get("start"));
    let found = page(&Items::of(session, entity), &filter, &order, start, Past::Empty);
    let fields = selected(entity, select, naming);
    let rows: Vec<Value> =
        found.ids.iter().map(|id| row(session.store, entity, *id, &fields, naming)).collect();
    let count = rows.len() as u64;
    let mut result = Map::new();
    result.push("items", rows);
    Ok(Reply { result: result.into(), next: found.next, total: found.total, rows: count })
}

/// `crm.item.get`.
pub(super) fn get(session: &Session<'_>) -> Result<Reply, Refusal> {
    let (entity, naming) = (entity(session.params)?, naming(session.store, session.params));
    let id = element(session.store, entity, session.params, session.caller)?;
    Ok(item(session.store, entity, id, naming))
}

/// `crm.item.fields`.
pub(super) fn fields(session: &Session<'_>) -> Result<Reply, Refusal> {
    let (entity, naming) = (entity(session.params)?, naming(session.store, session.params));
    let mut result = Map::new();
    result.push("fields", describe::of_items(naming.schema, entity, naming));
    Ok(Reply::of(result))
}

/// What a call writes: unknown and read-only keys are ignored, unreadable values skipped.
pub(super) fn changes(
    store: &mut Store,
    entity: Entity,
    id: Option<u64>,
    fields: &Value,
    naming: Naming,
) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    for (key, value) in args::entries(fields) {
        let Some(field) = naming.field(entity, &key).filter(|field| field.in_items() && !field.read_only)
        else {
            continue;
        };
        if field.column == "FM" {
            let present = id.map(|id| store.multifields(entity, id)).unwrap_or_default();
            changes.push((field, super::cell::Cell::Multi(multifields::of_item(store, present, value))));
        } else if let Some(cell) = write::parse(field.kind, value)? {
            changes.push((field, cell));
        }
    }
    Ok(changes)
}

/// The required `fields`.
pub(super) fn fields_of(params: &Map) -> Result<&Value, Refusal> {
    args::required(params, "fields")?;
    Ok(args::optional_array(params, "fields")?.unwrap_or(&Value::Null))
}

/// `crm.item.add`.
pub(super) fn add(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let entity = entity(params)?;
    let names = naming(store, params);
    let changes = changes(store, entity, None, fields_of(params)?, names)?;
    write::known_stage(store, entity, None, &changes)?;
    write::complete(store, entity, &changes)?;
    let id = write::add(store, entity, changes, caller);
    Ok(item(store, entity, id, names))
}

/// `crm.item.update`.
pub(super) fn update(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let entity = entity(params)?;
    let id = element(store, entity, params, caller)?;
    let names = naming(store, params);
    let changes = changes(store, entity, Some(id), fields_of(params)?, names)?;
    write::known_stage(store, entity, Some(id), &changes)?;
    write::update(store, entity, id, changes, caller);
    Ok(item(store, entity, id, names))
}

/// `crm.item.delete`.
pub(super) fn delete(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let entity = entity(params)?;
    let id = element(store, entity, params, caller)?;
    store.delete(entity, id);
    Ok(Reply::of(Map::new()))
}

/// Whether a caller may read an element; used by methods about things that hang on it.
pub(super) fn visible(session: &Session<'_>, entity: Entity, id: u64) -> bool {
    Items::of(session, entity).has(id)
}
