//! Whether the portal still is as it was when a saved plan was made: judged for each entry, on the fields it would write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use b24_client::{Client, Token};

use super::PlanError;
use super::decide::{Deals, contact_link, deal_link};
use super::person::{is_nameless, same_name};
use super::window::{contact_fields, deal_fields, origin};
use crate::sync::entry::{Action, Change, ContactChoice, Creation, Entry, Update};
use crate::sync::look_up::{
    LiveContact, LiveDeal, PhoneOwners, batch_find_contacts_by_ids, batch_find_contacts_by_origin,
    batch_find_contacts_by_phones, batch_find_deals_by_external_ids, batch_find_deals_by_ids,
};
use crate::sync::mapping::{ClosedDeals, ContactMatch, FieldRef, Hold, Resolved};
use crate::sync::value::FieldValue;
use crate::sync::{Sight, look_up};

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
}

/// Reads what entries depend on, with the same batches as planning. `ours` are contacts that this run has created: they
/// are no news.
///
/// # Errors
/// As [`Planner::look_up`](super::Planner::look_up).
pub async fn read_live(
    client: &Client,
    rules: &Resolved,
    entries: &[Entry],
    ours: &BTreeSet<u64>,
) -> Result<Vec<Live>, PlanError> {
    let fields = deal_fields(rules);
    let (mut keys, mut deals, mut contacts, mut phones) =
        (Vec::new(), BTreeSet::new(), BTreeSet::new(), Vec::new());
    for entry in entries {
        match &entry.action {
            Action::Create(creation) => keys.extend(new_key(creation, rules)),
            Action::Update(update) => drop(deals.insert(update.deal)),
            _ => continue,
        }
        match choice(entry) {
            Some(ContactChoice::Use { id, .. }) => drop(contacts.insert(*id)),
            Some(ContactChoice::Create { phones: numbers, .. }) => phones.extend(numbers.iter().cloned()),
            _ => {}
        }
    }
    // Nothing asked makes no request.
    let by_key = batch_find_deals_by_external_ids(client, &fields, &keys).await?;
    let (deals, contacts): (Vec<u64>, Vec<u64>) =
        (deals.into_iter().collect(), contacts.into_iter().collect());
    let deals = batch_find_deals_by_ids(client, &fields, &deals).await?;
    let contacts = batch_find_contacts_by_ids(client, &contacts, &contact_fields(rules)).await?;
    let phoneless: Vec<String> =
        entries.iter().filter(|entry| is_phoneless(entry)).map(|entry| entry.key.clone()).collect();
    let mut by_origin = match origin(rules) {
        Some(origin) => batch_find_contacts_by_origin(client, origin, &phoneless, &[]).await?,
        None => BTreeMap::new(),
    };
    let mut owners = PhoneOwners::new(Vec::new());
    let mut people = batch_find_contacts_by_phones(client, &phones, &mut owners).await?;
    for sight in people.values_mut().chain(by_origin.values_mut()) {
        if let Sight::Found(found) = sight {
            found.retain(|card| !ours.contains(&card.id));
        }
    }
    let live = |entry: &Entry| Live {
        rivals: match &entry.action {
            Action::Create(creation) => new_key(creation, rules).and_then(|key| by_key.get(&key).cloned()),
            _ => None,
        },
        deal: match &entry.action {
            Action::Update(update) => deals.get(&update.deal).cloned(),
            _ => None,
        },
        contact: match choice(entry) {
            Some(ContactChoice::Use { id, .. }) => contacts.get(id).cloned(),
            _ => None,
        },
        people: match choice(entry) {
            Some(ContactChoice::Create { phones, .. }) if phones.is_empty() => {
                by_origin.get(&entry.key).cloned()
            }
            Some(ContactChoice::Create { phones, .. }) => {
                Some(look_up::all(phones.iter().filter_map(|phone| people.get(phone).cloned()).collect()))
            }
            _ => None,
        },
    };
    Ok(entries.iter().map(live).collect())
}

/// What becomes of an entry that no longer fits the portal: a conflict, or unknown when the portal did not say. None for
/// an entry that can be written.
#[must_use]
pub fn stale(entry: &Entry, live: &Live, rules: &Resolved, site: &str) -> Option<Action> {
    let judged = match &entry.action {
        Action::Create(creation) => {
            key_is_free(live, rules, site).and_then(|()| person(&creation.contact, None, live, rules, site))
        }
        Action::Update(update) => deal_is_same(update, live, rules, site)
            .and_then(|deal| person(&update.contact, Some(deal), live, rules, site)),
        _ => Ok(()),
    };
    judged.err().map(|action| *action)
}

type Judged<T> = Result<T, Box<Action>>;

fn conflict<T>(message: String, link: String) -> Judged<T> {
    Err(Box::new(Action::Conflict { code: "sync.changed-since-plan".to_owned(), message, links: vec![link] }))
}

fn unknown<T>(reason: &str) -> Judged<T> {
    Err(Box::new(Action::Unknown { reason: reason.to_owned() }))
}

