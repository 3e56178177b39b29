//! Timeline comments, fifty records a request.

use b24_client::{Call, Client, Params};
use serde::Deserialize;
use serde_json::Value;

use super::entity::Record;
use super::{Entity, IndexError};

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) created: String,
    pub(super) text: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "ID")]
    id: Value,
    #[serde(rename = "CREATED")]
    created: Option<String>,
    #[serde(rename = "COMMENT")]
    text: Option<String>,
}

/// Beginning of the sources of a record's comments.
pub(super) fn owner(entity: Entity, id: u64) -> String {
    format!("{}/{id}/", entity.name())
}

fn page(entity: Entity, id: u64, start: u64) -> Call<Vec<Row>> {
    let filter = Params::new().set("ENTITY_ID", id).set("ENTITY_TYPE", entity.kind().timeline());
    let order = Params::new().set("ID", "ASC");
    let params = Params::new().set("filter", filter).set("order", order).set("start", start);
    Call::read("crm.timeline.comment.list", params)
}

/// The comments of each record in their order, or why they are not known.
pub(super) async fn of(
    client: &Client,
    entity: Entity,
    owners: &[&Record],
) -> Result<Vec<Result<Vec<Comment>, String>>, IndexError> {
    let mut told: Vec<Result<Vec<Comment>, String>> = owners.iter().map(|_| Ok(Vec::new())).collect();
    // Records with further pages: their place, and where the page begins.
    let mut open: Vec<(usize, u64)> = (0..owners.len()).map(|place| (place, 0)).collect();
    while !open.is_empty() {
        let mut batch = client.batch();
        let slots: Vec<_> =
            open.iter().map(|&(place, start)| batch.add(page(entity, owners[place].id, start))).collect();
        let reply = batch.send().await;
        let mut reply =
            reply.map_err(|source| IndexError::Batch { what: "comments", source: Box::new(source) })?;
        let mut further = Vec::new();
        for ((place, start), slot) in open.into_iter().zip(slots) {
            match reply.page(slot).ok() {
                Ok(page) => {
                    if let Some(next) = page.next.filter(|next| *next > start) {
                        further.push((place, next));
                    }
                    if let Ok(comments) = &mut told[place] {
                        comments.extend(page.result.into_iter().filter_map(comment));
                    }
                }
                Err(error) => told[place] = Err(error.to_string()),
            }
        }
        open = further;
    }
    Ok(told)
}

fn comment(row: Row) -> Option<Comment> {
    let id = match &row.id {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    Some(Comment { id, created: row.created.unwrap_or_default(), text: row.text.unwrap_or_default() })
}
