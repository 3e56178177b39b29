//! Changes whose answers were lost: whether they were executed shows in the record, and they are kept under the run that
//! sent them, so that it can be taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use b24_client::Token;
use jiff::Timestamp;

use super::job::Job;
use super::land::linked;
use super::lost::Resolved;
use super::{Apply, ApplyError};
use crate::sync::Sight;
use crate::sync::entry::Change;
use crate::sync::journal::{Command, Intent, Pen, Written};
use crate::sync::look_up::{
    DealFields, LiveContact, LiveDeal, LiveLead, LookUpError, batch_find_contacts_by_ids,
    batch_find_deals_by_ids, batch_find_leads_by_ids,
};
use crate::sync::mapping::FieldRef;
use crate::sync::plan::is_written;

/// A change that was perhaps executed, with what was sent.
struct Sent {
    intent: Intent,
    changes: Vec<Change>,
}

/// What is there of a change.
enum Trace {
    /// These fields hold what was sent.
    Fields(Vec<Change>),
    /// The lead has the status that was sent.
    Status,
    Nothing,
}

/// The records that were perhaps changed, as they are now.
#[derive(Default)]
struct Live {
    deals: BTreeMap<u64, Sight<Arc<LiveDeal>>>,
    contacts: BTreeMap<u64, Sight<Arc<LiveContact>>>,
    leads: BTreeMap<u64, Sight<LiveLead>>,
}

