//! `crm.item.import` and `crm.item.batchImport` (wire reference, section 6.1.6): creation that starts no automation.

use super::args;
use super::cell::Cell;
use super::dates;
use super::entity::Entity;
use super::item::{changes, denied, entity, fields_of, naming};
use super::multifields::{self, KINDS};
use super::naming::Naming;
use super::store::Store;
use super::write::{self, Changes};
use crate::method::{Caller, Refusal, Reply};
use crate::seed::RESTRICTED_USER;
use crate::value::{Map, Value};

/// Elements of one call.
const MAX_ITEMS: usize = 20;

/// How many elements a call of `crm.item.batchImport` is about, as far as the portal works on them.
pub(super) fn items_in(params: &Map) -> u32 {
    let count = params.get("data").map_or(0, |data| args::entries(data).len());
    if count > MAX_ITEMS { 1 } else { u32::try_from(count).unwrap_or(1).max(1) }
}

/// The entity of a call, when the caller may import it: the manager may not, whatever else he may add.
fn allowed(params: &Map, caller: &Caller) -> Result<Entity, Refusal> {
    let entity = entity(params)?;
    if caller.user_id == RESTRICTED_USER { Err(denied()) } else { Ok(entity) }
}

fn create(
    store: &mut Store,
    entity: Entity,
    fields: &Value,
    naming: Naming,
    caller: &Caller,
) -> Result<Value, Refusal> {
    let mut changes = changes(store, entity, None, fields, naming)?;
    if let Some(column) = store.schema.column(entity, "FM") {
        // The page of the method shows the legacy shape; `fm`, which add takes, is read too.
        let before =
            changes.iter().position(|(field, _)| field.column == "FM").map(|at| changes.remove(at).1);
        let mut all = if let Some(Cell::Multi(fields)) = before { fields } else { Vec::new() };
        for (key, value) in args::entries(fields) {
            if let Some(kind) = KINDS.into_iter().find(|kind| *kind == key) {
                all = multifields::of_legacy(store, all, kind, value);
            }
        }
        changes.push((column, Cell::Multi(all)));
    }
    write::known_stage(store, entity, None, &changes)?;
    write::complete(store, entity, &changes)?;
    changes.extend(stamps(store, entity, fields, naming, caller)?);
    let id = write::import(store, entity, changes, caller);
    let (mut number, mut item) = (Map::new(), Map::new());
    number.push("id", Cell::id(id).typed());
    item.push("item", number);
    Ok(item.into())
}

/// When and by whom an element was made elsewhere: what only an administrator may say, and everybody else here may not
/// import at all.
fn stamps(
    store: &Store,
    entity: Entity,
    fields: &Value,
    naming: Naming,
    caller: &Caller,
) -> Result<Changes, Refusal> {
    let (stamps, mut changes) = (entity.stamps(), Changes::new());
    let of_import = |column: &str| {
        column == "MOVED_TIME"
            || [stamps.created, stamps.edited, stamps.created_by, stamps.edited_by, stamps.moved_by]
                .contains(&column)
    };
    for (key, value) in args::entries(fields) {
        let field = naming.field(entity, &key).filter(|field| of_import(field.column));
        if let Some(field) = field
            && let Some(cell) = write::parse(field.kind, value)?
        {
            changes.push((field, cell));
        }
    }
    let created = changes.iter().find(|(field, _)| field.column == stamps.created);
    if let Some(at) = created.and_then(|(_, cell)| cell.as_moment()) {
        let last =
            store.last_created(entity).and_then(|id| store.cell(entity, id, stamps.created).as_moment());
        let why = if at > dates::local(caller.now) {
            Some("lies in the future")
        } else if last.is_some_and(|last| at < last) {
            Some("is earlier than that of an existing item")
        } else {
            None
        };
        if let Some(why) = why {
            let text = format!("The time of creation {why}");
            return Err(Refusal::coded("CRM_FIELD_ERROR_VALUE_NOT_VALID", text));
        }
    }
    Ok(changes)
}

/// `crm.item.import`.
pub(super) fn one(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let entity = allowed(params, caller)?;
    let names = naming(store, params);
    create(store, entity, fields_of(params)?, names, caller).map(Reply::of)
}

/// `crm.item.batchImport`: an answer per element, in the order given.
pub(super) fn many(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let entity = allowed(params, caller)?;
    args::required(params, "data")?;
    let data = args::optional_array(params, "data")?.map(args::entries).unwrap_or_default();
    if data.len() > MAX_ITEMS {
        let text = format!("The maximum number of items to import is {MAX_ITEMS}");
        return Err(Refusal::coded("MAX_IMPORT_BATCH_SIZE_EXCEEDED", text));
    }
    let names = naming(store, params);
    let each = data.into_iter().map(|(_, fields)| {
        let made = create(store, entity, fields, names, caller);
        made.unwrap_or_else(|refusal| refusal.to_map().into())
    });
    let items: Vec<Value> = each.collect();
    let rows = items.len() as u64;
    let mut result = Map::new();
    result.push("items", items);
    Ok(Reply { rows, ..Reply::of(result) })
}
