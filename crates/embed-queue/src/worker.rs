//! Workers: lease, embed, settle. Any number of them, in any number of processes, on one file.

mod policy;
mod verdicts;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::try_join_all;
use jiff::Timestamp;

use crate::dispatch::Delivery;
use crate::embedder::{EmbedError, Embedder, Usage};
use crate::error::Error;
use crate::hash::Hash;
use crate::store::claim::{Ask, Claim, Lease, after};
use crate::store::{Settled, Store};

pub use policy::{Policy, Stop, Surroundings, Until};

/// Embeds what is PENDING.
pub struct Worker {
    store: Store,
    embedder: Arc<dyn Embedder>,
    policy: Policy,
    surroundings: Surroundings,
}

/// What happens while a worker runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A lease came to its end.
    Settled(Settled),
    /// The provider failed; its lane pauses.
    Paused {
        /// Until then, as far as this failure goes.
        until: Timestamp,
        /// What it said.
        reason: String,
    },
}

/// What a worker did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Texts by what became of them, summed over all leases.
    pub settled: Settled,
    /// The worker ended because the provider's configuration is wrong; the texts stay PENDING.
    pub configuration: Option<String>,
}

struct Run<'a> {
    ask: Ask,
    until: Until,
    stop: &'a Stop,
    progress: Mutex<Progress<'a>>,
}

struct Progress<'a> {
    report: Report,
    /// What of the embedder's use is booked; concurrent calls share one count.
    booked: Usage,
    tell: &'a mut (dyn FnMut(Event) + Send),
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker for the embedder's space.
    #[must_use]
    pub fn new(
        store: Store,
        embedder: Arc<dyn Embedder>,
        policy: Policy,
        surroundings: Surroundings,
    ) -> Self {
        Self { store, embedder, policy, surroundings }
    }

    /// Works until there is nothing left, until told to stop, or until the configuration proves wrong. A dropped future
    /// leaves leases behind, which end by themselves.
    ///
    /// # Errors
    /// The file fails.
    pub async fn run(
        &self,
        until: Until,
        stop: &Stop,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Report, Error> {
        let capabilities = self.embedder.capabilities();
        let ask = Ask {
            worker: self.store.blocking(Store::worker_name).await?,
            space: self.embedder.space(),
            items: self.policy.items.min(capabilities.max_items).max(1),
            tokens: capabilities.max_tokens,
            lease: self.policy.lease.max(self.policy.call_timeout * 2),
            lost: self.policy.max_lost,
            forbidden: self.policy.forbidden,
            now: (self.surroundings.now)(),
        };
        let name = ask.worker.clone();
        let booked = self.embedder.usage();
        let progress = Mutex::new(Progress { report: Report::default(), booked, tell });
        let run = Run { ask, until, stop, progress };
        try_join_all((0..self.policy.concurrency.max(1)).map(|_| self.claim_and_work(&run))).await?;
        self.store.blocking(move |store| store.sign_off(&name)).await?;
        let report = run.progress.into_inner().unwrap_or_else(PoisonError::into_inner).report;
        if report.settled.ready > 0 {
            // For the next search, which can do it as well: that the folder is full or read-only is no failure here.
            drop(self.store.blocking(Store::refresh_index).await);
        }
        Ok(report)
    }

    async fn claim_and_work(&self, run: &Run<'_>) -> Result<(), Error> {
        while !run.ended() {
            let now = (self.surroundings.now)();
            let ask = Ask { now, ..run.ask.clone() };
            match self.store.blocking(move |store| store.claim(&ask)).await? {
                Claim::Texts(lease) => self.work(lease, run).await?,
                Claim::Forbidden => run.forbidden(),
                Claim::Wait(at) => {
                    let wait = Duration::try_from(at.duration_since(now)).unwrap_or_default();
                    run.stop.sleep(wait.min(self.policy.poll)).await;
                }
                Claim::Drained => {
                    self.store.blocking(Store::finish_change).await?;
                    if run.until == Until::Drained {
                        return Ok(());
                    }
                    run.stop.sleep(self.policy.poll).await;
                }
            }
        }
        Ok(())
    }

    async fn work(&self, lease: Lease, run: &Run<'_>) -> Result<(), Error> {
        let inputs = lease.texts.iter().map(|text| text.input.clone()).collect();
        let hashes: Arc<[Hash]> = lease.texts.iter().map(|text| text.input.key).collect();
        let mut delivery = Delivery::new(&*self.embedder, inputs, self.policy.call_timeout);
        while delivery.step().await && !run.stop.requested() {
            let (token, space, held) = (lease.token.clone(), lease.space, Arc::clone(&hashes));
            let until = after((self.surroundings.now)(), run.ask.lease);
            if !self.store.blocking(move |store| store.extend(&token, space, &held, until)).await? {
                break;
            }
        }
        let failures = lease.failures.saturating_add(1);
        let hint = delivery.stopped.as_ref().and_then(EmbedError::hint);
        let now = (self.surroundings.now)();
        let pause = after(now, self.policy.backoff.delay(failures, hint, (self.surroundings.random)()));
        let conduct = verdicts::conduct(&delivery, pause);
        run.notice(&delivery, pause);
        let verdicts = self.verdicts(&lease, delivery, now);
        let used = (run.used(self.embedder.usage()), now);
        let settled =
            self.store.blocking(move |store| store.settle(&lease, &verdicts, &conduct, used)).await?;
        run.settled(settled);
        Ok(())
    }
}

impl Run<'_> {
    fn ended(&self) -> bool {
        self.stop.requested() || self.with(|progress| progress.report.configuration.is_some())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Progress<'_>) -> T) -> T {
        act(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn forbidden(&self) {
        let reason = "the queue has texts that must not be sent to this provider";
        self.with(|progress| progress.report.configuration = Some(reason.to_owned()));
    }

    /// What was used and is not booked yet.
    fn used(&self, so_far: Usage) -> Usage {
        self.with(|progress| so_far.since(std::mem::replace(&mut progress.booked, so_far)))
    }

    fn notice(&self, delivery: &Delivery<'_>, until: Timestamp) {
        let Some(fault) = &delivery.stopped else { return };
        self.with(|progress| {
            if matches!(fault, EmbedError::Configuration(_)) {
                progress.report.configuration = Some(fault.to_string());
            }
            (progress.tell)(Event::Paused { until, reason: fault.to_string() });
        });
    }

    fn settled(&self, settled: Settled) {
        self.with(|progress| {
            let sum = &mut progress.report.settled;
            sum.ready += settled.ready;
            sum.retried += settled.retried;
            sum.failed += settled.failed;
            sum.released += settled.released;
            sum.stale += settled.stale;
            (progress.tell)(Event::Settled(settled));
        });
    }
}
