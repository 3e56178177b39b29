//! Creation without robots: `crm.item.batchImport`, 20 items a command.

use b24_client::crm::EntityType;
use b24_client::{Outcome, Params};
use futures::future::BoxFuture;

use super::calls::{contact_fields, deal_fields, key_sent};
use super::fate::{Fate, import_fates};
use super::flow::Flow;
use super::group::new_contact;
use super::job::Job;
use super::land::{Ended, Landed};
use super::right::{is_refusal, is_refused_item};
use super::{Apply, ApplyError};
use crate::sending::{Answer, Answers, RawCall, answered, chain};
use crate::sync::journal::{Command, NewIntent};

/// What an import showed about the portal: its speed, and what the user may do.
#[derive(Debug, Clone, Default)]
pub(super) struct Imported {
    pub(super) seconds: Option<f64>,
    pub(super) items: usize,
    /// Something was created.
    pub(super) created: bool,
    /// What the portal says when it refuses every item for want of the right.
    pub(super) refused: Option<String>,
}

impl Apply<'_> {
    pub(super) fn next_import(
        &mut self,
        flow: &mut Flow,
    ) -> Result<Option<BoxFuture<'static, Landed>>, ApplyError> {
        let deals_show_the_right = !flow.proved.deals
            && !flow.imports.is_empty()
            && (flow.proved.contacts || flow.newcomers.is_empty());
        if !flow.newcomers.is_empty()
            && !deals_show_the_right
            && let Some((command, request)) = flow.contact_pace.next()
            && (flow.newcomers.len() >= request || flow.exhausted || !flow.has_room())
        {
            return self.import_contacts(flow, command, request).map(Some);
        }
        if !flow.imports.is_empty()
            && let Some((command, request)) = flow.deal_pace.next()
            && (flow.imports.len() >= request
                || deals_show_the_right
                || flow.is_last_of_deals()
                || is_stuck(flow))
        {
            return self.import_deals(flow, command, request).map(Some);
        }
        Ok(None)
    }

    fn import_contacts(
        &mut self,
        flow: &mut Flow,
        command: usize,
        request: usize,
    ) -> Result<BoxFuture<'static, Landed>, ApplyError> {
        let count = flow.newcomers.len().min(request);
        let identities: Vec<String> = flow.newcomers.drain(..count).collect();
        let (mut intents, mut items) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for identity in &identities {
            let Some(job) = flow.people.get(identity).and_then(|jobs| jobs.first()) else { continue };
            intents.push(new_contact(job, identity));
            items.push(contact_fields(job, self.rules));
        }
        self.journal.intend(self.order.run, &self.rules.name, &intents, self.sending())?;
        flow.contact_pace.sent();
        flow.probing = !flow.proved.contacts;
        flow.upstream += 1;
        let (client, calls) = (self.client.clone(), imports(EntityType::Contact, &items, command));
        Ok(Box::pin(async move {
            let answers = answered(&client, calls).await;
            let (ended, fates, imported) = read(answers, count, command, Command::ContactAdd);
            Landed::Contacts { identities, fates, ended, imported: Some(imported) }
        }))
    }

    fn import_deals(
        &mut self,
        flow: &mut Flow,
        command: usize,
        request: usize,
    ) -> Result<BoxFuture<'static, Landed>, ApplyError> {
        let count = flow.imports.len().min(request);
        let jobs: Vec<Job> = flow.imports.drain(..count).collect();
        let (mut intents, mut items) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for job in &jobs {
            let fields = job.creation().unwrap_or_default();
            intents.push(NewIntent {
                key: job.entry.key.clone(),
                command: Command::DealAdd,
                target: None,
                mark: Some(key_sent(fields, job, self.rules)),
            });
            items.push(deal_fields(job, fields));
        }
        self.journal.intend(self.order.run, &self.rules.name, &intents, self.sending())?;
        flow.deal_pace.sent();
        flow.probing = !flow.proved.deals;
        flow.upstream += 1;
        let (client, calls) = (self.client.clone(), imports(EntityType::Deal, &items, command));
        Ok(Box::pin(async move {
            let answers = answered(&client, calls).await;
            let (ended, fates, imported) = read(answers, count, command, Command::DealAdd);
            Landed::Deals { jobs, fates, ended, imported }
        }))
    }
}

/// Memory is full, and nothing under way brings further deals.
fn is_stuck(flow: &Flow) -> bool {
    !flow.has_room() && flow.newcomers.is_empty() && flow.upstream == 0
}

fn imports(entity: EntityType, items: &[Params], command: usize) -> Vec<RawCall> {
    let call = |items: &[Params]| {
        let params = Params::new().set("entityTypeId", entity).set("data", items);
        RawCall::write("crm.item.batchImport", params)
    };
    items.chunks(command.max(1)).map(call).collect()
}

/// One fate for each item.
fn read(answers: Answers, items: usize, command: usize, what: Command) -> (Ended, Vec<Fate>, Imported) {
    let ended = Ended::of(&answers, |_| what);
    let mut imported = Imported::default();
    let answers = match answers {
        Ok(answers) => answers,
        Err(error) => return (ended, vec![Fate::NotSent(chain(&error)); items], imported),
    };
    let mut fates = Vec::with_capacity(items);
    for answer in answers {
        let sent = command.max(1).min(items - fates.len());
        if let Some(seconds) = seconds(&answer) {
            imported.seconds = Some(imported.seconds.unwrap_or_default() + seconds);
            imported.items += sent;
        }
        if let Outcome::Rejected(api) = &answer
            && is_refusal(api)
        {
            imported.refused = Some(api.to_string());
        }
        fates.extend(import_fates(answer, sent));
    }
    imported.created = fates.iter().any(|fate| matches!(fate, Fate::Done(_)));
    if let Some(Fate::Refused(text)) = fates.first()
        && fates.iter().all(|fate| matches!(fate, Fate::Refused(text) if is_refused_item(text)))
    {
        imported.refused = Some(text.clone());
    }
    (ended, fates, imported)
}

pub(super) fn seconds(answer: &Answer) -> Option<f64> {
    match answer {
        Outcome::Ok(reply) => reply.time.as_ref()?.duration,
        _ => None,
    }
}
