//! Whether the portal still is as it was when a plan was made: judged for each entry, on the fields it would write.
//!
//! What was changed to something else is a conflict. What is there already is not written again: it was written by a
//! person, or by the same plan before.

mod live;

use std::sync::Arc;

use b24_client::Token;

use super::decide::{contact_link, deal_link, lead_link};
use super::person::{is_nameless, same_name};
use crate::sync::entry::{Action, Change, ContactChoice, Creation, Entry, Update};
use crate::sync::look_up::{LiveContact, LiveDeal};
use crate::sync::mapping::{ClosedDeals, ContactMatch, FieldRef, Hold, Resolved};
use crate::sync::value::FieldValue;
use crate::sync::wanted::{PersonName, Policy};
use crate::sync::{Reject, Sight};

pub use live::{Live, read_live};

/// What judges entries.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The mapping on this portal.
    pub rules: &'a Resolved,
    /// The portal's address, for links: `https://host`.
    pub site: &'a str,
    /// Whether closed deals are changed, too: a run is taken back wherever it wrote.
    pub closed_too: bool,
}

/// What is left of something that is planned, or what becomes of its whole entry.
type Judged<T> = Result<T, Box<Action>>;

impl Judge<'_> {
    /// What is left to be written of an entry: a conflict when the portal no longer fits it, unknown when the portal did
    /// not say.
    #[must_use]
    pub fn judge(&self, entry: Entry, live: &Live) -> Entry {
        let Entry { action, mut warnings, .. } = entry;
        let judged = match action {
            Action::Create(creation) => {
                self.creation(creation, live, (&entry.key, entry.line), &mut warnings)
            }
            Action::Update(update) => self.update(update, live, entry.last_comment.as_deref()),
            other => Ok(other),
        };
        Entry { action: judged.unwrap_or_else(|early| *early), warnings, ..entry }
    }

    fn creation(
        &self,
        mut creation: Creation,
        live: &Live,
        (key, row): (&str, u64),
        warnings: &mut Vec<Reject>,
    ) -> Judged<Action> {
        self.key_is_free(&creation, live)?;
        creation.contact = self.person(creation.contact, live)?;
        if let Some(lead) = creation.lead
            && !self.lead_is_there(lead, live)?
        {
            creation.lead = None;
            let field = self.rules.leads.as_ref().and_then(|leads| leads.field.as_ref());
            creation.fields.retain(|set| field.is_none_or(|field| field.name != set.name));
            warnings.push(lead_gone(key, row, lead));
        }
        Ok(Action::Create(creation))
    }

    fn key_is_free(&self, creation: &Creation, live: &Live) -> Judged<()> {
        match &live.rivals {
            Some(Sight::Absent) => Ok(()),
            Some(Sight::Found(deals)) => {
                // Those that the plan has seen.
                let same_key = self.rules.closed == ClosedDeals::NewSameKey;
                let seen = if same_key { creation.after } else { 0 };
                let rivals: Vec<_> = deals.iter().filter(|deal| deal.id > seen || !deal.closed).collect();
                match rivals.as_slice() {
                    [] => Ok(()),
                    [deal] if live.ours == Some(deal.id) && self.is_as_planned(creation, deal) => {
                        Err(Box::new(Action::Unchanged { deal: Some(deal.id), contact: deal.contact }))
                    }
                    [deal, ..] => {
                        let link = deal_link(self.site, deal.id);
                        conflict("a deal with this key has appeared".to_owned(), link)
                    }
                }
            }
            Some(Sight::Unknown(reason)) => unknown(reason),
            None => unknown("the key was not looked up"),
        }
    }

    /// Whether a deal holds what a plan would create, as far as the mapping compares it.
    fn is_as_planned(&self, creation: &Creation, deal: &LiveDeal) -> bool {
        let compared = self.rules.deal.iter().filter(|rule| rule.policy != Policy::CreateOnly);
        let mut compared = compared.map(|rule| &rule.field);
        compared.all(|field| {
            let planned = creation.fields.iter().find(|set| set.name == field.name);
            let now = field.read(deal.token(&field.original)).ok();
            planned.is_none_or(|set| now.is_some_and(|now| holds(&now, &set.value, field.zero_is_empty)))
        })
    }

    /// A lead that is closed now, or was converted, was worked on by a person, who may have made a deal of it. One that
    /// is gone can be linked by nobody, and is left out.
    fn lead_is_there(&self, lead: u64, live: &Live) -> Judged<bool> {
        let closed = self.rules.leads.as_ref().map(|rule| &rule.closed);
        match &live.lead {
            Some(Sight::Found(found)) if closed.is_some_and(|closed| closed.contains(&found.status)) => {
                conflict("the lead has been closed or converted".to_owned(), lead_link(self.site, lead))
            }
            Some(Sight::Found(_)) => Ok(true),
            Some(Sight::Absent) => Ok(false),
            Some(Sight::Unknown(reason)) => unknown(reason),
            None => unknown("the lead was not looked up"),
        }
    }

    fn update(&self, mut update: Update, live: &Live, last_comment: Option<&str>) -> Judged<Action> {
        if let Some(id) = update.deal {
            let deal = self.deal_is_same(&mut update, id, live)?;
            update.contact = self.linked_as_planned(update.contact, deal)?;
            self.comment_is_due(&mut update, id, live, last_comment)?;
        }
        update.contact = self.person(update.contact, live)?;
        let contact = match &update.contact {
            ContactChoice::None => None,
            ContactChoice::Use { id, changes, link: false } if changes.is_empty() => Some(*id),
            ContactChoice::Use { .. } | ContactChoice::Create { .. } => return Ok(Action::Update(update)),
        };
        if update.changes.is_empty() && update.comment.is_none() {
            return Ok(Action::Unchanged { deal: update.deal, contact });
        }
        Ok(Action::Update(update))
    }

    fn linked_as_planned(&self, choice: ContactChoice, deal: &LiveDeal) -> Judged<ContactChoice> {
        match choice {
            // Somebody has linked the contact already.
            ContactChoice::Use { id, changes, link: true } if deal.contact == Some(id) => {
                Ok(ContactChoice::Use { id, changes, link: false })
            }
            ContactChoice::Create { .. } | ContactChoice::Use { link: true, .. }
                if deal.contact.is_some() =>
            {
                conflict("the deal has got a contact".to_owned(), deal_link(self.site, deal.id))
            }
            other => Ok(other),
        }
    }

    fn deal_is_same<'l>(&self, update: &mut Update, id: u64, live: &'l Live) -> Judged<&'l LiveDeal> {
        let link = || deal_link(self.site, id);
        let deal = match &live.deal {
            Some(Sight::Found(deal)) => deal,
            Some(Sight::Absent) => return conflict("the deal is no longer there".to_owned(), link()),
            Some(Sight::Unknown(reason)) => return unknown(reason),
            None => return unknown("the deal was not looked up"),
        };
        let hold = self.rules.stages.hold(&deal.stage);
        if !self.closed_too && (hold == Hold::Final || deal.closed && hold != Hold::Protected) {
            return conflict("the deal has been closed".to_owned(), link());
        }
        let rules = self.rules.deal.iter().map(|rule| &rule.field);
        let fields: Vec<&FieldRef> = rules.chain([&self.rules.key.field]).collect();
        match left(&update.changes, &fields, |original| deal.token(original)) {
            Err(title) => conflict(format!("the deal was changed: {title}"), link()),
            Ok(left) => {
                update.changes = left;
                Ok(deal)
            }
        }
    }

    fn person(&self, choice: ContactChoice, live: &Live) -> Judged<ContactChoice> {
        match choice {
            ContactChoice::None => Ok(ContactChoice::None),
            ContactChoice::Use { ref changes, link, .. } if changes.is_empty() && !link => Ok(choice),
            ContactChoice::Use { id, changes, link } => {
                let changes = self.contact_is_same(id, &changes, live)?;
                Ok(ContactChoice::Use { id, changes, link })
            }
            ContactChoice::Create { ref name, ref phones, .. } => {
                Ok(match self.person_is_new(name, phones, live)? {
                    None => choice,
                    Some(id) => ContactChoice::Use { id, changes: Vec::new(), link: true },
                })
            }
        }
    }

    fn contact_is_same(&self, id: u64, changes: &[Change], live: &Live) -> Judged<Vec<Change>> {
        let link = || contact_link(self.site, id);
        match &live.contact {
            Some(Sight::Found(card)) => {
                let fields: Vec<&FieldRef> = self.rules.contact_fields().collect();
                left(changes, &fields, |original| card.token(original))
                    .or_else(|title| conflict(format!("the contact was changed: {title}"), link()))
            }
            Some(Sight::Absent) => conflict("the contact is no longer there".to_owned(), link()),
            Some(Sight::Unknown(reason)) => unknown(reason),
            None => unknown("the contact was not looked up"),
        }
    }

    /// None when nobody like this is there; the contact that an interrupted run created for this very person.
    fn person_is_new(&self, name: &PersonName, phones: &[String], live: &Live) -> Judged<Option<u64>> {
        match &live.people {
            Some(Sight::Found(people)) => {
                let rule = self.rules.contact.as_ref();
                let by_phone = rule.is_some_and(|rule| rule.match_by == ContactMatch::Phone);
                // Without a number, those that were found were created for this very record.
                let is_anybody = by_phone || phones.is_empty() || is_nameless(name);
                let fits = |card: &&Arc<LiveContact>| is_anybody || same_name(name, &card.name);
                let ours = people.iter().find(|card| live.our_contact == Some(card.id));
                let other = people.iter().filter(fits).find(|card| live.our_contact != Some(card.id));
                other.map_or(Ok(ours.map(|card| card.id)), |card| {
                    let link = contact_link(self.site, card.id);
                    conflict("a contact of this person has appeared".to_owned(), link)
                })
            }
            Some(Sight::Absent) => Ok(None),
            Some(Sight::Unknown(reason)) => unknown(reason),
            None => unknown("contacts were not looked up"),
        }
    }

    /// A comment that is the last one of its deal is not posted again. Where another one was posted since, the planned
    /// one would look newer than it is.
    fn comment_is_due(
        &self,
        update: &mut Update,
        deal: u64,
        live: &Live,
        last_comment: Option<&str>,
    ) -> Judged<()> {
        let (Some(text), Some(posted)) = (&update.comment, &live.comment) else { return Ok(()) };
        if posted.is(text) {
            update.comment = None;
            return Ok(());
        }
        let message = match last_comment {
            Some(seen) if seen == posted.hash => return Ok(()),
            Some(_) => "another comment was posted to the deal",
            None => "the plan does not say which comment the deal had, and it has one",
        };
        conflict(message.to_owned(), deal_link(self.site, deal))
    }
}

