//! Look-ups by sets of ids: every id ends up answered, by rows or by none, or unanswered with the reason.

use std::collections::{BTreeMap, BTreeSet};

use b24_client::{Batch, BatchReply, Call, Client, Outcome, Reply, Slot};
use serde::de::DeserializeOwned;

/// Ids of one command: a page of the portal, so that a set of single rows needs one page.
const SET: usize = 50;

/// The call that finds the rows of a set of ids, from an offset on.
pub(super) type SetCall<T> = fn(&[u64], u64) -> Call<Vec<T>>;

/// What a look-up found.
#[derive(Debug)]
pub(super) struct Found<T> {
    /// Every row that was found.
    pub(super) rows: Vec<T>,
    /// Ids about which nothing is known, and why. An id that is neither here nor in a row does not exist.
    pub(super) unanswered: BTreeMap<u64, String>,
}

/// A look-up that stands in a batch.
pub(super) struct LookUp<T> {
    call: SetCall<T>,
    sets: Vec<(Vec<u64>, Slot<Vec<T>>)>,
}

impl<T: DeserializeOwned> LookUp<T> {
    /// Adds the look-up of `ids` to a batch.
    pub(super) fn add(batch: &mut Batch, ids: impl IntoIterator<Item = u64>, call: SetCall<T>) -> Self {
        let ids: Vec<u64> = BTreeSet::from_iter(ids).into_iter().collect();
        let sets = ids.chunks(SET).map(|set| (set.to_vec(), batch.add(call(set, 0)))).collect();
        Self { call, sets }
    }

    /// Takes the answers, fetching further pages of a set that has them.
    pub(super) async fn found(self, client: &Client, reply: &mut BatchReply) -> Found<T> {
        let Self { call, sets } = self;
        let mut found = Found { rows: Vec::new(), unanswered: BTreeMap::new() };
        let mut answers: Vec<_> = sets.into_iter().map(|(ids, slot)| (ids, reply.page(slot))).collect();
        loop {
            let mut further = Vec::new();
            for (ids, outcome) in answers {
                if let Some(next) = found.take(&ids, outcome) {
                    further.push((ids, next));
                }
            }
            if further.is_empty() {
                return found;
            }
            let mut batch = client.batch();
            let slots: Vec<_> =
                further.into_iter().map(|(ids, next)| (batch.add(call(&ids, next)), ids)).collect();
            let mut reply = match batch.send().await {
                Ok(reply) => reply,
                Err(error) => {
                    let ids = slots.into_iter().flat_map(|(_, ids)| ids);
                    found.unanswered.extend(ids.map(|id| (id, error.to_string())));
                    return found;
                }
            };
            answers = slots.into_iter().map(|(slot, ids)| (ids, reply.page(slot))).collect();
        }
    }
}

impl<T> Found<T> {
    /// Takes one page; gives the offset of the next one, if there is one.
    fn take(&mut self, ids: &[u64], outcome: Outcome<Reply<Vec<T>>>) -> Option<u64> {
        match outcome.ok() {
            Ok(page) => {
                self.rows.extend(page.result);
                page.next
            }
            Err(error) => {
                let reason = reason(&error);
                self.unanswered.extend(ids.iter().map(|id| (*id, reason.clone())));
                None
            }
        }
    }
}

/// An error and its causes in one line.
pub(super) fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
