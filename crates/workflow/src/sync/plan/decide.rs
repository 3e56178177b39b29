//! One record's action: a pure function of what is wanted, what look-ups say and the mapping.

mod deal;
mod person;

use std::sync::Arc;

use b24_client::crm::EntityType;
pub use deal::{Choice, choose_deal};

use super::compare::{assignments, differences, unreadable};
use crate::sync::entry::{Action, Assignment, Change, ContactChoice, Creation, Update};
use crate::sync::look_up::{LiveContact, LiveDeal, LiveLead, Presence};
use crate::sync::mapping::{Automation, Hold, Resolved};
use crate::sync::value::{FieldValue, ValueKind};
use crate::sync::wanted::{Wanted, WantedContact};
use crate::sync::{Imprint, Reject, Sight};

/// What users call the stage of a deal.
const STAGE_TITLE: &str = "Стадия";
/// What a deal takes over from its lead, as converting one does: where the customer came from, by name and title.
const LEAD_SOURCE: (&str, &str) = ("sourceId", "Источник");
const LEAD_SOURCE_TEXT: (&str, &str) = ("sourceDescription", "Дополнительно об источнике");

/// Deals of one external key.
pub type Deals = Sight<Vec<Arc<LiveDeal>>>;

/// What look-ups say about a record. `None` stands for what was not looked for because nothing depends on it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Deals by key: the record's own, then those with suffixes, as far as they were asked.
    pub deals: Vec<(String, Deals)>,
    /// The contact of the deal, or the one remembered for the record.
    pub card: Option<Sight<Arc<LiveContact>>>,
    /// Contacts by the record's telephone numbers; of a person without one, those that were created for the record.
    pub people: Option<Sight<Vec<Arc<LiveContact>>>>,
    /// Leads by the same numbers.
    pub leads: Option<Sight<Vec<LiveLead>>>,
    /// Open deals without a key of the contact that was found.
    pub adoptable: Option<Deals>,
    /// The deal that was written for the record, when its key has no deal now.
    pub remembered: Option<(u64, Presence)>,
    /// The deal that the record led to last, and what it wanted then, as the journal has it.
    pub noted: Option<(u64, Imprint)>,
    /// Deals that have one of these keys and were made for another record, and its key: `F1_1_2` is the second deal of
    /// the record `F1_1`, or the first one of the record `F1_1_2`.
    pub of_others: Vec<(u64, String)>,
}

/// What a decision is made with besides the record.
pub struct Context<'a> {
    /// The mapping on this portal.
    pub rules: &'a Resolved,
    /// The portal's address, for links: `https://host`.
    pub site: &'a str,
    /// Whether a text differs from the last comment posted to a deal.
    pub comment_due: &'a dyn Fn(u64, &str) -> bool,
    /// The identity of a person who is to be created; none when several identities fit.
    pub identity: &'a mut dyn FnMut(&WantedContact) -> Option<String>,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("site", &self.site).finish_non_exhaustive()
    }
}

/// What is to be done for a record, and what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is to be done.
    pub action: Action,
    /// What is odd without stopping it.
    pub warnings: Vec<Reject>,
}

/// Decides about one record.
#[must_use]
pub fn decide(wanted: &Wanted, seen: &Seen, context: &mut Context<'_>) -> Decision {
    let mut warnings = wanted.warnings.clone();
    let action = match choose_deal(wanted, seen, context) {
        Choice::Settled(action) => Ok(action),
        Choice::NeedsKey(key) => Ok(unknown(format!("deals with the key {key} were not looked up"))),
        Choice::Update(deal) => update(wanted, &deal, seen, context, &mut warnings),
        Choice::Create { after: Some(deal), .. } if holds_everything(wanted, &deal, context) => {
            Ok(deal::skipped("sync.deal-closed", &deal, deal::UNCHANGED))
        }
        Choice::Create { key, .. } => create(wanted, &key, seen, context, &mut warnings),
    };
    // Both ways lead to an action: an error only ends the decision early.
    Decision { action: action.unwrap_or_else(|early| *early), warnings }
}