/// Whether a person is to be created who can only be found by the record.
fn is_phoneless(entry: &Entry) -> bool {
    matches!(choice(entry), Some(ContactChoice::Create { phones, .. }) if phones.is_empty())
}

fn choice(entry: &Entry) -> Option<&ContactChoice> {
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

fn key_is_free(live: &Live, rules: &Resolved, site: &str) -> Judged<()> {
    match &live.rivals {
        Some(Sight::Absent) => Ok(()),
        Some(Sight::Found(deals)) => {
            let rival = deals.iter().find(|deal| rules.closed != ClosedDeals::NewSameKey || !deal.closed);
            rival.map_or(Ok(()), |deal| {
                conflict("a deal with this key has appeared".to_owned(), deal_link(site, deal.id))
            })
        }
        Some(Sight::Unknown(reason)) => unknown(reason),
        None => unknown("the key was not looked up"),
    }
}

fn deal_is_same<'a>(update: &Update, live: &'a Live, rules: &Resolved, site: &str) -> Judged<&'a LiveDeal> {
    let link = || deal_link(site, update.deal);
    let deal = match &live.deal {
        Some(Sight::Found(deal)) => deal,
        Some(Sight::Absent) => return conflict("the deal is no longer there".to_owned(), link()),
        Some(Sight::Unknown(reason)) => return unknown(reason),
        None => return unknown("the deal was not looked up"),
    };
    let hold = rules.stages.hold(&deal.stage);
    if hold == Hold::Final || deal.closed && hold != Hold::Protected {
        return conflict("the deal has been closed".to_owned(), link());
    }
    let fields: Vec<&FieldRef> =
        rules.deal.iter().map(|rule| &rule.field).chain([&rules.key.field]).collect();
    match changed(&update.changes, &fields, |original| deal.token(original)) {
        Some(title) => conflict(format!("the deal was changed: {title}"), link()),
        None => Ok(deal),
    }
}

fn person(
    choice: &ContactChoice,
    deal: Option<&LiveDeal>,
    live: &Live,
    rules: &Resolved,
    site: &str,
) -> Judged<()> {
    let links = matches!(choice, ContactChoice::Create { .. } | ContactChoice::Use { link: true, .. });
    if let Some(deal) = deal.filter(|deal| links && deal.contact.is_some()) {
        return conflict("the deal has got a contact".to_owned(), deal_link(site, deal.id));
    }
    match choice {
        ContactChoice::None => Ok(()),
        ContactChoice::Use { changes, link, .. } if changes.is_empty() && !link => Ok(()),
        ContactChoice::Use { id, changes, .. } => match &live.contact {
            Some(Sight::Found(card)) => {
                let fields = rules.contact.iter().flat_map(|contact| &contact.fields);
                let fields: Vec<&FieldRef> = fields.map(|rule| &rule.field).collect();
                changed(changes, &fields, |original| card.token(original)).map_or(Ok(()), |title| {
                    conflict(format!("the contact was changed: {title}"), contact_link(site, *id))
                })
            }
            Some(Sight::Absent) => {
                conflict("the contact is no longer there".to_owned(), contact_link(site, *id))
            }
            Some(Sight::Unknown(reason)) => unknown(reason),
            None => unknown("the contact was not looked up"),
        },
        ContactChoice::Create { name, phones, .. } => match &live.people {
            Some(Sight::Found(people)) => {
                let by_phone =
                    rules.contact.as_ref().is_some_and(|rule| rule.match_by == ContactMatch::Phone);
                let is_anybody = by_phone || phones.is_empty() || is_nameless(name);
                let fits = |card: &&Arc<LiveContact>| is_anybody || same_name(name, &card.name);
                people.iter().find(fits).map_or(Ok(()), |card| {
                    conflict("a contact of this person has appeared".to_owned(), contact_link(site, card.id))
                })
            }
            Some(Sight::Absent) => Ok(()),
            Some(Sight::Unknown(reason)) => unknown(reason),
            None => unknown("contacts were not looked up"),
        },
    }
}

/// The title of the first field that has neither the value it had nor the one it shall get.
fn changed<'a, 'c>(
    changes: &'c [Change],
    fields: &[&FieldRef],
    live: impl Fn(&str) -> Option<&'a Token>,
) -> Option<&'c str> {
    let is_other = |change: &&Change| {
        let now = now(change, fields, live(&change.original));
        !now.is_some_and(|now| now.same(&change.before) || now.same(&change.after))
    };
    changes.iter().find(is_other).map(|change| change.title.as_str())
}

/// The value of a change's field now; none when it cannot be read.
pub(super) fn now(change: &Change, fields: &[&FieldRef], token: Option<&Token>) -> Option<FieldValue> {
    if let Some(field) = fields.iter().find(|field| field.name == change.name) {
        return field.read(token).ok();
    }
    let null = Token::null();
    FieldValue::from_wire(change.after.kind, change.after.multiple, token.unwrap_or(&null)).ok()
}
