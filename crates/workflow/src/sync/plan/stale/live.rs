//! What is on the portal now, as far as planned entries depend on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use b24_client::Client;

use crate::sync::Sight;
use crate::sync::entry::{Action, Change, ContactChoice, Creation, Entry};
use crate::sync::journal::PostedComment;
use crate::sync::look_up::{
    self, LiveContact, LiveDeal, LiveLead, PhoneOwners, batch_find_contacts_by_ids,
    batch_find_contacts_by_origin, batch_find_contacts_by_phones, batch_find_deals_by_external_ids,
    batch_find_deals_by_ids, batch_find_leads_by_ids,
};
use crate::sync::mapping::Resolved;
use crate::sync::plan::PlanError;
use crate::sync::plan::decide::Deals;
use crate::sync::plan::window::{contact_fields, deal_fields, origin};

/// What is on the portal now, as far as an entry depends on it.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// Deals with the key that would be created.
    pub rivals: Option<Deals>,
    /// The deal that would be changed.
    pub deal: Option<Sight<Arc<LiveDeal>>>,
    /// The contact that would be changed or linked.
    pub contact: Option<Sight<Arc<LiveContact>>>,
    /// Contacts with the numbers of the person who would be created; of one without, those created for the record.
    pub people: Option<Sight<Vec<Arc<LiveContact>>>>,
    /// The contact that the journal has for the person who would be created.
    pub our_contact: Option<u64>,
    /// The lead that would be linked.
    pub lead: Option<Sight<LiveLead>>,
    /// The comment that was posted last to the deal, as the journal has it.
    pub comment: Option<PostedComment>,
    /// The deal that was written for the record before, as the journal has it.
    pub ours: Option<u64>,
}

/// What is to be asked for a page of entries.
#[derive(Default)]
struct Questions {
    keys: Vec<String>,
    deals: BTreeSet<u64>,
    deal_fields: BTreeSet<String>,
    contacts: BTreeSet<u64>,
    contact_fields: BTreeSet<String>,
    phones: Vec<String>,
    /// Keys of records whose person has no number.
    phoneless: Vec<String>,
    leads: BTreeSet<u64>,
}

impl Questions {
    fn add(&mut self, entry: &Entry, rules: &Resolved) {
        let names = |changes: &[Change]| -> Vec<String> {
            changes.iter().map(|change| change.original.clone()).collect()
        };
        match &entry.action {
            Action::Create(creation) => {
                self.keys.extend(new_key(creation, rules));
                self.leads.extend(creation.lead);
            }
            Action::Update(update) => {
                self.deals.extend(update.deal);
                self.deal_fields.extend(names(&update.changes));
            }
            _ => return,
        }
        match choice(entry) {
            Some(ContactChoice::Use { id, changes, link }) if *link || !changes.is_empty() => {
                self.contacts.insert(*id);
                self.contact_fields.extend(names(changes));
            }
            Some(ContactChoice::Create { phones, .. }) if phones.is_empty() => {
                self.phoneless.push(entry.key.clone());
            }
            Some(ContactChoice::Create { phones, .. }) => self.phones.extend(phones.iter().cloned()),
            _ => {}
        }
    }
}

/// Reads what entries depend on, with the same batches as planning; nothing asked makes no request. What the
/// journal tells, [`Live::comment`] and [`Live::ours`], stays empty.
///
/// # Errors
/// As [`Planner::look_up`](crate::sync::Planner::look_up).
pub async fn read_live(client: &Client, rules: &Resolved, entries: &[Entry]) -> Result<Vec<Live>, PlanError> {
    let mut asked = Questions::default();
    for entry in entries {
        asked.add(entry, rules);
    }
    let mut fields = deal_fields(rules);
    // A run that is taken back has changed fields that the mapping only sets on creation.
    asked.deal_fields.retain(|name| !fields.others.contains(name) && *name != fields.key);
    fields.others.extend(asked.deal_fields);
    let mut of_contact = contact_fields(rules);
    asked.contact_fields.retain(|name| !of_contact.contains(name));
    of_contact.extend(asked.contact_fields);
    let list = |ids: BTreeSet<u64>| -> Vec<u64> { ids.into_iter().collect() };
    let by_key = batch_find_deals_by_external_ids(client, &fields, &asked.keys).await?;
    let deals = batch_find_deals_by_ids(client, &fields, &list(asked.deals)).await?;
    let contacts = batch_find_contacts_by_ids(client, &list(asked.contacts), &of_contact).await?;
    let leads = batch_find_leads_by_ids(client, &list(asked.leads)).await?;
    let mut owners = PhoneOwners::new(Vec::new());
    let people = batch_find_contacts_by_phones(client, &asked.phones, &mut owners).await?;
    let by_origin = match origin(rules) {
        Some(origin) => batch_find_contacts_by_origin(client, origin, &asked.phoneless, &[]).await?,
        None => BTreeMap::new(),
    };
    let live = |entry: &Entry| {
        let mut live = Live::default();
        match &entry.action {
            Action::Create(creation) => {
                live.rivals = new_key(creation, rules).and_then(|key| by_key.get(&key).cloned());
                live.lead = creation.lead.and_then(|lead| leads.get(&lead).cloned());
            }
            Action::Update(update) => live.deal = update.deal.and_then(|deal| deals.get(&deal)).cloned(),
            _ => return live,
        }
        match choice(entry) {
            Some(ContactChoice::Use { id, .. }) => live.contact = contacts.get(id).cloned(),
            Some(ContactChoice::Create { phones, .. }) if phones.is_empty() => {
                live.people = by_origin.get(&entry.key).cloned();
            }
            Some(ContactChoice::Create { phones, .. }) => live.people = Some(owners_of(phones, &people)),
            _ => {}
        }
        live
    };
    Ok(entries.iter().map(live).collect())
}

fn owners_of(
    phones: &[String],
    people: &BTreeMap<String, Sight<Vec<Arc<LiveContact>>>>,
) -> Sight<Vec<Arc<LiveContact>>> {
    look_up::all(phones.iter().filter_map(|phone| people.get(phone).cloned()).collect())
}

pub(super) fn choice(entry: &Entry) -> Option<&ContactChoice> {
    match &entry.action {
        Action::Create(creation) => Some(&creation.contact),
        Action::Update(update) => Some(&update.contact),
        _ => None,
    }
}

/// The key a creation writes, which may have a suffix.
fn new_key(creation: &Creation, rules: &Resolved) -> Option<String> {
    let field = creation.fields.iter().find(|field| field.name == rules.key.field.name)?;
    field.value.first().map(str::to_owned)
}
