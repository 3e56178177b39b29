//! Timeline comments, fifty records a request.

pub(super) use b24_client::crm::Comment;
use b24_client::crm::{self, CommentOrder};
use b24_client::{Client, Guarded};

use super::entity::Record;
use super::{Entity, IndexError};

/// Beginning of the sources of a record's comments.
pub(super) fn owner(entity: Entity, id: u64) -> String {
    format!("{}/{id}/", entity.name())
}

/// The comments of each record in their order, or why they are not known.
pub(super) async fn of(
    client: &Client,
    entity: Entity,
    owners: &[&Record],
) -> Result<Vec<Result<Vec<Comment>, String>>, IndexError> {
    let page = |id, start| crm::timeline_comments(entity.kind(), id, CommentOrder::OldestFirst, start);
    let mut told: Vec<Result<Vec<Comment>, String>> = owners.iter().map(|_| Ok(Vec::new())).collect();
    // Records with further pages: their place, and where the page begins.
    let mut open: Vec<(usize, u64)> = (0..owners.len()).map(|place| (place, 0)).collect();
    while !open.is_empty() {
        let mut batch = client.batch();
        let slots: Vec<_> =
            open.iter().map(|&(place, start)| batch.add(page(owners[place].id, start))).collect();
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
                    if let Ok(comments) = &mut told[place]
                        && let Err(reason) = add(comments, page.result)
                    {
                        told[place] = Err(reason);
                    }
                }
                Err(error) => told[place] = Err(error.to_string()),
            }
        }
        open = further;
    }
    Ok(told)
}

/// A comment that cannot be read is not taken for one that is gone.
fn add(comments: &mut Vec<Comment>, page: Vec<Guarded<Comment>>) -> Result<(), String> {
    for row in page {
        let unread = |(_, reason)| format!("a comment cannot be read: {reason}");
        comments.push(row.into_result().map_err(unread)?);
    }
    Ok(())
}