fn update(
    wanted: &Wanted,
    deal: &LiveDeal,
    seen: &Seen,
    context: &mut Context<'_>,
    warnings: &mut Vec<Reject>,
) -> Result<Action, Box<Action>> {
    let contact = person::of_deal(wanted, deal, seen, context, warnings)?;
    let changes = changes(wanted, deal, context.rules, warnings);
    let comment = wanted.comment.clone().filter(|text| (context.comment_due)(deal.id, text));
    finish(Update { deal: Some(deal.id), adopted: false, changes, contact, comment }, context)
}

/// Whether nothing would be written to a closed deal if it was open.
fn holds_everything(wanted: &Wanted, deal: &LiveDeal, context: &Context<'_>) -> bool {
    let is_due = |text: &String| (context.comment_due)(deal.id, text);
    changes(wanted, deal, context.rules, &mut Vec::new()).is_empty()
        && !wanted.comment.as_ref().is_some_and(is_due)
}

/// Changes of a deal, its stage among them where the mapping says so and the stage may be left.
fn changes(wanted: &Wanted, deal: &LiveDeal, rules: &Resolved, warnings: &mut Vec<Reject>) -> Vec<Change> {
    let found = differences(&wanted.deal, &rules.deal, |original| deal.token(original));
    warnings.extend(found.unreadable.iter().map(|title| unreadable(&wanted.key, wanted.line, title)));
    let mut changes = found.changes;
    let follows = rules.stages.update && rules.stages.hold(&deal.stage) == Hold::Free;
    if let Some(stage) = wanted.stage.as_ref().filter(|stage| follows && **stage != deal.stage) {
        if funnel_of(stage) == deal.category {
            changes.push(Change {
                name: "stageId".to_owned(),
                original: "STAGE_ID".to_owned(),
                title: STAGE_TITLE.to_owned(),
                before: FieldValue::text(&deal.stage),
                after: FieldValue::text(stage),
            });
        } else {
            warnings.push(warning(
                wanted,
                "sync.stage-other-funnel",
                format!("the deal was moved to funnel {}, its stage is left alone", deal.category),
                "move the deal back, or leave it: its fields are kept up to date",
            ));
        }
    }
    changes
}

