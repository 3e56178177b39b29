//! What look-ups say about a window of records, with few requests.
//!
//! One batch asks for deals by key and for the contacts that are remembered. Only records that need more cause more:
//! those whose deal is closed ask for suffixed keys, those without a deal or a remembered person for telephone numbers, and
//! without one of these, too, for contacts that were created for their key.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use b24_client::Client;
use b24_client::crm::EntityType;

use super::PlanError;
use super::decide::{Choice, Context, Deals, Seen, choose_deal};
use super::person::is_nameless;
use crate::sync::look_up::{
    Cards, DealFields, KeyLookUp, LiveContact, LiveLead, LookUpError, Origin, PhoneOwners, Presence, all,
    batch_find_contacts_by_ids, batch_find_contacts_by_origin, batch_find_contacts_by_phones,
    batch_find_deals_by_external_ids, batch_find_leads_by_phones, batch_find_open_deals_without_key,
    batch_find_presence,
};
use crate::sync::mapping::Resolved;
use crate::sync::wanted::{Policy, Wanted};
use crate::sync::{Imprint, Sight};

/// A record with what is remembered about it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What the record wants.
    pub wanted: Wanted,
    /// What earlier runs wrote for its key.
    pub identity: Identity,
}

/// What earlier runs wrote for a key, as far as it is remembered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity {
    /// The deal.
    pub deal: Option<u64>,
    /// Its contact, or one that was created for a deal which was never written.
    pub contact: Option<u64>,
    /// The deal that it led to last, and what it wanted then.
    pub noted: Option<(u64, Imprint)>,
}

/// A window whose deals are looked up.
#[derive(Debug)]
pub(crate) struct SeenDeals {
    records: Vec<(Candidate, Seen)>,
}

/// A window whose look-ups are done.
#[derive(Debug)]
pub struct SeenWindow {
    pub(super) records: Vec<(Candidate, Seen)>,
    /// Whether anybody had to be looked up: most windows know everybody.
    pub(crate) asked_for_people: bool,
}

impl SeenWindow {
    /// Records that may have deals with keys of this window's: the key with a suffix of one is another one's own.
    pub(crate) fn kin(&self, rules: &Resolved) -> BTreeSet<String> {
        let kin = |(candidate, seen): &(Candidate, Seen)| -> Vec<String> {
            let suffixed = seen.deals.iter().skip(1).map(|(key, _)| key.clone());
            suffixed.chain(stem(&candidate.wanted.key, &rules.key.prefix).map(str::to_owned)).collect()
        };
        self.records.iter().flat_map(kin).collect()
    }

    /// Notes which deals were made for these other records.
    pub(crate) fn note_kin(&mut self, made: &HashMap<String, Vec<u64>>, rules: &Resolved) {
        for (candidate, seen) in &mut self.records {
            let own = &candidate.wanted.key;
            for (key, deals) in &seen.deals {
                let other = if key == own { stem(own, &rules.key.prefix) } else { Some(key.as_str()) };
                let (Some(other), Sight::Found(deals)) = (other, deals) else { continue };
                let theirs = made.get(other).map(Vec::as_slice).unwrap_or_default();
                let theirs = deals.iter().filter(|deal| theirs.contains(&deal.id));
                seen.of_others.extend(theirs.map(|deal| (deal.id, other.to_owned())));
            }
        }
    }
}

/// The key of the record whose further deal would have this key: `F1_1` of `F1_1_2`.
fn stem<'k>(key: &'k str, prefix: &str) -> Option<&'k str> {
    let (stem, number) = key.rsplit_once('_')?;
    let is_suffix = number.parse::<u32>().is_ok_and(|turn| turn > 1 && turn.to_string() == number);
    (is_suffix && stem.len() > prefix.len()).then_some(stem)
}

/// Looks up the deals of a window.
pub(crate) async fn find_deals(
    client: &Client,
    rules: &Resolved,
    site: &str,
    window: Vec<Candidate>,
) -> Result<SeenDeals, PlanError> {
    let search = Search::new(client, rules, site);
    let mut records = search.by_key(window).await?;
    search.suffixes(&mut records).await?;
    search.remembered(&mut records).await?;
    Ok(SeenDeals { records })
}

/// Looks up the people of a window whose deals are known.
pub(crate) async fn find_people(
    client: &Client,
    rules: &Resolved,
    site: &str,
    deals: SeenDeals,
) -> Result<SeenWindow, PlanError> {
    let (search, mut records) = (Search::new(client, rules, site), deals.records);
    let asked_for_people = search.people(&mut records).await?;
    if rules.adopt {
        search.adoptable(&mut records).await?;
    }
    Ok(SeenWindow { records, asked_for_people })
}

