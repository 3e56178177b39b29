//! Look-ups by sets of ids: every id ends up answered, by rows or by none, or unanswered with the reason.

use std::collections::{BTreeMap, BTreeSet};

use b24_client::{Batch, BatchReply, Call, CallError, Client, Outcome, Reply, Slot};
use serde::de::DeserializeOwned;

use crate::register::texts::reasons;
use crate::source::Reason;

/// Ids of one command: a page of the portal, so that a set of single rows needs one page.
const SET: usize = 50;

/// The call that finds the rows of a set of ids, from an offset on.
pub(crate) type SetCall<T> = fn(&[u64], u64) -> Call<Vec<T>>;

/// What a look-up found.
#[derive(Debug)]
pub(crate) struct Found<T> {
    /// Every row that was found.
    pub(crate) rows: Vec<T>,
    /// Ids about which nothing is known, and why. An id that is neither here nor in a row does not exist.
    pub(crate) unanswered: BTreeMap<u64, Reason>,
    /// Whether the portal refused one of the look-ups: it will refuse the next one, too.
    pub(crate) refused: bool,
}

/// A look-up that stands in a batch.
pub(crate) struct LookUp<T, F = SetCall<T>> {
    call: F,
    sets: Vec<(Vec<u64>, Slot<Vec<T>>)>,
}

impl<T: DeserializeOwned, F: Fn(&[u64], u64) -> Call<Vec<T>>> LookUp<T, F> {
    /// Adds the look-up of `ids` to a batch.
    pub(crate) fn add(batch: &mut Batch, ids: impl IntoIterator<Item = u64>, call: F) -> Self {
        let ids: Vec<u64> = BTreeSet::from_iter(ids).into_iter().collect();
        let sets = ids.chunks(SET).map(|set| (set.to_vec(), batch.add(call(set, 0)))).collect();
        Self { call, sets }
    }

    /// Takes the answers, fetching further pages of a set that has them. A set without an answer is asked once more:
    /// the invoices of a whole window may depend on it.
    pub(crate) async fn found(self, client: &Client, reply: &mut BatchReply) -> Found<T> {
        let Self { call, sets } = self;
        let mut found = Found { rows: Vec::new(), unanswered: BTreeMap::new(), refused: false };
        let mut further = Vec::new();
        for (ids, slot) in sets {
            further.extend(found.take(Page { ids, start: 0, again: true }, reply.page(slot)));
        }
        while !further.is_empty() {
            let mut batch = client.batch();
            let slots: Vec<_> =
                further.drain(..).map(|page| (batch.add(call(&page.ids, page.start)), page)).collect();
            match batch.send().await {
                Ok(mut reply) => {
                    for (slot, page) in slots {
                        further.extend(found.take(page, reply.page(slot)));
                    }
                }
                Err(error) => {
                    for (_, page) in slots {
                        found.give_up(&page.ids, &reasons::not_sent(&error));
                    }
                }
            }
        }
        found
    }
}

/// One page of a set of ids.
struct Page {
    ids: Vec<u64>,
    start: u64,
    /// Whether it may be asked once more if it gets no answer.
    again: bool,
}

impl<T> Found<T> {
    /// Nothing, because the request was not sent.
    pub(crate) fn lost(ids: impl IntoIterator<Item = u64>, reason: &Reason) -> Self {
        let unanswered = ids.into_iter().map(|id| (id, reason.clone())).collect();
        Self { rows: Vec::new(), unanswered, refused: false }
    }

    /// Takes one page; gives the page to ask next, if there is one.
    fn take(&mut self, page: Page, outcome: Outcome<Reply<Vec<T>>>) -> Option<Page> {
        match outcome.ok() {
            Ok(reply) => {
                self.rows.extend(reply.result);
                let next = reply.next?;
                if next > page.start {
                    return Some(Page { start: next, ..page });
                }
                self.give_up(&page.ids, &reasons::same_page());
                None
            }
            Err(_) if page.again => Some(Page { again: false, ..page }),
            Err(error) => {
                self.refused |= matches!(error, CallError::Rejected(_));
                self.give_up(&page.ids, &reasons::no_result(&error));
                None
            }
        }
    }

    fn give_up(&mut self, ids: &[u64], reason: &Reason) {
        self.unanswered.extend(ids.iter().map(|id| (*id, reason.clone())));
    }
}