impl Apply<'_> {
    /// Closes changes that earlier runs sent and that nobody can be executing any more. This run has planned its own
    /// already: it leaves them to the next one, whose plan sees what became of them.
    pub(super) async fn close_changes(
        &mut self,
        intents: Vec<Intent>,
        asked_at: Timestamp,
        resolved: &mut Resolved,
    ) -> Result<(), ApplyError> {
        let mut sent = Vec::new();
        for intent in intents.into_iter().filter(|intent| intent.run != self.order.run) {
            let settled_at = self.settled_at(&intent);
            if asked_at < settled_at {
                resolved.wait_until(settled_at);
            } else {
                sent.push(Sent { changes: self.sent(&intent)?, intent });
            }
        }
        if sent.is_empty() {
            return Ok(());
        }
        let live = self.live(&sent).await.map_err(ApplyError::LookUp)?;
        let traces: Vec<Sight<Trace>> = sent.iter().map(|sent| self.trace(sent, &live)).collect();
        self.journal.commit(|pen| {
            for (sent, trace) in sent.iter().zip(&traces) {
                if !matches!(trace, Sight::Unknown(_)) {
                    Self::close_change(pen, &sent.intent, trace)?;
                    resolved.settled += 1;
                }
            }
            Ok(())
        })?;
        for (sent, trace) in sent.into_iter().zip(traces) {
            if let Sight::Unknown(reason) = trace {
                tracing::debug!(key = sent.intent.key, reason, "a lost change cannot be looked up");
                self.hopeless.insert(sent.intent.key);
            }
        }
        Ok(())
    }

    fn close_change(
        pen: &Pen<'_>,
        intent: &Intent,
        trace: &Sight<Trace>,
    ) -> Result<(), crate::sync::JournalError> {
        let what = match intent.command {
            Command::ContactUpdate => Written::Contact,
            Command::LeadUpdate => Written::Lead,
            _ => Written::Deal,
        };
        let keep = |id: u64, change| pen.changed(intent.run, &intent.key, (what, id), change, intent.sent_at);
        match (trace, intent.target) {
            (Sight::Found(Trace::Fields(changes)), Some(id)) => {
                changes.iter().try_for_each(|change| keep(id, Some(change)))?;
            }
            (Sight::Found(Trace::Status), Some(id)) => keep(id, None)?,
            _ => {}
        }
        pen.close(&intent.key, intent.command)
    }

    /// The changes that a write contained, as long as its plan is kept.
    fn sent(&self, intent: &Intent) -> Result<Vec<Change>, ApplyError> {
        let Some(entry) = self.journal.planned_for(intent.run, &intent.key)? else { return Ok(Vec::new()) };
        let mut job = Job::new(entry);
        if let Some(identity) = job.newcomer() {
            job.contact = self.journal.contacts(&[identity], Timestamp::MIN)?.get(identity).copied();
        }
        Ok(match intent.command {
            Command::ContactUpdate => job.contact_changes().map(|(_, changes)| changes.to_vec()),
            Command::DealUpdate => job
                .deal_changes()
                .map(|(changes, link)| changes.iter().cloned().chain(link.map(linked)).collect()),
            _ => None,
        }
        .unwrap_or_default())
    }

    async fn live(&self, sent: &[Sent]) -> Result<Live, LookUpError> {
        let of = |command: Command| -> (Vec<u64>, Vec<String>) {
            let sent = || sent.iter().filter(|sent| sent.intent.command == command);
            let ids: BTreeSet<u64> = sent().filter_map(|sent| sent.intent.target).collect();
            let names: BTreeSet<&String> =
                sent().flat_map(|sent| &sent.changes).map(|change| &change.original).collect();
            (ids.into_iter().collect(), names.into_iter().cloned().collect())
        };
        let mut live = Live::default();
        let (ids, mut names) = of(Command::DealUpdate);
        if !ids.is_empty() {
            let key = self.rules.key.field.original.clone();
            names.retain(|name| *name != key);
            let fields = DealFields { key, others: names };
            live.deals = batch_find_deals_by_ids(&self.client, &fields, &ids).await?;
        }
        let (ids, names) = of(Command::ContactUpdate);
        if !ids.is_empty() {
            live.contacts = batch_find_contacts_by_ids(&self.client, &ids, &names).await?;
        }
        let (ids, _) = of(Command::LeadUpdate);
        if !ids.is_empty() {
            live.leads = batch_find_leads_by_ids(&self.client, &ids).await?;
        }
        Ok(live)
    }

    fn trace(&self, sent: &Sent, live: &Live) -> Sight<Trace> {
        let id = sent.intent.target.unwrap_or_default();
        let rules = self.rules;
        match sent.intent.command {
            Command::ContactUpdate => {
                let fields = rules.contact.iter().flat_map(|contact| &contact.fields).map(|rule| &rule.field);
                let fields: Vec<&FieldRef> = fields.collect();
                self.seen(live.contacts.get(&id), |card| {
                    Trace::Fields(written(&sent.changes, &fields, |name| card.token(name)))
                })
            }
            Command::LeadUpdate => {
                let status = rules.leads.as_ref().and_then(|leads| leads.status.as_ref());
                self.seen(live.leads.get(&id), |lead| {
                    if status == Some(&lead.status) { Trace::Status } else { Trace::Nothing }
                })
            }
            _ => {
                let fields = rules.deal.iter().map(|rule| &rule.field).chain([&rules.key.field]);
                let fields: Vec<&FieldRef> = fields.collect();
                self.seen(live.deals.get(&id), |deal| {
                    Trace::Fields(written(&sent.changes, &fields, |name| deal.token(name)))
                })
            }
        }
    }

    /// What is not there was deleted, unless the user may not see everything.
    fn seen<T>(&self, sight: Option<&Sight<T>>, trace: impl FnOnce(&T) -> Trace) -> Sight<Trace> {
        match sight {
            Some(Sight::Found(record)) => Sight::Found(trace(record)),
            Some(Sight::Absent) if self.order.sees_everything => Sight::Absent,
            Some(Sight::Absent) => Sight::Unknown("it cannot be seen".to_owned()),
            Some(Sight::Unknown(reason)) => Sight::Unknown(reason.clone()),
            None => Sight::Unknown("it was not asked for".to_owned()),
        }
    }
}

fn written<'a>(
    changes: &[Change],
    fields: &[&FieldRef],
    token: impl Fn(&str) -> Option<&'a Token>,
) -> Vec<Change> {
    changes.iter().filter(|change| is_written(change, fields, token(&change.original))).cloned().collect()
}