/// The fields of deals that a mapping looks at.
pub(super) fn deal_fields(rules: &Resolved) -> DealFields {
    let others = rules.deal.iter().filter(|rule| rule.policy != Policy::CreateOnly);
    DealFields {
        key: rules.key.field.original.clone(),
        others: others.map(|rule| rule.field.original.clone()).collect(),
    }
}

/// The fields of contacts that a mapping may change.
pub(super) fn contact_fields(rules: &Resolved) -> Vec<String> {
    let fields = rules.contact.iter().flat_map(|contact| &contact.fields);
    fields.filter(|rule| rule.policy != Policy::CreateOnly).map(|rule| rule.field.original.clone()).collect()
}

/// How contacts are found again that the mapping's source created.
pub(super) fn origin(rules: &Resolved) -> Option<Origin<'_>> {
    let contact = rules.contact.as_ref()?;
    Some(Origin { originator: &rules.originator, field: &contact.identity_field.original })
}

struct Search<'a> {
    client: &'a Client,
    rules: &'a Resolved,
    site: &'a str,
    fields: DealFields,
    contact_fields: Vec<String>,
}

impl<'a> Search<'a> {
    fn new(client: &'a Client, rules: &'a Resolved, site: &'a str) -> Self {
        Self { client, rules, site, fields: deal_fields(rules), contact_fields: contact_fields(rules) }
    }

    /// Deals by key, and remembered contacts whose values matter, in one batch.
    async fn by_key(&self, window: Vec<Candidate>) -> Result<Vec<(Candidate, Seen)>, PlanError> {
        let keys: Vec<String> = window.iter().map(|candidate| candidate.wanted.key.clone()).collect();
        let remembered: BTreeSet<u64> = window
            .iter()
            .filter(|candidate| candidate.wanted.contact.is_some() && !self.contact_fields.is_empty())
            .filter_map(|candidate| candidate.identity.contact)
            .collect();
        let remembered: Vec<u64> = remembered.into_iter().collect();
        let mut batch = self.client.batch();
        let known: HashSet<&str> = window
            .iter()
            .filter(|candidate| candidate.identity.deal.is_some())
            .map(|candidate| candidate.wanted.key.as_str())
            .collect();
        let deals = KeyLookUp::add_expecting(&mut batch, &self.fields, &keys, |key| known.contains(key));
        let cards = Cards::of_contacts(&mut batch, &remembered, &self.contact_fields);
        let mut reply = batch.send().await.map_err(|source| LookUpError::Batch {
            what: "deals by their external keys",
            source: Box::new(source),
        })?;
        let deals = deals.found(self.client, &mut reply).await?;
        let cards = cards.contacts(self.client, &mut reply).await;
        let seen = |candidate: &Candidate| {
            let key = &candidate.wanted.key;
            let missing = || Sight::Unknown("the key was not asked for".to_owned());
            Seen {
                deals: vec![(key.clone(), deals.get(key).cloned().unwrap_or_else(missing))],
                card: candidate.identity.contact.and_then(|contact| cards.get(&contact).cloned()),
                people: None,
                leads: None,
                adoptable: None,
                remembered: None,
                noted: candidate.identity.noted,
                of_others: Vec::new(),
            }
        };
        Ok(window.into_iter().map(|candidate| (seen(&candidate), candidate)).map(|(a, b)| (b, a)).collect())
    }

    /// Keys with suffixes, as long as the deals of the keys before are all closed.
    async fn suffixes(&self, records: &mut [(Candidate, Seen)]) -> Result<(), PlanError> {
        loop {
            let mut wanted: BTreeMap<usize, String> = BTreeMap::new();
            for (place, (candidate, seen)) in records.iter().enumerate() {
                if let Choice::NeedsKey(key) = self.choice(candidate, seen) {
                    wanted.insert(place, key);
                }
            }
            if wanted.is_empty() {
                return Ok(());
            }
            let keys: Vec<String> = wanted.values().cloned().collect();
            let found = batch_find_deals_by_external_ids(self.client, &self.fields, &keys).await?;
            for (place, key) in wanted {
                let sight = found.get(&key).cloned();
                let sight = sight.unwrap_or_else(|| Sight::Unknown("the key was not asked for".to_owned()));
                records[place].1.deals.push((key, sight));
            }
        }
    }

