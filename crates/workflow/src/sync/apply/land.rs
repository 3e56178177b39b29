//! What came of a request goes into the journal in one transaction.

use b24_client::crm::EntityType;
use b24_client::{BatchError, CallError};

use super::fate::Fate;
use super::flow::Flow;
use super::import::{Imported, seconds};
use super::job::Job;
use super::load::reject;
use super::right::ImportRefused;
use super::{Apply, ApplyError};
use crate::sending::{Answers, useless};
use crate::sync::entry::Change;
use crate::sync::journal::{Command, JournalError, Pen, RecordOutcome, Written, comment_hash};
use crate::sync::value::{FieldValue, ValueKind};

/// A request that has come back.
pub(super) enum Landed {
    /// Persons.
    Contacts { identities: Vec<String>, fates: Vec<Fate>, ended: Ended, imported: Option<Imported> },
    /// Deals of an import.
    Deals { jobs: Vec<Job>, fates: Vec<Fate>, ended: Ended, imported: Imported },
    /// Deals and what belongs to them.
    Groups { groups: Vec<Group>, ended: Ended },
}

/// A record and what became of its commands.
pub(super) struct Group {
    pub(super) job: Job,
    pub(super) fates: Vec<(Command, Fate)>,
}

impl Group {
    /// The deal that its comment was to follow is known not to be there.
    fn has_no_deal(&self) -> bool {
        let no_deal = |(command, fate): &(Command, Fate)| {
            *command == Command::DealAdd && matches!(fate, Fate::Refused(_) | Fate::NotSent(_))
        };
        self.fates.iter().any(no_deal)
    }
}

/// How a request ended as a whole.
pub(super) struct Ended {
    stop: Option<CallError>,
    broken: Option<BatchError>,
    /// The user may not import.
    refused: Option<ImportRefused>,
    times: Vec<(Command, Option<f64>)>,
}

impl Ended {
    pub(super) fn of(answers: &Answers, command: impl Fn(usize) -> Command) -> Self {
        let each = answers.as_deref().unwrap_or_default();
        let times = each.iter().enumerate();
        let times = times.map(|(place, answer)| (command(place), seconds(answer))).collect();
        Self { stop: useless(each), broken: answers.as_ref().err().cloned(), refused: None, times }
    }

    /// Whether nothing more is to be sent: records without an outcome are left to the next run.
    fn stops(&self) -> bool {
        self.stop.is_some() || self.refused.is_some()
    }
}

type Journalled<T> = Result<T, JournalError>;