fn conflict<T>(message: String, link: String) -> Judged<T> {
    Err(Box::new(Action::Conflict { code: "sync.changed-since-plan".to_owned(), message, links: vec![link] }))
}

fn unknown<T>(reason: &str) -> Judged<T> {
    Err(Box::new(Action::Unknown { reason: reason.to_owned() }))
}

fn lead_gone(key: &str, line: u64, lead: u64) -> Reject {
    Reject {
        code: "sync.lead-gone".to_owned(),
        key: Some(key.to_owned()),
        line,
        field: None,
        value: None,
        message: format!("lead {lead} is no longer there, so the deal is created without it"),
        hint: "plan again if another lead should be linked".to_owned(),
    }
}

/// The changes that are not there yet; the title of the first field that has neither the value it had nor the one it
/// shall get.
fn left<'a>(
    changes: &[Change],
    fields: &[&FieldRef],
    live: impl Fn(&str) -> Option<&'a Token>,
) -> Result<Vec<Change>, String> {
    let mut left = Vec::new();
    for change in changes {
        match now(change, fields, live(&change.original)) {
            Some(now) if is_there(&now, change, fields) => {}
            Some(now) if now.same(&change.before) => left.push(change.clone()),
            _ => return Err(change.title.clone()),
        }
    }
    Ok(left)
}

