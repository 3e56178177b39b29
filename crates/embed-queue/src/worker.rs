//! Workers: lease, embed, settle. Any number of them, in any number of processes, on one file.

mod policy;
mod verdicts;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::try_join_all;
use jiff::Timestamp;

use crate::dispatch::Delivery;
use crate::embedder::{EmbedError, Embedder};
use crate::error::{Error, StoreFault};
use crate::hash::Hash;
use crate::store::claim::{Ask, Claim, Lease, after};
use crate::store::{ATTEMPTS, Change, Settled, Store};

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
    /// The provider failed, now or when another worker asked; its lane pauses.
    Paused {
        /// Until then, as far as this failure goes.
        until: Timestamp,
        /// What it said.
        reason: String,
    },
    /// There is work after there was none; nothing of it was sent so far.
    Begun {
        /// Texts that wait.
        texts: u64,
        /// About so many tokens in them.
        tokens: u64,
    },
    /// The model is not changed, as search would lose by it: so many texts failed with the new one.
    HeldBack(u64),
}

/// What a worker did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Texts by what became of them, summed over all leases.
    pub settled: Settled,
    /// The worker ended because the provider's configuration is wrong; the texts stay PENDING.
    pub configuration: Option<String>,
    /// The worker ended because its model is no longer one of the queue's: another one answers.
    pub replaced: bool,
}

struct Run<'a> {
    ask: Ask,
    until: Until,
    stop: &'a Stop,
    progress: Mutex<Progress<'a>>,
    /// Held while it is said what waits.
    beginning: tokio::sync::Mutex<()>,
}