impl Apply<'_> {
    /// Writes what came of a request. Says how many records have an outcome by that.
    pub(super) fn land(&mut self, landed: Landed, flow: &mut Flow) -> Result<u64, ApplyError> {
        let (settled, ended) = match landed {
            Landed::Contacts { identities, mut fates, mut ended, imported } => {
                flow.upstream -= 1;
                if let Some(imported) = imported {
                    note(&mut flow.contact_pace, &imported);
                    ended.refused = flow.learn(EntityType::Contact, imported, &mut fates);
                }
                let people =
                    identities.iter().map(|identity| flow.people.remove(identity).unwrap_or_default());
                let sent = people.zip(fates).collect();
                (self.land_created(Command::ContactAdd, sent, flow, ended.stops())?, ended)
            }
            Landed::Deals { jobs, mut fates, mut ended, imported } => {
                flow.upstream -= 1;
                note(&mut flow.deal_pace, &imported);
                ended.refused = flow.learn(EntityType::Deal, imported, &mut fates);
                let sent = jobs.into_iter().map(|job| vec![job]).zip(fates).collect();
                (self.land_created(Command::DealAdd, sent, flow, ended.stops())?, ended)
            }
            Landed::Groups { groups, ended } => {
                flow.loaded -= groups.len();
                let stopping = ended.stop.is_some();
                let settled = self.journal.commit(|pen| {
                    let settle = |group: &Group| self.settle_group(pen, group, stopping).map(u64::from);
                    groups.iter().map(settle).sum::<Journalled<u64>>()
                })?;
                (settled, ended)
            }
        };
        for (command, seconds) in ended.times {
            self.statistics.note(command, seconds);
        }
        if let Some(error) = ended.broken {
            return Err(ApplyError::Batch { what: "records", source: Box::new(error) });
        }
        if let Some(refused) = ended.refused {
            return Err(ApplyError::ImportRefused(refused));
        }
        self.stopped = self.stopped.take().or(ended.stop);
        Ok(settled)
    }

    /// Persons and deals that were created: records with something left to be written go on, the others have an outcome.
    fn land_created(
        &self,
        command: Command,
        sent: Vec<(Vec<Job>, Fate)>,
        flow: &mut Flow,
        stopping: bool,
    ) -> Result<u64, ApplyError> {
        let mut arrived = Vec::new();
        let settled = self.journal.commit(|pen| {
            let mut settled = 0;
            for (mut jobs, fate) in sent {
                if let Fate::Done(id) = fate
                    && self.goes_on(pen, command, &mut jobs, id)?
                {
                    arrived.extend(jobs);
                    continue;
                }
                flow.loaded -= jobs.len();
                let fates = vec![(command, fate)];
                for job in jobs {
                    // Of records that share a person only the first was sent; the others share its fate.
                    let group = Group { job, fates: fates.clone() };
                    settled += u64::from(self.settle_group(pen, &group, stopping)?);
                }
            }
            Ok(settled)
        })?;
        for job in arrived {
            flow.enter(job);
        }
        Ok(settled)
    }

    /// Keeps what was created for these records, where something is left to be written.
    fn goes_on(&self, pen: &Pen<'_>, command: Command, jobs: &mut [Job], id: u64) -> Journalled<bool> {
        let Some(first) = jobs.first() else { return Ok(false) };
        let key = &first.entry.key;
        if command == Command::ContactAdd {
            self.contact_is_there(pen, key, first.newcomer().unwrap_or_default(), id)?;
            for job in jobs {
                job.contact = Some(id);
            }
        } else if first.comment().is_some() {
            pen.close(key, command)?;
            self.written(pen, first, command, id)?;
            for job in jobs {
                job.deal = Some(id);
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    pub(super) fn contact_is_there(
        &self,
        pen: &Pen<'_>,
        key: &str,
        identity: &str,
        id: u64,
    ) -> Journalled<()> {
        let now = (self.now)();
        pen.close(key, Command::ContactAdd)?;
        pen.identify(identity, id, key, now)?;
        pen.changed(self.order.run, key, (Written::Contact, id), None, now)
    }

    /// Says whether the record has an outcome now.
    fn settle_group(&self, pen: &Pen<'_>, group: &Group, stopping: bool) -> Journalled<bool> {
        let now = (self.now)();
        let (key, mut job) = (&group.job.entry.key, group.job.clone());
        let (mut refused, mut not_sent, mut is_lost) = (None, None, false);
        let homeless = group.has_no_deal();
        for (command, fate) in &group.fates {
            match fate {
                // It was refused, too, even if nobody heard that.
                Fate::Lost(_) if homeless && *command == Command::CommentAdd => {}
                Fate::Lost(reason) => {
                    tracing::debug!(key, command = command.as_str(), reason, "an answer was lost");
                    pen.lose(key, *command, now)?;
                    if let (Command::CommentAdd, Some(deal)) = (*command, job.deal) {
                        pen.aim(key, *command, deal)?;
                    }
                    is_lost = true;
                    continue;
                }
                Fate::NotSent(reason) => drop(not_sent.get_or_insert(reason)),
                Fate::Refused(text) => drop(refused.get_or_insert((*command, text))),
                Fate::Done(id) => {
                    self.written(pen, &job, *command, *id)?;
                    if *command == Command::DealAdd {
                        job.deal = Some(*id);
                    }
                }
            }
            pen.close(key, *command)?;
        }
        if is_lost || stopping {
            return Ok(false);
        }
        self.outcome(pen, &job, refused, not_sent.map(String::as_str))?;
        Ok(true)
    }

    fn outcome(
        &self,
        pen: &Pen<'_>,
        job: &Job,
        refused: Option<(Command, &String)>,
        not_sent: Option<&str>,
    ) -> Journalled<()> {
        let (run, source, now) = (self.order.run, &self.rules.name, (self.now)());
        if let Some((command, text)) = refused {
            let (code, hint) = refusal(command);
            pen.record(&self.state(job, RecordOutcome::Rejected, Some(code)))?;
            return pen.reject(run, source, &reject(job, code, text, hint), now);
        }
        if let Some(reason) = not_sent {
            let why = ("sync.not-sent", reason);
            pen.record(&self.state(job, RecordOutcome::NotSent, Some(why.0)))?;
            return pen.retry(run, source, &job.entry, why, self.order.backoff, now);
        }
        let created = matches!(job.entry.action, crate::sync::entry::Action::Create(_));
        let outcome = if created { RecordOutcome::Created } else { RecordOutcome::Updated };
        self.settled(pen, job, outcome, None)
    }

    /// Keeps what a command wrote.
    pub(super) fn written(&self, pen: &Pen<'_>, job: &Job, command: Command, id: u64) -> Journalled<()> {
        let (run, key, now) = (self.order.run, &job.entry.key, (self.now)());
        let keep = |what: Written, change: Option<&Change>| pen.changed(run, key, (what, id), change, now);
        match command {
            Command::ContactAdd => keep(Written::Contact, None),
            Command::DealAdd => keep(Written::Deal, None),
            Command::LeadUpdate => keep(Written::Lead, None),
            Command::ContactUpdate => {
                let changes = job.contact_changes().map(|(_, changes)| changes).unwrap_or_default();
                changes.iter().try_for_each(|change| keep(Written::Contact, Some(change)))
            }
            Command::DealUpdate => {
                let (changes, link) = job.deal_changes().unwrap_or_default();
                changes.iter().try_for_each(|change| keep(Written::Deal, Some(change)))?;
                link.map_or(Ok(()), |contact| keep(Written::Deal, Some(&linked(contact))))
            }
            Command::CommentAdd => {
                if let (Some(deal), Some(text)) = (job.deal, job.comment()) {
                    pen.posted(deal, &comment_hash(text), Some(id), now)?;
                }
                keep(Written::Comment, None)
            }
        }
    }
}

fn note(pace: &mut super::pace::Pace, imported: &Imported) {
    if imported.items == 0 {
        pace.lost();
    } else {
        pace.measured(imported.seconds, imported.items);
    }
}

/// A deal that had no contact gets one.
pub(super) fn linked(contact: u64) -> Change {
    Change {
        name: "contactId".to_owned(),
        original: "CONTACT_ID".to_owned(),
        title: "Контакт".to_owned(),
        before: FieldValue::empty(ValueKind::Integer),
        after: FieldValue::one(ValueKind::Integer, contact.to_string()),
    }
}

fn refusal(command: Command) -> (&'static str, &'static str) {
    match command {
        Command::ContactAdd => {
            ("sync.contact-refused", "correct the person's data in the source, or the mapping")
        }
        Command::ContactUpdate => {
            ("sync.contact-refused", "correct the person's data, or look whether the contact is still there")
        }
        Command::DealAdd => ("sync.deal-refused", "correct the record in the source, or the mapping"),
        Command::DealUpdate => {
            ("sync.deal-refused", "correct the record, or look whether the deal is still there")
        }
        Command::CommentAdd => {
            ("sync.comment-refused", "the deal is written; look at the comment's template")
        }
        Command::LeadUpdate => {
            ("sync.lead-refused", "the deal is written; look at the status of the mapping's leads")
        }
    }
}
