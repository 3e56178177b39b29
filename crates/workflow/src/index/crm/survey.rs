//! What there is to read, before it is read.

use b24_client::crm::{self, Field, Fields};
use b24_client::{Call, Client, Params};
use embed_queue::Store;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{CrmOrder, Entity, IndexError, gone};

/// Rows of a page, commands of a request: what the portal allows.
const PAGE: u64 = 50;

/// What there is to read.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The portal's time when it began: the next run starts here.
    pub started: Timestamp,
    /// Kinds of records.
    pub entities: Vec<EntitySurvey>,
    /// Requests that it takes, about; one for every fifty records whose timeline is read.
    pub requests: u64,
    /// Beginning of the records' addresses.
    pub(super) site: String,
}

/// One kind of records.
#[derive(Debug, Clone)]
pub struct EntitySurvey {
    /// The kind.
    pub entity: Entity,
    /// How many there are to read.
    pub records: u64,
    /// Only those that changed since then; all of them when there is no time.
    pub since: Option<String>,
    /// Titles of the fields in the portal.
    pub(super) fields: Fields,
}

/// The name of the mark that says up to when a kind was read: by an administrator, or by this user.
pub(super) fn cursor(entity: Entity, reader: Option<u64>) -> String {
    gone::named(entity, "read", reader)
}

/// The records of a kind that changed or were active since then.
pub(super) fn query(entity: Entity, since: Option<&str>) -> Params {
    let params = Params::new().set("entityTypeId", entity.kind());
    let Some(since) = since else { return params };
    let changed = Params::new().set(">=updatedTime", since);
    let active = Params::new().set(">=lastActivityTime", since);
    let either = Params::new().set("logic", "OR").set("0", changed).set("1", active);
    params.set("filter", Params::new().set("0", either))
}

/// Counts what there is to read, and checks the fields of the order, in one or two requests. Writes nothing.
///
/// # Errors
/// The queue is another portal's, the portal does not answer or refuses, a field of the order does not exist, or the queue's file fails.
pub async fn survey(client: &Client, store: &Store, order: &CrmOrder) -> Result<Survey, IndexError> {
    store.may_bind(&client.identity()).map_err(super::of_owner)?;
    let mut batch = client.batch();
    let clock = batch.add(crm::server_time());
    let mut slots = Vec::new();
    for entity in order.fields.keys().copied() {
        // A kind of which something else is allowed now is read anew, all of it.
        let same = store.mark(&gone::mark(entity, order.reader()))? == Some(gone::allowed(order, entity));
        let since = if order.full || !same { None } else { store.mark(&cursor(entity, order.reader()))? };
        let count = query(entity, since.as_deref()).set("select", vec!["id"]);
        let count: Call<Vec<Map<String, Value>>> = Call::read("crm.item.list", count).within("items");
        slots.push((entity, since, batch.add(count), batch.add(crm::item_fields(entity.kind()))));
    }
    let mut reply = batch
        .send()
        .await
        .map_err(|source| IndexError::Batch { what: "what there is to read", source: Box::new(source) })?;
    let failed = |what, source| IndexError::Call { what, source: Box::new(source) };
    let started = reply.take(clock).ok().map_err(|source| failed("the portal's time", source))?;
    let started = started.parse().map_err(|_| IndexError::Clock { text: started })?;
    let mut entities = Vec::new();
    for (entity, since, count, fields) in slots {
        let fields = reply.take(fields).ok().map_err(|source| failed(entity.plural(), source))?;
        check(entity, order, &fields)?;
        let page = reply.page(count).ok().map_err(|source| failed(entity.plural(), source))?;
        let records = page.total.unwrap_or(page.result.len() as u64);
        entities.push(EntitySurvey { entity, records, since, fields });
    }
    let records: u64 = entities.iter().map(|found| found.records).sum();
    let lists: u64 = entities.iter().map(|found| found.records.div_ceil(PAGE * PAGE).max(1)).sum();
    let timelines = if order.comments { records.div_ceil(PAGE) } else { 0 };
    let portal = client.portal();
    let scheme = if portal.is_plain() { "http" } else { "https" };
    let site = format!("{scheme}://{}", portal.name());
    Ok(Survey { started, entities, requests: lists + timelines, site })
}

/// A field that does not exist would be left out by the portal without a word.
fn check(entity: Entity, order: &CrmOrder, fields: &Fields) -> Result<(), IndexError> {
    let asked = order.fields.get(&entity).into_iter().flatten();
    for name in asked {
        // A usual field that a portal lacks is no mistake of anybody's.
        if fields.get(name).is_none() && !entity.usual_fields().contains(&name.as_str()) {
            return Err(IndexError::Field { entity: entity.name(), name: name.clone() });
        }
    }
    Ok(())
}

impl EntitySurvey {
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }
}
