//! Kinds of records, and a record as far as it is indexed.

use std::collections::BTreeMap;

use b24_client::crm::EntityType;
use embed_queue::Document;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// A kind of records whose texts are indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// Leads.
    Lead,
    /// Deals.
    Deal,
    /// Contacts.
    Contact,
    /// Companies.
    Company,
    /// Smart invoices.
    Invoice,
}

impl Entity {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Lead, Self::Deal, Self::Contact, Self::Company, Self::Invoice];

    /// The fields whose texts are indexed unless the settings say otherwise: words, not numbers, phones or addresses.
    #[must_use]
    pub fn usual_fields(self) -> &'static [&'static str] {
        match self {
            Self::Lead => &["title", "companyTitle", "sourceDescription", "statusDescription", "comments"],
            Self::Deal => &["title", "sourceDescription", "additionalInfo", "comments"],
            Self::Contact => &["lastName", "name", "secondName", "post", "sourceDescription", "comments"],
            Self::Company => &["title", "comments"],
            Self::Invoice => &["title", "accountNumber", "comments"],
        }
    }

    /// Its fields of the order that was given, or the usual ones.
    #[must_use]
    pub fn fields(given: &BTreeMap<Self, Vec<String>>) -> BTreeMap<Self, Vec<String>> {
        let usual = |entity: Self| entity.usual_fields().iter().map(|&field| field.to_owned()).collect();
        Self::ALL.map(|entity| (entity, given.get(&entity).cloned().unwrap_or_else(|| usual(entity)))).into()
    }

    /// The name in settings and sources.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Deal => "deal",
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Invoice => "invoice",
        }
    }

    /// Several of them, for messages.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Lead => "leads",
            Self::Deal => "deals",
            Self::Contact => "contacts",
            Self::Company => "companies",
            Self::Invoice => "invoices",
        }
    }

    /// The collection of its documents.
    #[must_use]
    pub fn collection(self) -> &'static str {
        match self {
            Self::Lead => "crm.lead",
            Self::Deal => "crm.deal",
            Self::Contact => "crm.contact",
            Self::Company => "crm.company",
            Self::Invoice => "crm.invoice",
        }
    }

    /// The record that a document is of, if it is one's.
    pub(in crate::index) fn of(document: &Document) -> Option<(Self, u64)> {
        let entity = Self::ALL.into_iter().find(|entity| entity.collection() == document.collection)?;
        Some((entity, document.source.parse().ok()?))
    }

    /// The fields that say whose record it is, as far as it is a person's.
    pub(super) fn contacts(self) -> &'static [&'static str] {
        match self {
            Self::Lead | Self::Deal | Self::Invoice => &["contactId", "contactIds"],
            Self::Contact | Self::Company => &[],
        }
    }

    /// As the portal knows it.
    pub(super) fn kind(self) -> EntityType {
        match self {
            Self::Lead => EntityType::Lead,
            Self::Deal => EntityType::Deal,
            Self::Contact => EntityType::Contact,
            Self::Company => EntityType::Company,
            Self::Invoice => EntityType::SmartInvoice,
        }
    }
}

/// A record.
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) fields: Map<String, Value>,
}

impl Record {
    /// A row with its id; one without is nothing that could be found again.
    pub(super) fn new(fields: Map<String, Value>) -> Option<Self> {
        let id = match fields.get("id")? {
            Value::Number(number) => number.as_u64()?,
            Value::String(text) => text.parse().ok()?,
            _ => return None,
        };
        Some(Self { id, fields })
    }

    /// The contacts that it names.
    pub(super) fn contacts(&self) -> Vec<u64> {
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        let one = self.fields.get("contactId").into_iter();
        let all = one.chain(self.fields.get("contactIds").and_then(Value::as_array).into_iter().flatten());
        let mut contacts: Vec<u64> = all.filter_map(number).filter(|id| *id > 0).collect();
        contacts.sort_unstable();
        contacts.dedup();
        contacts
    }

    /// Whether something happened in its timeline since then; of a portal that does not say so it must be assumed.
    pub(super) fn moved_since(&self, since: Option<&str>) -> bool {
        let since = since.and_then(|since| since.parse::<Timestamp>().ok());
        let (Some(since), Some(moved)) = (since, self.moment("lastActivityTime")) else { return true };
        moved >= since
    }

    pub(super) fn moment(&self, field: &str) -> Option<Timestamp> {
        self.fields.get(field)?.as_str()?.parse().ok()
    }
}
