//! What became of leased texts, in one transaction and only for those that are still leased to the worker.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::Store;
use super::claim::{Lease, breaker, save};
use super::ingest::make_ready;
use super::spaces::delivered;
use super::spending::{Spent, book};
use crate::embedder::Usage;
use crate::error::Error;
use crate::hash::Hash;
use crate::vector::Vector;

/// What became of one text.
#[derive(Debug)]
pub(crate) enum Verdict {
    Ready(Vector),
    /// The text's own failure: charged.
    Again {
        error: String,
        at: Timestamp,
    },
    Failed(String),
    /// The provider's failure, or none: not charged.
    Released {
        class: &'static str,
        error: Option<String>,
        at: Timestamp,
    },
}

/// What the provider did.
#[derive(Debug)]
pub(crate) enum Conduct {
    Answered,
    Failed { pause: Timestamp, error: String },
    NotAsked,
}

/// Texts by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// With their vectors.
    pub ready: u64,
    /// PENDING again, one attempt charged.
    pub retried: u64,
    /// With a reason.
    pub failed: u64,
    /// PENDING again, not charged.
    pub released: u64,
    /// No longer this worker's: edited, deleted, or the lease had ended.
    pub stale: u64,
}

impl Store {
    pub(crate) fn settle(
        &self,
        lease: &Lease,
        verdicts: &[(Hash, Verdict)],
        conduct: &Conduct,
        (usage, now): (Usage, Timestamp),
    ) -> Result<Settled, Error> {
        self.write("settle texts", |transaction| {
            let mut settled = Settled::default();
            let mut held =
                transaction.prepare_cached("SELECT 1 FROM embeddings WHERE id = ?1 AND lease_id = ?2")?;
            for (text, (hash, verdict)) in lease.texts.iter().zip(verdicts) {
                if held.exists(params![text.id, lease.token])? {
                    apply(transaction, lease.space, hash, verdict, &mut settled)?;
                } else {
                    settled.stale += 1;
                }
            }
            if settled.ready > 0 {
                delivered(transaction, lease.space)?;
            }
            book(transaction, &lease.lane, now, &Spent { ready: settled.ready, ..usage.into() })?;
            let known = breaker(transaction, &lease.lane)?;
            match conduct {
                Conduct::Failed { pause, error } => {
                    save(transaction, &lease.lane, known.failed(*pause), Some(error))?;
                }
                // A lane without failures has nothing to forget.
                _ if lease.failures == 0 => {}
                Conduct::Answered => save(transaction, &lease.lane, known.succeeded(), None)?,
                Conduct::NotAsked => save(transaction, &lease.lane, known.not_probed(), None)?,
            }
            Ok(settled)
        })
    }
}

fn apply(
    transaction: &Transaction<'_>,
    space: i64,
    hash: &Hash,
    verdict: &Verdict,
    settled: &mut Settled,
) -> rusqlite::Result<()> {
    let pending = "UPDATE embeddings SET lease_id = NULL, lease_until = NULL, lost = 0, next_attempt_at = ?3,
                       attempts = attempts + ?4, error_class = CASE WHEN ?6 IS NULL THEN error_class ELSE ?5 END,
                       error = coalesce(?6, error)
                   WHERE space_id = ?1 AND source_hash = ?2";
    match verdict {
        Verdict::Ready(vector) => {
            settled.ready += 1;
            make_ready(transaction, space, hash, vector)
        }
        Verdict::Again { error, at } => {
            settled.retried += 1;
            let values = params![space, hash, at.as_millisecond(), 1, "item", error];
            transaction.prepare_cached(pending)?.execute(values).map(drop)
        }
        Verdict::Released { class, error, at } => {
            settled.released += 1;
            let values = params![space, hash, at.as_millisecond(), 0, class, error];
            transaction.prepare_cached(pending)?.execute(values).map(drop)
        }
        Verdict::Failed(reason) => {
            settled.failed += 1;
            transaction
                .prepare_cached(
                    "UPDATE embeddings SET status = 'FAILED', reason = ?3, error_class = 'item', error = ?3,
                         attempts = attempts + 1, next_attempt_at = NULL, lease_id = NULL, lease_until = NULL
                     WHERE space_id = ?1 AND source_hash = ?2",
                )?
                .execute(params![space, hash, reason])
                .map(drop)
        }
    }
}
