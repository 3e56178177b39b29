//! Requests: contacts, or deals with their comments. Each is an intent in the journal before it is sent.

use b24_client::crm::EntityType;
use b24_client::{BatchError, CallError, Client, Outcome, Params};
use futures::future::BoxFuture;

use super::calls::{Part, RawCall, contact_fields, following, parts};
use super::fate::{Answer, fate};
use super::flow::{COMMANDS, Flow};
use super::job::Job;
use super::land::{Ended, Group, Landed};
use super::{Apply, ApplyError};
use crate::import::proves_not_executed;
use crate::sync::journal::{Command, NewIntent};
use crate::sync::mapping::Automation;

/// Answers to the commands of a request.
pub(super) struct Answers {
    pub(super) each: Vec<Answer>,
    /// Every further request would fail like this one.
    pub(super) stop: Option<CallError>,
    /// Nothing was sent.
    pub(super) broken: Option<BatchError>,
}

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
            let answers = ask(&client, calls).await;
            let ended = Ended::of(&answers, |_| Command::ContactAdd);
            let fates = answers.each.into_iter().map(|answer| fate(answer, None)).collect();
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
    let mut sent = Vec::with_capacity(groups.len());
    for (job, parts) in groups {
        let mut slots: Vec<(Command, Option<u64>, _)> = Vec::with_capacity(parts.len());
        for part in parts {
            let call = match slots.last() {
                Some((Command::DealAdd, _, deal)) if part.follows => following(part.call, deal),
                _ => part.call,
            };
            slots.push((part.command, part.target, batch.add(call)));
        }
        sent.push((job, slots));
    }
    let (mut reply, broken) = match batch.send().await {
        Ok(reply) => (Some(reply), None),
        Err(error) => (None, Some(error)),
    };
    let mut commands = Vec::new();
    let mut all = Answers { each: Vec::new(), stop: None, broken };
    let mut groups = Vec::with_capacity(sent.len());
    for (job, slots) in sent {
        let mut targets = Vec::with_capacity(slots.len());
        for (command, target, slot) in slots {
            commands.push(command);
            targets.push((command, target));
            all.each.push(match &mut reply {
                Some(reply) => reply.page(slot),
                None => Outcome::NotExecuted(b24_client::batch::Loss::Halted),
            });
        }
        groups.push((job, targets));
    }
    all.stop = useless(&all.each);
    let ended = Ended::of(&all, |place| commands.get(place).copied().unwrap_or(Command::DealAdd));
    let mut answers = all.each.into_iter();
    let settle = |(job, targets): (Job, Vec<(Command, Option<u64>)>)| Group {
        job,
        fates: targets
            .into_iter()
            .zip(answers.by_ref())
            .map(|((command, target), answer)| {
                // A comment is new even where its deal was there before.
                let target = target.filter(|_| command != Command::CommentAdd);
                (command, fate(answer, target))
            })
            .collect(),
    };
    Landed::Groups { groups: groups.into_iter().map(settle).collect(), ended }
}

/// Asks everything in one batch.
pub(super) async fn ask(client: &Client, calls: Vec<RawCall>) -> Answers {
    let mut batch = client.batch();
    let slots: Vec<_> = calls.into_iter().map(|call| batch.add(call)).collect();
    let count = slots.len();
    match batch.send().await {
        Ok(mut reply) => {
            let each: Vec<Answer> = slots.into_iter().map(|slot| reply.page(slot)).collect();
            let stop = useless(&each);
            Answers { each, stop, broken: None }
        }
        Err(error) => {
            let halted = || Outcome::NotExecuted(b24_client::batch::Loss::Halted);
            let each = std::iter::repeat_with(halted).take(count).collect();
            Answers { each, stop: None, broken: Some(error) }
        }
    }
}

/// When a whole request shows that the next ones will fail in the same way, nothing more is sent.
fn useless(answers: &[Answer]) -> Option<CallError> {
    if answers.iter().any(Outcome::is_ok) {
        return None;
    }
    let mut first = None;
    for answer in answers {
        let error = answer.clone().ok().err().filter(proves_not_executed)?;
        first.get_or_insert(error);
    }
    first
}