    /// Deals that were written for records whose key has none now: they may have lost their key.
    async fn remembered(&self, records: &mut [(Candidate, Seen)]) -> Result<(), PlanError> {
        let mut lost: BTreeMap<usize, u64> = BTreeMap::new();
        for (place, (candidate, seen)) in records.iter().enumerate() {
            let absent = matches!(seen.deals.as_slice(), [(_, Sight::Absent)]);
            if let Some(deal) = candidate.identity.deal.filter(|_| absent) {
                lost.insert(place, deal);
            }
        }
        let found = batch_find_presence(self.client, EntityType::Deal, &distinct(lost.values())).await?;
        for (place, deal) in lost {
            records[place].1.remembered = found.get(&deal).cloned().map(|presence| (deal, presence));
        }
        Ok(())
    }

    fn choice(&self, candidate: &Candidate, seen: &Seen) -> Choice {
        let context = Context {
            rules: self.rules,
            site: self.site,
            comment_due: &|_, _| false,
            identity: &mut |_| None,
        };
        choose_deal(&candidate.wanted, seen, &context)
    }

    /// Contacts that deals point to and were not read yet, and telephone numbers of records that have nobody. Says
    /// whether there were any.
    async fn people(&self, records: &mut [(Candidate, Seen)]) -> Result<bool, PlanError> {
        if self.rules.contact.is_none() {
            return Ok(false);
        }
        let mut needs = Needs::default();
        for (place, (candidate, seen)) in records.iter_mut().enumerate() {
            needs.add(place, candidate, seen, self.choice(candidate, seen), !self.contact_fields.is_empty());
        }
        if !needs.cards.is_empty() {
            let ids = distinct(needs.cards.values());
            let cards = batch_find_contacts_by_ids(self.client, &ids, &self.contact_fields).await?;
            for (place, id) in &needs.cards {
                records[*place].1.card = cards.get(id).cloned();
            }
        }
        self.hidden(&needs, records).await?;
        // A remembered person who is gone is looked for by number, or else by the key they were created for.
        for (place, (candidate, seen)) in records.iter().enumerate() {
            let is_stranger = matches!(seen.card, None | Some(Sight::Absent)) && !is_nobody(candidate);
            if !needs.strangers.contains(&place) || !is_stranger {
                needs.strangers.remove(&place);
            } else if phones(candidate).is_empty() {
                needs.strangers.remove(&place);
                needs.phoneless.insert(place);
            } else {
                needs.phones.extend(phones(candidate).iter().cloned());
            }
        }
        self.by_phone(&needs, records).await?;
        self.by_origin(&needs, records).await?;
        Ok(!(needs.cards.is_empty() && needs.phones.is_empty() && needs.phoneless.is_empty()))
    }

    /// Remembered persons who were not found: only who is gone may be created anew.
    async fn hidden(&self, needs: &Needs, records: &mut [(Candidate, Seen)]) -> Result<(), PlanError> {
        let absent: BTreeMap<usize, u64> = needs
            .strangers
            .iter()
            .filter(|place| matches!(records[**place].1.card, Some(Sight::Absent)))
            .filter_map(|place| Some((*place, records[*place].0.identity.contact?)))
            .collect();
        let found = batch_find_presence(self.client, EntityType::Contact, &distinct(absent.values())).await?;
        for (place, contact) in absent {
            let reason = match found.get(&contact) {
                Some(Presence::Gone) => continue,
                Some(Presence::Unknown(reason)) => reason.clone(),
                Some(Presence::Hidden) => {
                    format!("the webhook's user must not see the record's contact {contact}")
                }
                Some(Presence::There) | None => format!("the record's contact {contact} could not be read"),
            };
            records[place].1.card = Some(Sight::Unknown(reason));
        }
        Ok(())
    }

    /// Persons without a telephone number, who were perhaps created for the record by a run that nobody remembers.
    async fn by_origin(&self, needs: &Needs, records: &mut [(Candidate, Seen)]) -> Result<(), PlanError> {
        let Some(origin) = origin(self.rules).filter(|_| !needs.phoneless.is_empty()) else { return Ok(()) };
        let keys: Vec<String> =
            needs.phoneless.iter().map(|place| records[*place].0.wanted.key.clone()).collect();
        let found = batch_find_contacts_by_origin(self.client, origin, &keys, &self.contact_fields).await?;
        for place in &needs.phoneless {
            let (candidate, seen) = &mut records[*place];
            seen.people = found.get(&candidate.wanted.key).cloned();
        }
        Ok(())
    }

