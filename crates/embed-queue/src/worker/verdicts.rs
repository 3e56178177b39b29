//! From what the provider did to what becomes of each text.

use std::time::Duration;

use jiff::Timestamp;

use super::Worker;
use crate::dispatch::Delivery;
use crate::embedder::{EmbedError, ItemError};
use crate::hash::Hash;
use crate::store::claim::{Lease, Leased, after};
use crate::store::settle::{Conduct, Verdict};

/// So long after all others a text is due that may be at fault.
const BEHIND: Duration = Duration::from_secs(1);

/// A wrong configuration pauses no lane: another process may have the right one.
pub(super) fn conduct(delivery: &Delivery<'_>, pause: Timestamp) -> Conduct {
    match &delivery.stopped {
        Some(EmbedError::Configuration(_)) => Conduct::NotAsked,
        Some(fault) => Conduct::Failed { pause, error: fault.to_string() },
        None if delivery.answered => Conduct::Answered,
        None => Conduct::NotAsked,
    }
}

impl Worker {
    pub(super) fn verdicts(
        &self,
        lease: &Lease,
        mut delivery: Delivery<'_>,
        (now, pause): (Timestamp, Timestamp),
    ) -> Vec<(Hash, Verdict)> {
        let class = match &delivery.stopped {
            Some(EmbedError::Configuration(_)) => "configuration",
            _ => "provider",
        };
        let error = delivery.stopped.as_ref().map(ToString::to_string);
        let of = |text: &Leased| {
            let key = text.input.key;
            let verdict = match (delivery.vectors.remove(&key), delivery.faults.remove(&key)) {
                (Some(vector), _) => Verdict::Ready(vector),
                (None, Some(ItemError::Permanent(reason))) => Verdict::Failed(reason),
                (None, Some(ItemError::Temporary(reason))) => self.again(text.attempts + 1, reason, now),
                // The others go first, so that it is seen whether they fare better.
                (None, None) if delivery.suspects(&key) => {
                    Verdict::Released { class, error: error.clone(), at: after(pause, BEHIND) }
                }
                // It stays due: when the lane goes on, it goes in full batches.
                (None, None) => Verdict::Released { class, error: error.clone(), at: now },
            };
            (key, verdict)
        };
        lease.texts.iter().map(of).collect()
    }

    fn again(&self, attempts: u32, error: String, now: Timestamp) -> Verdict {
        if attempts >= self.policy.max_attempts {
            return Verdict::Failed(format!("{error} ({attempts} attempts)"));
        }
        let wait = self.policy.backoff.delay(attempts, None, (self.surroundings.random)());
        Verdict::Again { error, at: after(now, wait) }
    }
}
