//! Writes a plan: every write is an intent in the journal before it is sent, and has exactly one outcome.
//!
//! Entries come out of the journal in pages. Persons who are to be created go first, each once; then deals with their
//! comments, 25 pairs a request, several requests at once. A write whose answer is lost leaves its intent open, and the
//! record waits: [`Apply::step`] looks for it when everything else is done. *Found* counts at once, *absent* only
//! `settle_after` after anybody could have been sending it; then the record is sent again. What is still open when the
//! run ends is queued by its key, and no later run sends it before it is found or proved absent. Without robots records are
//! imported, which needs a right of its own: a run whose first import is refused for it ends there.

mod calls;
mod changed;
mod error;
mod eyes;
mod fate;
mod finish;
mod flow;
mod group;
mod import;
mod job;
mod land;
mod load;
mod lost;
mod pace;
mod right;
mod sought;
mod statistics;

use std::collections::HashSet;

use b24_client::{CallError, Client};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};

pub use error::ApplyError;
pub use eyes::user_not_administrator;
pub use finish::Applied;
pub use right::{ImportRefused, ask_import_right};
pub use statistics::{Finding, Statistics, StepTime};

use crate::sending::Now;
use crate::sync::journal::{Backoff, Journal, RunId, Sending};
use crate::sync::look_up::LookUpError;
use crate::sync::mapping::Resolved;
use flow::Flow;
use land::Landed;
use load::Strangers;

/// Requests under way at once.
const IN_FLIGHT: usize = 8;
/// How often a record is sent again that was proved not to be executed.
const MOST_ROUNDS: u32 = 3;

/// What an application needs besides the plan.
#[derive(Debug, Clone)]
pub struct ApplyOrder {
    /// The run whose plan is written.
    pub run: RunId,
    /// The webhook's user: the author of its comments.
    pub author: u64,
    /// Whether the webhook's user is an administrator: nobody else's look-up proves that something was not created.
    pub sees_everything: bool,
    /// How long after its answer was lost a request may still be executed.
    pub settle_after: SignedDuration,
    /// When records without an outcome are tried again.
    pub backoff: Backoff,
}

/// One step of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApplyEvent {
    /// So many further records have an outcome.
    Settled {
        /// Records settled with this step.
        records: u64,
    },
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Records are perhaps still being executed: call [`Apply::step`] again at this moment, or leave them to the next
    /// run.
    WaitUntil(Timestamp),
    /// Nothing more can be done in this run.
    Done,
}

/// An application that goes on.
pub struct Apply<'a> {
    client: Client,
    journal: &'a Journal,
    rules: &'a Resolved,
    order: ApplyOrder,
    began: Timestamp,
    now: Now<'a>,
    statistics: Statistics,
    stopped: Option<CallError>,
    /// Records that no look-up of this run can settle.
    hopeless: HashSet<String>,
    strangers: Strangers,
    rounds: u32,
}

type Flying = FuturesUnordered<BoxFuture<'static, Landed>>;

impl<'a> Apply<'a> {
    /// Prepares the application of a run's plan. Nothing is sent yet.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn new(
        client: Client,
        journal: &'a Journal,
        rules: &'a Resolved,
        order: ApplyOrder,
        now: Now<'a>,
    ) -> Result<Self, ApplyError> {
        let began = journal.run(order.run)?.map_or_else(now, |run| run.started_at);
        Ok(Self {
            client,
            journal,
            rules,
            order,
            began,
            now,
            statistics: Statistics::default(),
            stopped: None,
            hopeless: HashSet::new(),
            strangers: Strangers::default(),
            rounds: 0,
        })
    }

    /// Looks for what earlier runs perhaps wrote. To be done before a plan is made, so that the plan sees it.
    ///
    /// # Errors
    /// The journal cannot be written, or no look-up can succeed at all.
    pub async fn settle_earlier(&mut self) -> Result<(), ApplyError> {
        self.resolve().await.map(drop)
    }

    /// Does what can be done now: writes what has no outcome, looks for what was perhaps written.
    ///
    /// # Errors
    /// The journal cannot be written; what was sent before is in it.
    pub async fn step(&mut self, on_event: &mut (dyn FnMut(ApplyEvent) + Send)) -> Result<Step, ApplyError> {
        loop {
            if self.rounds > 0 {
                let found = match self.resolve().await {
                    Err(ApplyError::LookUp(error)) => return self.stop(error),
                    found => found?,
                };
                if found.settled == 0 || self.rounds > MOST_ROUNDS {
                    return Ok(found.due.map_or(Step::Done, Step::WaitUntil));
                }
            }
            self.rounds += 1;
            self.sweep(on_event).await?;
            if self.stopped.is_some() {
                return Ok(Step::Done);
            }
        }
    }

    /// The moment at which something is sent, on both clocks.
    fn sending(&self) -> Sending {
        Sending { at: (self.now)(), portal_at: self.client.portal_time() }
    }

    /// A look-up shows that no call can succeed: nothing more is sent.
    fn stop(&mut self, error: LookUpError) -> Result<Step, ApplyError> {
        match error {
            LookUpError::Call { source, .. } => {
                self.stopped = Some(*source);
                Ok(Step::Done)
            }
            other => Err(ApplyError::LookUp(other)),
        }
    }

    /// Writes every entry that has no outcome and that nothing keeps back.
    async fn sweep(&mut self, on_event: &mut (dyn FnMut(ApplyEvent) + Send)) -> Result<(), ApplyError> {
        let mut flow = Flow::new(self.rules.automation);
        let mut flying = Flying::new();
        loop {
            while flying.len() < IN_FLIGHT && self.stopped.is_none() {
                let settled = self.load(&mut flow)?;
                if settled > 0 {
                    on_event(ApplyEvent::Settled { records: settled });
                }
                match self.next_request(&mut flow)? {
                    Some(request) => flying.push(request),
                    None => break,
                }
            }
            match flying.next().await {
                None => return Ok(()),
                Some(landed) => {
                    let settled = self.land(landed, &mut flow)?;
                    if settled > 0 {
                        on_event(ApplyEvent::Settled { records: settled });
                    }
                }
            }
        }
    }
}

impl std::fmt::Debug for Apply<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Apply").field("order", &self.order).finish_non_exhaustive()
    }
}