/// The funnel a stage belongs to: `C4:NEW` is of funnel 4, `NEW` of the first one.
fn funnel_of(stage: &str) -> u64 {
    let prefix = stage.split_once(':').map_or("", |(prefix, _)| prefix);
    prefix.strip_prefix('C').and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// An update, unless there is nothing to do or it cannot be done as the mapping wants it.
fn finish(update: Update, context: &Context<'_>) -> Result<Action, Box<Action>> {
    let contact_writes = match &update.contact {
        ContactChoice::None => false,
        ContactChoice::Use { changes, link, .. } => *link || !changes.is_empty(),
        ContactChoice::Create { .. } => true,
    };
    let starts_robots = contact_writes || !update.changes.is_empty();
    if starts_robots && context.rules.automation == Automation::Skip {
        return Err(Box::new(Action::Conflict {
            code: "sync.update-starts-robots".to_owned(),
            message:
                "the deal has to change, which starts robots, and the mapping says automation = \"skip\""
                    .to_owned(),
            links: update.deal.map(|deal| deal_link(context.site, deal)).into_iter().collect(),
        }));
    }
    if starts_robots || update.comment.is_some() {
        return Ok(Action::Update(update));
    }
    let contact = match update.contact {
        ContactChoice::Use { id, .. } => Some(id),
        _ => None,
    };
    Ok(Action::Unchanged { deal: update.deal, contact })
}

fn create(
    wanted: &Wanted,
    key: &str,
    seen: &Seen,
    context: &mut Context<'_>,
    warnings: &mut Vec<Reject>,
) -> Result<Action, Box<Action>> {
    deal::remembered(wanted, seen, context.site, warnings)?;
    let contact = person::of_new_deal(wanted, seen, context, warnings)?;
    if let ContactChoice::Use { .. } = contact
        && let Some(deal) = deal::adopted(seen, context)?
    {
        return adopt(wanted, key, &deal, contact, context, warnings);
    }
    let lead = deal::lead(wanted, seen, context.rules, warnings)?;
    let fields = creation_fields(wanted, key, lead, context.rules);
    let status = context.rules.leads.as_ref().and_then(|rule| rule.status.as_ref());
    let lead_is_set = lead.is_some_and(|lead| status == Some(&lead.status));
    let after = deal::newest(key, &seen.deals);
    let (lead, comment) = (lead.map(|lead| lead.id), wanted.comment.clone());
    Ok(Action::Create(Creation { fields, contact, comment, lead, after, lead_is_set }))
}

fn creation_fields(wanted: &Wanted, key: &str, lead: Option<&LiveLead>, rules: &Resolved) -> Vec<Assignment> {
    let text = |name: &str, title: &str, text: &str| Assignment {
        name: name.to_owned(),
        title: title.to_owned(),
        value: FieldValue::text(text),
    };
    let mut fields = assignments(&wanted.deal);
    let has = |fields: &[Assignment], name: &str| fields.iter().any(|field| field.name == name);
    let number = |name: &str, title: &str, number: u64| Assignment {
        name: name.to_owned(),
        title: title.to_owned(),
        value: FieldValue::one(ValueKind::Integer, number.to_string()),
    };
    if !has(&fields, "categoryId") {
        fields.push(number("categoryId", "Воронка", rules.category));
    }
    fields.extend(wanted.stage.as_ref().map(|stage| text("stageId", STAGE_TITLE, stage)));
    fields.push(text(&rules.key.field.name, &rules.key.field.title, key));
    if let (Some(rule), Some(lead)) = (&rules.leads, lead) {
        fields.extend(rule.field.as_ref().map(|field| number(&field.name, &field.title, lead.id)));
        let carried = [(&LEAD_SOURCE, &lead.source), (&LEAD_SOURCE_TEXT, &lead.source_description)];
        let is_free = |name: &str| rules.deal.iter().all(|rule| rule.field.name != name);
        for ((name, title), value) in
            carried.into_iter().filter(|((name, _), _)| rule.source && is_free(name))
        {
            fields.extend((!value.trim().is_empty()).then(|| text(name, title, value)));
        }
    }
    fields
}

/// Takes over an open deal of the contact: it gets the key and what else is wanted.
fn adopt(
    wanted: &Wanted,
    key: &str,
    deal: &LiveDeal,
    contact: ContactChoice,
    context: &Context<'_>,
    warnings: &mut Vec<Reject>,
) -> Result<Action, Box<Action>> {
    let field = &context.rules.key.field;
    let mut changes = vec![Change {
        name: field.name.clone(),
        original: field.original.clone(),
        title: field.title.clone(),
        before: FieldValue::text(""),
        after: FieldValue::text(key),
    }];
    changes.extend(self::changes(wanted, deal, context.rules, warnings));
    let contact = match contact {
        // The deal was found through this contact.
        ContactChoice::Use { id, changes, .. } => ContactChoice::Use { id, changes, link: false },
        other => other,
    };
    let comment = wanted.comment.clone().filter(|text| (context.comment_due)(deal.id, text));
    finish(Update { deal: Some(deal.id), adopted: true, changes, contact, comment }, context)
}

fn unknown(reason: impl Into<String>) -> Action {
    Action::Unknown { reason: reason.into() }
}

fn warning(wanted: &Wanted, code: &str, message: String, hint: &str) -> Reject {
    Reject {
        code: code.to_owned(),
        key: Some(wanted.key.clone()),
        line: wanted.line,
        field: None,
        value: None,
        message,
        hint: hint.to_owned(),
    }
}

/// The address of a deal's card.
pub(super) fn deal_link(site: &str, deal: u64) -> String {
    EntityType::Deal.card(site, deal)
}

/// The address of a contact's card.
pub(super) fn contact_link(site: &str, contact: u64) -> String {
    EntityType::Contact.card(site, contact)
}

/// The address of a lead's card.
pub(super) fn lead_link(site: &str, lead: u64) -> String {
    EntityType::Lead.card(site, lead)
}
