//! Comments in timelines.

use serde::Deserialize;

use super::EntityType;
use crate::call::Call;
use crate::params::Params;
use crate::wire::{Guarded, Id};

/// A comment in the timeline of a record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub struct Comment {
    /// Number of the comment.
    pub id: Id,
    /// When it was written, wire text.
    #[serde(default)]
    pub created: Option<String>,
    /// User who wrote it; 0 when it was nobody.
    #[serde(rename = "AUTHOR_ID", default)]
    pub author: Option<Id>,
    /// Text, with the marks of the portal's editor.
    #[serde(rename = "COMMENT", default)]
    pub text: Option<String>,
}

/// The order in which comments come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentOrder {
    /// By number, growing: comments that are written meanwhile come at the end.
    OldestFirst,
    /// By number, falling: comments that are written meanwhile move the others to later pages.
    NewestFirst,
}

/// The comments of a record from an offset on, a page of 50. The next page begins at
/// [`Reply::next`](crate::Reply::next): comments cannot be asked for by their numbers.
#[must_use]
pub fn timeline_comments(
    entity: EntityType,
    record: u64,
    order: CommentOrder,
    start: u64,
) -> Call<Vec<Guarded<Comment>>> {
    let direction = match order {
        CommentOrder::OldestFirst => "ASC",
        CommentOrder::NewestFirst => "DESC",
    };
    let params = Params::new()
        .set("filter", Params::new().set("ENTITY_ID", record).set("ENTITY_TYPE", entity.timeline()))
        .set("order", Params::new().set("ID", direction))
        .set("start", start);
    Call::read("crm.timeline.comment.list", params)
}