struct Progress<'a> {
    report: Report,
    /// Nothing was found to do since the last work.
    idle: bool,
    /// The latest pause and the last number of lost texts that were told.
    paused: Option<Timestamp>,
    held_back: Option<u64>,
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

    /// Works until there is nothing left, until told to stop, until the configuration proves wrong, or until another model
    /// took the place of this one. A dropped future leaves leases behind, which end by themselves.
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
        let progress =
            Progress { report: Report::default(), idle: true, paused: None, held_back: None, tell };
        let progress = Mutex::new(progress);
        let run = Run { ask, until, stop, progress, beginning: tokio::sync::Mutex::default() };
        try_join_all((0..self.policy.concurrency.max(1)).map(|_| self.claim_and_work(&run))).await?;
        // One that stays signed in counts as silent soon.
        self.unless_locked(move |store| store.sign_off(&name)).await?;
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
            match self.unless_locked(move |store| store.claim(&ask)).await? {
                Some(Claim::Texts(lease)) => {
                    self.begin(lease.space, run).await?;
                    self.work(lease, run).await?;
                }
                Some(Claim::Forbidden) => run.forbidden(),
                Some(Claim::Replaced) => {
                    self.unless_locked(Store::go_on).await?;
                    run.with(|progress| progress.report.replaced = true);
                }
                Some(Claim::Paused(until, reason)) => {
                    run.paused(until, &reason);
                    self.wait(until, now, run).await;
                }
                Some(Claim::Wait(at)) => self.wait(at, now, run).await,
                Some(Claim::Drained) => {
                    if self.drained(run).await? && run.until == Until::Drained {
                        return Ok(());
                    }
                    run.stop.sleep(self.policy.poll).await;
                }
                None => run.stop.sleep(self.policy.poll).await,
            }
        }
        Ok(())
    }

    /// Says what waits after idleness. Others that claimed meanwhile send nothing before it is said.
    async fn begin(&self, space: i64, run: &Run<'_>) -> Result<(), Error> {
        let _gate = run.beginning.lock().await;
        if run.with(|progress| progress.idle) {
            let (texts, tokens) = self.store.blocking(move |store| store.waiting(space)).await?;
            run.tell(Event::Begun { texts, tokens });
            run.with(|progress| progress.idle = false);
        }
        Ok(())
    }

    /// Nothing waits in this space: goes on with what a killed process left, and with a change of the model, and says whether that brought nothing to do.
    async fn drained(&self, run: &Run<'_>) -> Result<bool, Error> {
        run.with(|progress| progress.idle = true);
        self.unless_locked(Store::see_off).await?;
        if self.unless_locked(Store::go_on).await? != Some(false) {
            return Ok(false);
        }
        if let Some(Change::HeldBack { failed }) = self.unless_locked(Store::finish_change).await? {
            run.held_back(failed);
        }
        Ok(true)
    }

    async fn wait(&self, until: Timestamp, now: Timestamp, run: &Run<'_>) {
        let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        run.stop.sleep(wait.min(self.policy.poll)).await;
    }

    /// Nothing when another process holds the file for longer than is waited for it.
    async fn unless_locked<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, Error> {
        match self.store.blocking(work).await {
            Err(Error::Store { fault: StoreFault::Locked, .. }) => Ok(None),
            outcome => outcome.map(Some),
        }
    }

    async fn work(&self, lease: Lease, run: &Run<'_>) -> Result<(), Error> {
        let inputs = lease.texts.iter().map(|text| text.input.clone()).collect();
        let hashes: Arc<[Hash]> = lease.texts.iter().map(|text| text.input.key).collect();
        let mut delivery = Delivery::new(&*self.embedder, inputs, self.policy.call_timeout, lease.delivered);
        while delivery.step().await && !run.stop.requested() {
            let (token, space, held) = (lease.token.clone(), lease.space, Arc::clone(&hashes));
            let until = after((self.surroundings.now)(), run.ask.lease);
            let extended = self.unless_locked(move |store| store.extend(&token, space, &held, until)).await?;
            if extended == Some(false) {
                break;
            }
        }
        let failures = lease.failures.saturating_add(1);
        let hint = delivery.stopped.as_ref().and_then(EmbedError::hint);
        let now = (self.surroundings.now)();
        let pause = after(now, self.policy.backoff.delay(failures, hint, (self.surroundings.random)()));
        let (conduct, used) = (verdicts::conduct(&delivery, pause), delivery.usage);
        run.notice(&delivery, pause);
        let verdicts = self.verdicts(&lease, delivery, (now, pause));
        // Vectors that are paid for are not given up because somebody holds the file for long.
        let settle = move |store: &Store| store.settle(&lease, &verdicts, &conduct, (used, now));
        match self.store.persisting(ATTEMPTS, settle).await {
            Err(Error::Store { fault: StoreFault::Locked, .. }) => {}
            settled => run.settled(settled?),
        }
        Ok(())
    }
}

impl Run<'_> {
    fn ended(&self) -> bool {
        let ended = |report: &Report| report.replaced || report.configuration.is_some();
        self.stop.requested() || self.with(|progress| ended(&progress.report))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Progress<'_>) -> T) -> T {
        act(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn forbidden(&self) {
        let reason = "the queue has texts that must not be sent to this provider";
        self.with(|progress| progress.report.configuration = Some(reason.to_owned()));
    }

    fn tell(&self, event: Event) {
        self.with(|progress| (progress.tell)(event));
    }

    fn notice(&self, delivery: &Delivery<'_>, until: Timestamp) {
        let Some(fault) = &delivery.stopped else { return };
        self.with(|progress| {
            if matches!(fault, EmbedError::Configuration(_)) {
                progress.report.configuration = Some(fault.to_string());
            }
            progress.paused = progress.paused.max(Some(until));
            (progress.tell)(Event::Paused { until, reason: fault.to_string() });
        });
    }

    /// A pause that another worker was told, or an earlier run.
    fn paused(&self, until: Timestamp, reason: &str) {
        self.with(|progress| {
            if progress.paused.is_none_or(|told| told < until) {
                progress.paused = Some(until);
                (progress.tell)(Event::Paused { until, reason: reason.to_owned() });
            }
        });
    }

    fn held_back(&self, failed: u64) {
        self.with(|progress| {
            if progress.held_back.replace(failed) != Some(failed) {
                (progress.tell)(Event::HeldBack(failed));
            }
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