/// Whether a field holds what a change was to write.
pub(in crate::sync) fn is_written(change: &Change, fields: &[&FieldRef], token: Option<&Token>) -> bool {
    now(change, fields, token).is_some_and(|now| is_there(&now, change, fields))
}

fn is_there(now: &FieldValue, change: &Change, fields: &[&FieldRef]) -> bool {
    let zero_is_empty = fields.iter().any(|field| field.name == change.name && field.zero_is_empty);
    holds(now, &change.after, zero_is_empty)
}

/// Where the portal keeps 0 for an empty field, a wanted 0 is there already.
fn holds(now: &FieldValue, wanted: &FieldValue, zero_is_empty: bool) -> bool {
    now.same(wanted) || zero_is_empty && now.is_empty() && wanted.first() == Some("0")
}

/// The value of a change's field now; none when it cannot be read.
pub(super) fn now(change: &Change, fields: &[&FieldRef], token: Option<&Token>) -> Option<FieldValue> {
    if let Some(field) = fields.iter().find(|field| field.name == change.name) {
        return field.read(token).ok();
    }
    let null = Token::null();
    let after = &change.after;
    let mut now = FieldValue::from_wire(after.kind, after.multiple, token.unwrap_or(&null)).ok()?;
    // The portal writes 0 for some empty numbers.
    if change.before.is_empty() || after.is_empty() {
        now.texts.retain(|text| text != "0");
    }
    Some(now)
}
