//! The end of an application: what has no outcome is queued, and everything is counted.

use std::collections::BTreeMap;

use b24_client::CallError;
use serde::Serialize;

use super::eyes::UNPROVED;
use super::job::Job;
use super::{Apply, ApplyError, Finding, Statistics};
use crate::sync::journal::{JournalError, RecordOutcome, RunState, Written};

/// Records that are settled in one transaction.
const PAGE: u32 = 500;

/// What came of a plan.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Applied {
    /// Records by their outcome.
    pub outcomes: BTreeMap<RecordOutcome, u64>,
    /// Records that were not tried because the run stopped.
    pub left: u64,
    /// Deals created.
    pub deals_created: u64,
    /// Deals changed.
    pub deals_changed: u64,
    /// Contacts created.
    pub contacts_created: u64,
    /// Contacts changed.
    pub contacts_changed: u64,
    /// Comments posted.
    pub comments: u64,
    /// Rows put aside that no earlier run has told about.
    pub new_rejects: u64,
    /// Rows put aside.
    pub rejects: u64,
    /// Records that are tried again by a later run.
    pub waiting: u64,
    /// How long it took.
    pub statistics: Statistics,
    /// Why nothing more could be sent.
    #[serde(skip)]
    pub stopped: Option<CallError>,
}

impl Applied {
    /// Records with this outcome.
    #[must_use]
    pub fn count(&self, outcome: RecordOutcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// Whether something is left that no earlier run has told about.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let open = self.count(RecordOutcome::Unknown) + self.count(RecordOutcome::NotSent);
        self.new_rejects > 0 || open > 0 || self.left > 0 || self.stopped.is_some()
    }
}

impl Apply<'_> {
    /// Ends the application. Records without an outcome are queued by their keys, unless the run stopped: then the next
    /// one reads them again anyway.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn finish(mut self, requests: u64, finding: &Finding) -> Result<Applied, ApplyError> {
        if self.stopped.is_none() {
            self.queue_the_rest()?;
        }
        let run = self.order.run;
        let now = (self.now)();
        let mut applied = Applied { stopped: self.stopped.take(), ..Applied::default() };
        for (outcome, records) in self.journal.count_outcomes(run)? {
            match outcome {
                Some(outcome) => drop(applied.outcomes.insert(outcome, records)),
                None => applied.left = records,
            }
        }
        for (what, created, count) in self.journal.count_changes(run)? {
            match (what, created) {
                (Written::Deal, true) => applied.deals_created = count,
                (Written::Deal, false) => applied.deals_changed = count,
                (Written::Contact, true) => applied.contacts_created = count,
                (Written::Contact, false) => applied.contacts_changed = count,
                (Written::Comment, _) => applied.comments = count,
                (Written::Lead, _) => {}
            }
        }
        (applied.new_rejects, applied.rejects) = self.journal.count_rejects(run)?;
        applied.waiting = self.journal.retries(Some(&self.rules.name))?.len() as u64;
        self.statistics.find_deals = finding.deals;
        self.statistics.find_contacts = finding.contacts;
        let seconds = now.duration_since(self.began).as_secs_f64();
        self.statistics.end(requests, applied.outcomes.values().sum(), seconds);
        applied.statistics = self.statistics;
        let reason = applied.stopped.as_ref().map(|error| crate::sending::chain(error));
        let state = if reason.is_some() { RunState::Stopped } else { RunState::Done };
        self.journal.set_state(run, state, reason.as_deref(), now)?;
        let tally = json(&applied)?;
        self.journal.set_results(run, &tally, &json(&applied.statistics)?)?;
        if applied.stopped.is_none() {
            self.journal.has_told(run)?;
        }
        Ok(applied)
    }

    fn queue_the_rest(&self) -> Result<(), ApplyError> {
        let (run, source) = (self.order.run, &self.rules.name);
        let mut after = 0;
        loop {
            let page = self.journal.pending(run, after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.position;
            self.journal.commit(|pen| {
                for spooled in page {
                    let job = Job::new(spooled.entry);
                    let reason = if self.order.sees_everything {
                        "its answer was lost, and it is looked for by the next run"
                    } else {
                        UNPROVED
                    };
                    let why = ("sync.outcome-unknown", reason);
                    pen.record(&self.state(&job, RecordOutcome::Unknown, Some(why.0)))?;
                    pen.retry(run, source, &job.entry, why, self.order.backoff, (self.now)())?;
                }
                Ok(())
            })?;
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, JournalError> {
    serde_json::to_string(value)
        .map_err(|source| JournalError::Damaged { what: "the results of a run", source })
}
