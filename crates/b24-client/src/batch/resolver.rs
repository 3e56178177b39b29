//! What to do about a write whose answer was lost: look whether it was executed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use super::Place;

/// A portal may execute a request for 60 s although nobody waits for the answer any more.
const SETTLE_AFTER: Duration = Duration::from_secs(65);

type LookUp = dyn Fn(Vec<Sought>) -> BoxFuture<'static, Vec<Finding>> + Send + Sync;

/// Finds out whether writes were executed whose answers were lost.
///
/// *Found* counts at once. *Absent* counts only from a look-up that began at least [`settle_after`](Self::settle_after)
/// after the write was sent, because the portal may still be executing it: what is absent then is sent again, once.
/// What nobody can tell stays [`Outcome::Unknown`](super::Outcome::Unknown).
#[derive(Clone)]
pub struct Resolver {
    pub(super) look_up: Arc<LookUp>,
    pub(super) settle_after: Duration,
}

/// A write to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sought {
    /// Where its command stands in the batch.
    pub place: Place,
    /// The key it can be found by, as given to [`Batch::add_keyed`](super::Batch::add_keyed).
    pub key: String,
}

/// What a look-up says about one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It was executed; the JSON text that its method would have answered with, such as `77` for `crm.deal.add`.
    Found(String),
    /// A complete answer says that it is not there.
    Absent,
    /// There was no complete answer, so nobody knows.
    Unanswered,
}

impl Resolver {
    /// Looks writes up by `look_up`, which is given all that are sought at a time and answers in the same order. What
    /// it leaves out counts as [`Finding::Unanswered`].
    pub fn new<F, W>(look_up: F) -> Self
    where
        F: Fn(Vec<Sought>) -> W + Send + Sync + 'static,
        W: Future<Output = Vec<Finding>> + Send + 'static,
    {
        Self { look_up: Arc::new(move |sought| Box::pin(look_up(sought))), settle_after: SETTLE_AFTER }
    }

    /// How long a portal may still execute what was sent; 65 s when not given.
    #[must_use]
    pub fn settle_after(mut self, time: Duration) -> Self {
        self.settle_after = time;
        self
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("settle_after", &self.settle_after).finish_non_exhaustive()
    }
}
