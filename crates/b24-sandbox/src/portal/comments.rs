//! `crm.timeline.comment.*` (wire reference, section 6.7): writes are controllers, reads are legacy.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::DateTime;

use super::args;
use super::cell::{Cell, moment_text};
use super::dates;
use super::entity::Entity;
use super::item::visible;
use super::listing::{PAGE_LEN, Start};
use super::store::Store;
use super::{Session, legacy_list};
use crate::method::{Caller, Refusal, Reply};
use crate::value::{Map, Value};

/// A comment in the timeline of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    owner: (Entity, u64),
    created: DateTime,
    text: String,
    author: u32,
}

/// All comments; the base has none.
#[derive(Debug, Default)]
pub(crate) struct Comments {
    by_id: BTreeMap<u64, Comment>,
    by_owner: HashMap<(Entity, u64), Vec<u64>>,
    last_id: u64,
}

impl Comments {
    pub(super) fn len(&self) -> u64 {
        self.by_id.len() as u64
    }

    /// All comments in their legacy shape.
    pub(super) fn rows(&self) -> Vec<Value> {
        self.by_id.iter().map(|(id, comment)| row(*id, comment, false)).collect()
    }

    fn of_owner(&self, owner: (Entity, u64)) -> Vec<u64> {
        let ids = self.by_owner.get(&owner).into_iter().flatten();
        ids.copied().filter(|id| self.by_id.contains_key(id)).collect()
    }
}

fn row(id: u64, comment: &Comment, in_list: bool) -> Value {
    let (entity, entity_id) = comment.owner;
    let mut map = Map::new();
    map.push("ID", id.to_string());
    // A list repeats the number of its filter, a single comment its stored text.
    map.push("ENTITY_ID", if in_list { Cell::id(entity_id).typed() } else { entity_id.to_string().into() });
    map.push("ENTITY_TYPE", entity.timeline_name());
    map.push("CREATED", moment_text(comment.created));
    map.push("COMMENT", comment.text.clone());
    map.push("AUTHOR_ID", comment.author.to_string());
    map.into()
}

/// The entity type of a comment's owner, by name or number.
fn entity_of(value: Option<&Value>, type_id: Option<&Value>) -> Option<Entity> {
    let name = value.and_then(args::text).unwrap_or_default().to_lowercase();
    let by_name = || match name.strip_prefix("dynamic_") {
        Some(number) => number.parse().ok().and_then(Entity::of_type_id),
        None => Entity::ALL.into_iter().find(|entity| entity.timeline_name() == name),
    };
    if name.is_empty() { type_id.map(args::int).and_then(Entity::of_type_id) } else { by_name() }
}

fn denied() -> Refusal {
    Refusal::coded("ACCESS_DENIED", "Access denied.")
}

fn fields(params: &Map) -> Result<&Value, Refusal> {
    args::required(params, "fields")?;
    args::optional_array(params, "fields")?
        .ok_or_else(|| Refusal::coded(Value::Int(100), "Could not find value for parameter {fields}"))
}

fn field<'a>(fields: &'a Value, key: &str) -> Option<&'a Value> {
    args::entries(fields).into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// The trimmed text; an empty one is refused.
fn text_of(fields: &Value) -> Result<String, Refusal> {
    let text = field(fields, "COMMENT").and_then(args::text).unwrap_or_default().trim().to_owned();
    if text.is_empty() { Err(Refusal::coded("INVALID_ARG_VALUE", "Empty comment message")) } else { Ok(text) }
}

/// `crm.timeline.comment.add`: the author is always the caller.
pub(super) fn add(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let fields = fields(params)?;
    let entity = entity_of(field(fields, "ENTITY_TYPE"), field(fields, "ENTITY_TYPE_ID"));
    let id = field(fields, "ENTITY_ID").and_then(args::positive);
    let owner = entity.zip(id).filter(|(entity, id)| store.has(*entity, *id));
    let Some(owner) = owner else { return Err(Refusal::coded("OWNER_NOT_FOUND", "Owner was not found")) };
    if !visible(&Session { store, params, caller }, owner.0, owner.1) {
        return Err(denied());
    }
    let text = text_of(fields)?;
    let created = dates::local(caller.now);
    let comments = &mut store.comments;
    comments.last_id += 1;
    let id = comments.last_id;
    comments.by_id.insert(id, Comment { owner, created, text, author: caller.user_id });
    comments.by_owner.entry(owner).or_default().push(id);
    // A comment is an activity of its element.
    if let Some(field) = store.schema.column(owner.0, "LAST_ACTIVITY_TIME") {
        store.put(owner.0, owner.1, field.column, Cell::Moment(created));
    }
    Ok(Reply::of(Cell::id(id).typed()))
}

