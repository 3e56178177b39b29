//! What a mapping means on one portal.

use std::collections::{BTreeMap, BTreeSet};

use b24_client::Token;
use jiff::tz::TimeZone;

use super::reading::FieldReading;
use super::settings::{Automation, ClosedDeals, ContactMatch, Guards};
use super::template::Template;
use crate::sync::value::{FieldValue, RowFormat, ValueKind, WireProblem};
use crate::sync::wanted::Policy;

/// What a mapping means on one portal.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Name of the source.
    pub name: String,
    /// What the portal knows the source by: `b24:NAME`.
    pub originator: String,
    /// Identity of the portal.
    pub portal: String,
    /// [`Mapping::hash`](super::Mapping::hash).
    pub mapping_hash: String,
    /// [`PortalFacts::hash`](crate::sync::facts::PortalFacts::hash).
    pub facts_hash: String,
    /// The zone of the source's dates and times.
    pub zone: TimeZone,
    /// Whether writes start robots.
    pub automation: Automation,
    /// Records that are planned and written together.
    pub batch_size: usize,
    /// When nothing at all is written.
    pub guards: Guards,
    /// What makes a record and its deal the same.
    pub key: KeyRule,
    /// The funnel of created deals.
    pub category: u64,
    /// What happens to a record whose deal is closed.
    pub closed: ClosedDeals,
    /// Whether an open deal of the contact without a key is taken over.
    pub adopt: bool,
    /// Fields of the deal, without key, stage, funnel and contact.
    pub deal: Vec<FieldRule>,
    /// The person of the deal.
    pub contact: Option<ContactRule>,
    /// Which status is which stage.
    pub stages: StageRule,
    /// What happens to the lead of the same person.
    pub leads: Option<LeadRule>,
    /// How records are read.
    pub reading: RecordReading,
}

/// How records are read: where stage and comment come from, and how texts are spelled. By default there is neither.
#[derive(Debug, Clone, Default)]
pub struct RecordReading {
    pub(super) stage: Option<StageSource>,
    pub(super) comment: Option<Template>,
    pub(super) format: RowFormat,
}

/// A field of the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRef {
    /// Name in `crm.item.*`.
    pub name: String,
    /// Upper-case name of the older methods.
    pub original: String,
    /// What users call it.
    pub title: String,
    /// How its values are compared and written.
    pub kind: ValueKind,
    /// Whether it holds a list.
    pub multiple: bool,
    /// Whether the portal writes 0 for an empty one: amounts of deals, references to records.
    pub zero_is_empty: bool,
    /// Longest text in characters.
    pub max_length: Option<usize>,
    /// Digits after the point that the portal keeps.
    pub scale: Option<u32>,
    /// What users see for canonical values: values of an enumeration, of a directory, users.
    pub shown: BTreeMap<String, String>,
}

/// `[key]` on a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRule {
    /// The column.
    pub column: String,
    /// What stands before it in the portal.
    pub prefix: String,
    /// The deal's field.
    pub field: FieldRef,
}

/// A field and when it is written.
#[derive(Debug, Clone)]
pub struct FieldRule {
    /// The field.
    pub field: FieldRef,
    /// When it is written.
    pub policy: Policy,
    /// Where its value comes from.
    pub reading: FieldReading,
}

/// `[contact]` on a portal.
#[derive(Debug, Clone)]
pub struct ContactRule {
    /// When a contact of the portal is the person of the record.
    pub match_by: ContactMatch,
    /// Kind of a number that is added.
    pub phone_type: String,
    /// The contact's field that gets the record's key on creation; `originId` when it is not said.
    pub identity_field: FieldRef,
    /// Further fields.
    pub fields: Vec<FieldRule>,
    /// Which columns tell who the person is.
    pub reading: PersonReading,
}

/// Which columns tell who the person is; by default none.
#[derive(Debug, Clone, Default)]
pub struct PersonReading {
    pub(super) phones: Vec<String>,
    pub(super) full: Option<String>,
    pub(super) last: Option<String>,
    pub(super) first: Option<String>,
    pub(super) second: Option<String>,
}

/// Where the stage of a created deal comes from.
#[derive(Debug, Clone)]
pub(super) struct StageSource {
    pub(super) column: Option<String>,
    pub(super) default: Option<String>,
    /// Folded status → stage.
    pub(super) map: BTreeMap<String, String>,
}

/// `[stages]` on a portal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageRule {
    /// Whether the stage of a deal that is there follows the status.
    pub update: bool,
    /// Stages in which a deal is not touched, in all funnels.
    pub finals: BTreeSet<String>,
    /// Stages in which fields are changed, the stage never, in all funnels.
    pub protected: BTreeSet<String>,
}

/// What a stage allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Everything.
    Free,
    /// Changes of fields, not of the stage.
    Protected,
    /// Nothing.
    Final,
}

/// `[leads]` on a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRule {
    /// The deal's field that gets the lead's number.
    pub field: Option<FieldRef>,
    /// The status that a linked lead gets.
    pub status: Option<String>,
    /// Whether a created deal takes over the lead's source, unless a rule of the mapping fills these fields.
    pub source: bool,
    /// Statuses in which a lead is not looked at.
    pub closed: BTreeSet<String>,
}

impl Resolved {
    /// Fields of the deal that the mapping fills: their current values decide what changes.
    pub fn deal_fields(&self) -> impl Iterator<Item = &FieldRef> {
        self.deal.iter().map(|rule| &rule.field)
    }

    /// As [`Resolved::deal_fields`], of the contact.
    pub fn contact_fields(&self) -> impl Iterator<Item = &FieldRef> {
        self.contact.iter().flat_map(|contact| &contact.fields).map(|rule| &rule.field)
    }

    /// Whether comments are posted.
    #[must_use]
    pub fn has_comment(&self) -> bool {
        self.reading.comment.is_some()
    }
}

impl StageRule {
    /// What a deal's stage allows.
    #[must_use]
    pub fn hold(&self, stage: &str) -> Hold {
        if self.finals.contains(stage) {
            Hold::Final
        } else if self.protected.contains(stage) {
            Hold::Protected
        } else {
            Hold::Free
        }
    }
}

impl FieldRef {
    /// Reads the field's value out of a row of either family of methods.
    ///
    /// # Errors
    /// A value that the field cannot hold.
    pub fn read(&self, token: Option<&Token>) -> Result<FieldValue, WireProblem> {
        let null = Token::null();
        let mut value = FieldValue::from_wire(self.kind, self.multiple, token.unwrap_or(&null))?;
        if self.zero_is_empty {
            value.texts.retain(|text| text != "0");
        }
        Ok(value)
    }

    /// A value as users see it.
    #[must_use]
    pub fn show(&self, value: &FieldValue) -> String {
        let text = |text: &String| self.shown.get(text).unwrap_or(text).clone();
        value.texts.iter().map(text).collect::<Vec<_>>().join(", ")
    }
}
