//! `crm.duplicate.findbycomm` (wire reference, section 6.6).

use super::Session;
use super::args;
use super::cell::Cell;
use super::entity::Entity;
use super::phone::normalised;
use crate::method::{Refusal, Reply};
use crate::value::{Map, Value};

/// Distinct values looked at; further ones are ignored without a word.
const MAX_VALUES: usize = 20;
/// Entities found for one value.
const MAX_ENTITIES: usize = 20;

/// The type a caller restricts the search to.
fn only(session: &Session<'_>) -> Result<Option<Entity>, Refusal> {
    let given = args::tolerant(session.params, "entity_type").and_then(args::text).unwrap_or_default();
    if given.is_empty() {
        return Ok(None);
    }
    let known = Entity::ALL.into_iter().find(|entity| entity.name().eq_ignore_ascii_case(&given));
    match known {
        Some(entity) if entity.has_multifields() => Ok(Some(entity)),
        _ => {
            let mut letters = given.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            let name = first + &letters.as_str().to_lowercase();
            Err(Refusal::legacy(format!("{name} is not supported in current context.")))
        }
    }
}

/// Normalised distinct values; numbers and empty strings are skipped.
fn keys(kind: &str, values: &Value) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for (_, value) in args::entries(values) {
        let Value::Text(text) = value else { continue };
        if let Some(key) = normalised(kind, text).filter(|key| !keys.contains(key)) {
            keys.push(key);
        }
    }
    keys.truncate(MAX_VALUES);
    keys
}

/// `crm.duplicate.findbycomm`.
pub(super) fn find(session: &Session<'_>) -> Result<Reply, Refusal> {
    let kind = args::tolerant(session.params, "type").and_then(args::text).unwrap_or_default().to_uppercase();
    match kind.as_str() {
        "" => return Err(Refusal::legacy("Communication type is not defined.")),
        "PHONE" | "EMAIL" => {}
        other => {
            return Err(Refusal::legacy(format!(
                "Communication type '{other}' is not supported in current context."
            )));
        }
    }
    let values = args::tolerant(session.params, "values").filter(|values| !args::entries(values).is_empty());
    let Some(values) = values else { return Err(Refusal::legacy("Communication values is not defined.")) };
    let only = only(session)?;
    let mut found: Vec<(Entity, Vec<u64>)> = Vec::new();
    for key in keys(&kind, values) {
        let owners = session.store.owners_of(&kind, &key);
        let wanted = owners.into_iter().filter(|(entity, _)| only.is_none_or(|only| only == *entity));
        for (entity, id) in wanted.take(MAX_ENTITIES) {
            match found.iter_mut().find(|(known, _)| *known == entity) {
                Some((_, ids)) if ids.contains(&id) => {}
                Some((_, ids)) => ids.push(id),
                None => found.push((entity, vec![id])),
            }
        }
    }
    let mut result = Map::new();
    for (entity, ids) in found {
        let ids: Vec<Value> = ids.into_iter().map(|id| Cell::id(id).typed()).collect();
        result.push(entity.name().to_uppercase(), ids);
    }
    Ok(Reply::of(result))
}