    async fn by_phone(&self, needs: &Needs, records: &mut [(Candidate, Seen)]) -> Result<(), PlanError> {
        if needs.phones.is_empty() {
            return Ok(());
        }
        let numbers: Vec<String> = needs.phones.iter().cloned().collect();
        let mut owners = PhoneOwners::new(self.contact_fields.clone());
        let leads = self.rules.leads.is_some();
        owners.prepare(self.client, &numbers, leads).await?;
        let contacts = batch_find_contacts_by_phones(self.client, &numbers, &mut owners).await?;
        let leads = if leads {
            batch_find_leads_by_phones(self.client, &numbers, &mut owners).await?
        } else {
            BTreeMap::new()
        };
        for place in &needs.strangers {
            let (candidate, seen) = &mut records[*place];
            seen.people = Some(joined(phones(candidate), &contacts, |card: &Arc<LiveContact>| card.id));
            if self.rules.leads.is_some() {
                seen.leads = Some(joined(phones(candidate), &leads, |lead: &LiveLead| lead.id));
            }
        }
        Ok(())
    }

    /// Open deals without a key, for records whose person was found and whose deal was not.
    async fn adoptable(&self, records: &mut [(Candidate, Seen)]) -> Result<(), PlanError> {
        let mut wanted: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (place, (candidate, seen)) in records.iter().enumerate() {
            if !matches!(self.choice(candidate, seen), Choice::Create { .. }) {
                continue;
            }
            let ids: Vec<u64> = match (&seen.card, &seen.people) {
                (Some(Sight::Found(card)), _) => vec![card.id],
                (_, Some(Sight::Found(people))) => people.iter().map(|card| card.id).collect(),
                _ => continue,
            };
            wanted.insert(place, ids);
        }
        let ids = distinct(wanted.values().flatten());
        if ids.is_empty() {
            return Ok(());
        }
        let found =
            batch_find_open_deals_without_key(self.client, &self.fields, &ids, self.rules.category).await?;
        for (place, contacts) in wanted {
            let sights: Vec<Deals> = contacts.iter().filter_map(|id| found.get(id).cloned()).collect();
            records[place].1.adoptable = Some(all(sights));
        }
        Ok(())
    }
}

/// What a window's records need besides deals by key.
#[derive(Default)]
struct Needs {
    /// Contacts to read, by the place of the record.
    cards: BTreeMap<usize, u64>,
    /// Records that have nobody yet.
    strangers: BTreeSet<usize>,
    /// Those of them whose person has no telephone number.
    phoneless: BTreeSet<usize>,
    phones: BTreeSet<String>,
}

impl Needs {
    fn add(&mut self, place: usize, candidate: &Candidate, seen: &mut Seen, choice: Choice, compares: bool) {
        if candidate.wanted.contact.is_none() {
            return;
        }
        let remembered = candidate.identity.contact;
        let (id, needed) = match choice {
            Choice::Update(deal) if deal.contact.is_some() => (deal.contact, compares),
            Choice::Update(_) | Choice::Create { .. } => {
                self.strangers.insert(place);
                (remembered, true)
            }
            Choice::NeedsKey(_) | Choice::Settled(_) => return,
        };
        let read = id.is_some() && id == remembered && seen.card.is_some();
        if read {
            return;
        }
        seen.card = None;
        if let Some(id) = id.filter(|_| needed) {
            self.cards.insert(place, id);
        }
    }
}

fn distinct<'a>(ids: impl Iterator<Item = &'a u64>) -> Vec<u64> {
    ids.copied().collect::<BTreeSet<u64>>().into_iter().collect()
}

fn is_nobody(candidate: &Candidate) -> bool {
    candidate
        .wanted
        .contact
        .as_ref()
        .is_none_or(|person| person.phones.is_empty() && is_nameless(&person.name))
}

fn phones(candidate: &Candidate) -> &[String] {
    candidate.wanted.contact.as_ref().map_or(&[], |person| &person.phones)
}

/// Who has one of several numbers: unknown as soon as one of them is.
fn joined<T: Clone>(
    phones: &[String],
    sights: &BTreeMap<String, Sight<Vec<T>>>,
    id: impl Fn(&T) -> u64,
) -> Sight<Vec<T>> {
    let found = all(phones.iter().filter_map(|phone| sights.get(phone).cloned()).collect());
    let Sight::Found(mut found) = found else { return found };
    found.sort_by_key(&id);
    found.dedup_by_key(|one| id(one));
    Sight::Found(found)
}