/// The comment a write is about.
fn existing<'a>(store: &'a Store, params: &Map) -> Result<(u64, &'a Comment), Refusal> {
    let id = u64::try_from(args::required_int(params, "id")?).unwrap_or(0);
    let comment = store.comments.by_id.get(&id);
    comment.map(|comment| (id, comment)).ok_or_else(|| Refusal::coded("NOT_FOUND", "Comment was not found"))
}

/// `crm.timeline.comment.update`: only the author.
pub(super) fn update(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let (id, comment) = existing(store, params)?;
    let (entity, owner) = comment.owner;
    if comment.author != caller.user_id || !visible(&Session { store, params, caller }, entity, owner) {
        return Err(denied());
    }
    let text = text_of(fields(params)?)?;
    if let Some(comment) = store.comments.by_id.get_mut(&id) {
        comment.text = text;
    }
    Ok(Reply::of(Cell::id(id).typed()))
}

/// `crm.timeline.comment.delete`: the author or an administrator; the result is null.
pub(super) fn delete(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let (id, comment) = existing(store, params)?;
    if comment.author != caller.user_id && caller.user_id != 1 {
        return Err(denied());
    }
    store.comments.by_id.remove(&id);
    Ok(Reply::of(Value::Null))
}

/// `crm.timeline.comment.get`.
pub(super) fn get(session: &Session<'_>) -> Result<Reply, Refusal> {
    let id = args::tolerant(session.params, "id").and_then(args::positive).unwrap_or(0);
    let Some(comment) = session.store.comments.by_id.get(&id) else {
        return Err(Refusal::legacy("Not found."));
    };
    if !visible(session, comment.owner.0, comment.owner.1) {
        return Err(Refusal::legacy("Access denied."));
    }
    Ok(Reply::of(row(id, comment, false)))
}

/// `crm.timeline.comment.list`: one owner, other conditions are ignored, always counted.
pub(super) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    let filter = args::tolerant_array(session.params, "filter")?.cloned().unwrap_or(Value::Null);
    let entity = entity_of(field(&filter, "ENTITY_TYPE"), field(&filter, "ENTITY_TYPE_ID"));
    let id = field(&filter, "ENTITY_ID").and_then(args::positive);
    let owner = entity.zip(id).filter(|(entity, id)| visible(session, *entity, *id));
    let Some(owner) = owner else { return Err(Refusal::legacy("Access denied.")) };
    let comments = &session.store.comments;
    let mut ids = comments.of_owner(owner);
    let order = args::tolerant_array(session.params, "order")?.map(args::entries).unwrap_or_default();
    for (key, direction) in order.iter().rev() {
        let of = |id: &u64| &comments.by_id[id];
        match key.as_ref() {
            "ID" => ids.sort_unstable(),
            "CREATED" => ids.sort_by_key(|id| of(id).created),
            "AUTHOR_ID" => ids.sort_by_key(|id| of(id).author),
            _ => continue,
        }
        if args::text(direction).as_deref() == Some("DESC") {
            ids.reverse();
        }
    }
    let total = ids.len() as u64;
    let offset = match legacy_list::start(session).counted() {
        Start::At(offset) => offset,
        Start::Uncounted => 0,
    };
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    let page = ids.iter().skip(skipped).take(PAGE_LEN);
    let select = args::tolerant_array(session.params, "select")?.map(args::texts).unwrap_or_default();
    let rows: Vec<Value> = page.map(|id| chosen(row(*id, &comments.by_id[id], true), &select)).collect();
    let after = offset + rows.len() as u64;
    let next = (!rows.is_empty() && after < total).then_some(after);
    Ok(Reply { rows: rows.len() as u64, result: rows.into(), next, total: Some(total) })
}

fn chosen(row: Value, select: &[String]) -> Value {
    if select.is_empty() || select.iter().any(|name| name == "*") {
        return row;
    }
    let mut map = Map::new();
    for (key, value) in args::entries(&row) {
        if select.iter().any(|name| *name == key) {
            map.push(key.into_owned(), value.clone());
        }
    }
    map.into()
}
