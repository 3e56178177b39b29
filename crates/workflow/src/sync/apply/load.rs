//! Entries come out of the journal; those that need no write have their outcome at once.

use std::collections::{HashMap, HashSet};

use super::calls::parts;
use super::flow::Flow;
use super::job::Job;
use super::{Apply, ApplyError};
use crate::person::shared_part;
use crate::sync::Reject;
use crate::sync::entry::Action;
use crate::sync::journal::{Command, NewReject, Pen, RecordOutcome, RecordState, Spooled};

/// Entries of a page.
const PAGE: u32 = 500;

/// Records and persons that were perhaps written already: nothing is sent for them before that is known.
#[derive(Debug, Default)]
struct Blocked {
    keys: HashSet<String>,
    identities: HashSet<String>,
}

/// Persons whom other runs were creating when this one began to write, by what their identities share.
///
/// One who has the same number and comes in another spelling may be one of them. This run's plan cannot know: such a
/// record is left to the next one, which finds what was created by number and name.
#[derive(Debug, Default)]
pub(super) struct Strangers(HashMap<String, HashSet<String>>);

impl Strangers {
    fn add(&mut self, identity: &str) {
        self.0.entry(shared_part(identity).to_owned()).or_default().insert(identity.to_owned());
    }

    fn may_include(&self, identity: &str) -> bool {
        self.0.get(shared_part(identity)).is_some_and(|known| !known.contains(identity))
    }
}

impl Apply<'_> {
    /// Loads the plan as long as there is room. Says how many entries have an outcome by that.
    pub(super) fn load(&mut self, flow: &mut Flow) -> Result<u64, ApplyError> {
        let mut settled = 0;
        while !flow.exhausted && flow.has_room() {
            let page = self.journal.pending(self.order.run, flow.after, PAGE)?;
            match page.last() {
                None => flow.exhausted = true,
                Some(last) => flow.after = last.position,
            }
            settled += self.admit(page, flow)?;
        }
        Ok(settled)
    }

    fn blocked(&mut self) -> Result<Blocked, ApplyError> {
        let mut blocked = Blocked::default();
        for intent in self.journal.open_intents()? {
            // What is under way gives its outcome when it lands.
            if intent.since.is_none() {
                continue;
            }
            if let Some(identity) = intent.mark.filter(|_| intent.command == Command::ContactAdd) {
                if intent.run != self.order.run {
                    self.strangers.add(&identity);
                }
                blocked.identities.insert(identity);
            }
            blocked.keys.insert(intent.key);
        }
        Ok(blocked)
    }

    fn admit(&mut self, page: Vec<Spooled>, flow: &mut Flow) -> Result<u64, ApplyError> {
        let blocked = self.blocked()?;
        let mut jobs: Vec<Job> = page
            .into_iter()
            .map(|spooled| Job::new(spooled.entry))
            .filter(|job| !blocked.keys.contains(&job.entry.key))
            .collect();
        self.resume(&mut jobs)?;
        let mut done = Vec::new();
        for job in jobs {
            let identity = job.newcomer();
            let is_blocked = |new: &str| blocked.identities.contains(new) && !flow.people.contains_key(new);
            if identity.is_some_and(|new| is_blocked(new) || self.strangers.may_include(new)) {
                continue;
            }
            if identity.is_none() && parts(&job, self.rules).is_empty() {
                done.push(job);
            } else {
                flow.loaded += 1;
                flow.enter(job);
            }
        }
        self.journal.commit(|pen| done.iter().try_for_each(|job| self.settle_unwritten(pen, job)))?;
        Ok(done.len() as u64)
    }

    /// Leaves out what was written already: by this run before an answer was lost, or by looking for what was lost.
    fn resume(&self, jobs: &mut [Job]) -> Result<(), ApplyError> {
        let keys: Vec<&str> = jobs.iter().map(|job| job.entry.key.as_str()).collect();
        let progress = self.journal.progress(self.order.run, &keys)?;
        let identities: Vec<&str> = jobs.iter().filter_map(Job::newcomer).collect();
        let contacts = self.journal.contacts(&identities, self.began)?;
        for job in jobs.iter_mut() {
            if let Some(progress) = progress.get(&job.entry.key) {
                job.resume(*progress);
            }
            job.contact = job.contact.or_else(|| contacts.get(job.newcomer()?).copied());
        }
        let deals: Vec<u64> = jobs.iter().filter_map(|job| job.deal).collect();
        let posted = self.journal.posted(&deals)?;
        for job in jobs {
            let last = job.deal.and_then(|deal| posted.get(&deal));
            job.commented = last.is_some_and(|last| job.comment().is_some_and(|text| last.is(text)));
        }
        Ok(())
    }

    /// The outcome of a record that has nothing left to be written.
    fn settle_unwritten(&self, pen: &Pen<'_>, job: &Job) -> Result<(), crate::sync::JournalError> {
        let now = (self.now)();
        let run = self.order.run;
        let (outcome, code) = match &job.entry.action {
            Action::Create(_) => (RecordOutcome::Created, None),
            Action::Update(_) => (RecordOutcome::Updated, None),
            Action::Unchanged { .. } => (RecordOutcome::Unchanged, None),
            Action::Skipped { code, .. } => (RecordOutcome::Skipped, Some(code.as_str())),
            Action::Conflict { code, message, links } => {
                let hint =
                    if links.is_empty() { "decide which is right".to_owned() } else { links.join(" ") };
                let reject = reject(job, code, message, &hint);
                pen.reject(run, &self.rules.name, &reject, now)?;
                (RecordOutcome::Conflict, Some(code.as_str()))
            }
            Action::Unknown { reason } => {
                let why = ("sync.look-up-unanswered", reason.as_str());
                pen.retry(run, &self.rules.name, &job.entry, why, self.order.backoff, now)?;
                (RecordOutcome::Unknown, Some(why.0))
            }
        };
        self.settled(pen, job, outcome, code)
    }

    /// The outcome of a record, and with a good one what it wanted.
    pub(super) fn settled(
        &self,
        pen: &Pen<'_>,
        job: &Job,
        outcome: RecordOutcome,
        code: Option<&str>,
    ) -> Result<(), crate::sync::JournalError> {
        if let (Some(imprint), Some(deal), true) = (job.entry.imprint, job.deal, outcome.is_good()) {
            pen.imprint(&job.entry.key, deal, imprint)?;
        }
        pen.record(&self.state(job, outcome, code))
    }

    pub(super) fn state(&self, job: &Job, outcome: RecordOutcome, code: Option<&str>) -> RecordState {
        RecordState {
            key: job.entry.key.clone(),
            source: self.rules.name.clone(),
            deal: job.deal,
            contact: job.contact,
            outcome,
            code: code.map(str::to_owned),
            line: job.entry.line,
            run: self.order.run,
            at: (self.now)(),
        }
    }
}

/// A record that is put aside.
pub(super) fn reject(job: &Job, code: &str, message: &str, hint: &str) -> NewReject {
    NewReject {
        reject: Reject {
            code: code.to_owned(),
            key: Some(job.entry.key.clone()),
            line: job.entry.line,
            field: None,
            value: None,
            message: message.to_owned(),
            hint: hint.to_owned(),
        },
        cursor: job.entry.cursor.clone(),
        row: None,
    }
}
