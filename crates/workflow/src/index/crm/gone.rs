//! What the portal has no more, and what the order does not allow any more, leaves the queue.

use embed_queue::{Scope, Store};

use super::{COMMENTS, CrmOrder, Entity, IndexError};

/// Sources that are looked at together.
const AT_ONCE: u32 = 1_000;

/// Ids of records in the order of the list, which grows strictly. A run of ids without a gap takes as little memory as
/// one id, so a million records need some megabytes at most.
#[derive(Debug, Default)]
pub(super) struct Seen(Vec<(u64, u64)>);

impl Seen {
    pub(super) fn add(&mut self, id: u64) {
        match self.0.last_mut() {
            Some((_, last)) if *last + 1 == id => *last = id,
            _ => self.0.push((id, id)),
        }
    }

    fn has(&self, id: u64) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= id);
        after.checked_sub(1).is_some_and(|place| self.0[place].1 >= id)
    }

    fn lacks(&self, id: Option<&str>) -> bool {
        id.and_then(|id| id.parse().ok()).is_none_or(|id| !self.has(id))
    }
}

/// The name of the mark that says what of a kind was allowed when it was read: by an administrator, or by this user.
pub(super) fn mark(entity: Entity, reader: Option<u64>) -> String {
    named(entity, "fields", reader)
}

/// The name of a kind's mark.
pub(super) fn named(entity: Entity, what: &str, reader: Option<u64>) -> String {
    let reader = reader.map_or_else(String::new, |user| format!(":{user}"));
    format!("{}:{what}{reader}", entity.collection())
}

/// What the order allows of a kind: its value.
pub(super) fn allowed(order: &CrmOrder, entity: Entity) -> String {
    let fields = order.fields.get(&entity).map(|fields| fields.join(",")).unwrap_or_default();
    let comments = if order.comments { " and comments" } else { "" };
    format!("{fields}{comments}")
}

/// Removes the documents of records that were not seen, and their comments; says how many.
pub(super) fn unseen(store: &Store, entity: Entity, seen: &Seen) -> Result<u64, IndexError> {
    let records = drop_where(store, entity.collection(), "", |source| seen.lacks(Some(source)))?;
    let beginning = format!("{}/", entity.name());
    let comments = drop_where(store, COMMENTS, &beginning, |source| seen.lacks(source.split('/').nth(1)))?;
    Ok(records + comments)
}

/// Removes the kinds that are not ordered, and comments when they are not; says how many documents.
pub(super) fn disallowed(store: &Store, order: &CrmOrder) -> Result<u64, IndexError> {
    let mut gone = 0;
    if !order.comments && store.has_collection(COMMENTS)? {
        gone += store.purge(&[Scope::collection(COMMENTS)])?.documents;
    }
    for entity in Entity::ALL.into_iter().filter(|entity| !order.fields.contains_key(entity)) {
        if store.has_collection(entity.collection())? {
            gone += store.purge(&[Scope::collection(entity.collection())])?.documents;
        }
        gone += drop_where(store, COMMENTS, &format!("{}/", entity.name()), |_| true)?;
        store.forget_marks(&format!("{}:", entity.collection()))?;
    }
    Ok(gone)
}

/// Looks at the sources of a collection that begin so, some at a time.
fn drop_where(
    store: &Store,
    collection: &str,
    beginning: &str,
    is_gone: impl Fn(&str) -> bool,
) -> Result<u64, IndexError> {
    let (mut gone, mut last) = (0, beginning.to_owned());
    loop {
        let some = store.sources(collection, &last, AT_ONCE)?;
        let Some(end) = some.last() else { return Ok(gone) };
        end.clone_into(&mut last);
        for source in some.iter().filter(|source| source.starts_with(beginning) && is_gone(source)) {
            gone += u64::from(store.delete(collection, source)?);
        }
        if !last.starts_with(beginning) {
            return Ok(gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn ids_are_seen_whatever_their_gaps() {
        let mut seen = Seen::default();
        for id in [1, 2, 3, 7, 9, 10] {
            seen.add(id);
        }
        let has: Vec<u64> = (0..12).filter(|&id| seen.has(id)).collect();
        assert_eq!((has, seen.0.len()), (vec![1, 2, 3, 7, 9, 10], 3));
    }
}
