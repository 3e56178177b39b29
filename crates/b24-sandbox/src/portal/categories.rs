//! `crm.category.list`: the funnels.

use super::Session;
use super::args;
use super::entity::Entity;
use crate::method::{Refusal, Reply};
use crate::value::{Map, Value};

fn category(entity: Entity, id: i64, name: &'static str, default: bool) -> Value {
    let mut map = Map::new();
    map.push("id", Value::Int(id));
    map.push("name", name);
    map.push("sort", Value::Int(if id == 1 { 200 } else { 500 }));
    map.push("entityTypeId", entity.type_id());
    map.push("isDefault", if default { "Y" } else { "N" });
    // The default funnel of deals is no record of its own.
    if id > 0 {
        map.push("originId", "");
        map.push("originatorId", "");
    }
    map.into()
}

/// `crm.category.list`.
pub(super) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    let type_id = args::required_int(session.params, "entityTypeId")?;
    let categories = match Entity::of_type_id(type_id) {
        Some(entity @ (Entity::Invoice | Entity::Deal)) => {
            let funnels = session.store.schema.funnels.iter().filter(|funnel| funnel.entity == entity);
            let first = session.store.schema.first_funnel(entity);
            funnels.map(|funnel| category(entity, funnel.id, funnel.name, funnel.id == first)).collect()
        }
        Some(entity @ (Entity::Contact | Entity::Company)) => vec![category(entity, 0, "Общая", true)],
        Some(Entity::Lead) => {
            return Err(Refusal::coded("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported"));
        }
        None => return Err(Refusal::coded("NOT_FOUND", "Smart process not found")),
    };
    let total = categories.len() as u64;
    let mut result = Map::new();
    result.push("categories", categories);
    Ok(Reply { result: result.into(), next: None, total: Some(total), rows: total })
}
