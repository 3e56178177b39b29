//! Requests: contacts, or deals with their comments. Each is an intent in the journal before it is sent.

use b24_client::crm::EntityType;
use b24_client::{Client, Params};
use futures::future::BoxFuture;

use super::calls::{Part, contact_fields, following, parts};
use super::fate::fates;
use super::flow::{COMMANDS, Flow};
use super::job::Job;
use super::land::{Ended, Group, Landed};
use super::{Apply, ApplyError};
use crate::sending::{RawCall, answered, sent};
use crate::sync::journal::{Command, NewIntent};
use crate::sync::mapping::Automation;

impl Apply<'_> {
    /// The next request that is worth sending now.
    pub(super) fn next_request(
        &mut self,
        flow: &mut Flow,
    ) -> Result<Option<BoxFuture<'static, Landed>>, ApplyError> {
        if flow.probing {
            return Ok(None);
        }
        if flow.automation == Automation::Skip
            && let Some(request) = self.next_import(flow)?
        {
            return Ok(Some(request));
        }
        if flow.automation == Automation::Run {
            // Without room no record comes that could bring further newcomers.
            let enough = flow.newcomers.len() >= COMMANDS || flow.exhausted || !flow.has_room();
            if enough && !flow.newcomers.is_empty() {
                return self.contacts(flow).map(Some);
            }
        }
        let jobs = flow.take_ready(self.rules);
        if jobs.is_empty() { Ok(None) } else { self.groups(jobs).map(Some) }
    }

    fn contacts(&mut self, flow: &mut Flow) -> Result<BoxFuture<'static, Landed>, ApplyError> {
        let count = flow.newcomers.len().min(COMMANDS);
        let identities: Vec<String> = flow.newcomers.drain(..count).collect();
        let mut intents = Vec::with_capacity(count);
        let mut calls = Vec::with_capacity(count);
        for identity in &identities {
            let Some(job) = flow.people.get(identity).and_then(|jobs| jobs.first()) else { continue };
            intents.push(new_contact(job, identity));
            let params = Params::new().set("entityTypeId", EntityType::Contact);
            calls.push(RawCall::write("crm.item.add", params.set("fields", contact_fields(job, self.rules))));
        }
        self.journal.intend(self.order.run, &self.rules.name, &intents, self.sending())?;
        flow.upstream += 1;
        let client = self.client.clone();
        Ok(Box::pin(async move {
            let answers = answered(&client, calls).await;
            let ended = Ended::of(&answers, |_| Command::ContactAdd);
            let fates = fates(answers, vec![None; identities.len()]);
            Landed::Contacts { identities, fates, ended, imported: None }
        }))
    }

    fn groups(&mut self, jobs: Vec<Job>) -> Result<BoxFuture<'static, Landed>, ApplyError> {
        let mut groups = Vec::with_capacity(jobs.len());
        let mut intents = Vec::new();
        for job in jobs {
            let parts = parts(&job, self.rules);
            intents.extend(parts.iter().map(|part| part.intent(&job.entry.key)));
            groups.push((job, parts));
        }
        self.journal.intend(self.order.run, &self.rules.name, &intents, self.sending())?;
        let client = self.client.clone();
        Ok(Box::pin(send_groups(client, groups)))
    }
}

pub(super) fn new_contact(job: &Job, identity: &str) -> NewIntent {
    NewIntent {
        key: job.entry.key.clone(),
        command: Command::ContactAdd,
        target: None,
        mark: Some(identity.to_owned()),
    }
}

async fn send_groups(client: Client, groups: Vec<(Job, Vec<Part>)>) -> Landed {
    let mut batch = client.batch();
    let (mut jobs, mut commands, mut slots) = (Vec::with_capacity(groups.len()), Vec::new(), Vec::new());
    for (job, parts) in groups {
        jobs.push((job, parts.len()));
        for part in parts {
            let call = match (commands.last(), slots.last()) {
                (Some((Command::DealAdd, _)), Some(deal)) if part.follows => following(part.call, deal),
                _ => part.call,
            };
            commands.push((part.command, part.target));
            slots.push(batch.add(call));
        }
    }
    let answers = sent(batch, slots).await;
    let ended = Ended::of(&answers, |place| commands.get(place).map_or(Command::DealAdd, |known| known.0));
    // A comment is new even where its deal was there before.
    let there =
        |(command, target): &(Command, Option<u64>)| target.filter(|_| *command != Command::CommentAdd);
    let fates = fates(answers, commands.iter().map(there));
    let mut fates = commands.iter().map(|(command, _)| *command).zip(fates);
    let settle = |(job, parts)| Group { job, fates: fates.by_ref().take(parts).collect() };
    Landed::Groups { groups: jobs.into_iter().map(settle).collect(), ended }
}
