//! The mapping: a TOML file that says which columns of a source become which fields of deals and contacts.
//!
//! [`Mapping`] is the file as it was written, [`Resolved`] is what it means on one portal: titles became names of fields,
//! texts became numbers of enumerations, stages, users.

mod check;
mod choices;
mod columns;
mod error;
mod fields;
mod lines;
mod names;
mod reading;
mod resolve;
mod resolved;
mod settings;
mod template;
mod transform;

use serde::Deserialize;

use super::source::SourceSettings;

pub use check::{check, check_together};
pub use error::MappingError;
pub use fields::{FieldEntry, FieldSettings, FieldSource, FieldTable};
pub use reading::FieldReading;
pub use resolved::{
    ContactRule, FieldRef, FieldRule, Hold, KeyRule, LeadRule, PersonReading, RecordReading, Resolved,
    StageRule,
};
pub use settings::{
    Automation, ClosedDeals, CommentSettings, ContactMatch, ContactSettings, DealSettings, Guards,
    KeySettings, LeadSettings, NameOrNumber, OneOrMany, StageSettings,
};

/// Most records of a window.
pub const LARGEST_BATCH: usize = 2_000;

/// A mapping as it was written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Name of the source; created contacts carry it as `b24:NAME`.
    pub name: String,
    /// Whether writes start the portal's robots; must be written, there is no default.
    pub automation: Automation,
    /// Records that are planned and written together.
    #[serde(default = "default_batch")]
    pub batch_size: usize,
    /// `[source]`: where the records come from.
    pub source: SourceSettings,
    /// `[key]`: what makes a record and its deal the same.
    pub key: KeySettings,
    /// `[deal]`: funnel, policies and fields.
    pub deal: DealSettings,
    /// `[contact]`: the person of the deal.
    #[serde(default)]
    pub contact: Option<ContactSettings>,
    /// `[stages]`: which status is which stage.
    #[serde(default)]
    pub stages: Option<StageSettings>,
    /// `[comment]`: what is written to the deal's timeline.
    #[serde(default)]
    pub comment: Option<CommentSettings>,
    /// `[leads]`: what happens to the lead of the same person.
    #[serde(default)]
    pub leads: Option<LeadSettings>,
    /// `[guards]`: when nothing at all is written.
    #[serde(default)]
    pub guards: Guards,
    #[serde(skip)]
    lines: lines::Lines,
    #[serde(skip)]
    hash: String,
}

/// Three spellings of a thousand numbers fill three requests.
fn default_batch() -> usize {
    1_000
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// No TOML, an unknown key (with the one that was perhaps meant), a missing one, a wrong value.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let mut mapping: Self = toml::from_str(text).map_err(|error| MappingError::of_toml(text, &error))?;
        mapping.lines = lines::Lines::of(text);
        let table: toml::Table = toml::from_str(text).map_err(|error| MappingError::of_toml(text, &error))?;
        let canonical = serde_json::to_vec(&table).unwrap_or_default();
        mapping.hash = blake3::hash(&canonical).to_hex().to_string();
        if !(1..=LARGEST_BATCH).contains(&mapping.batch_size) {
            return Err(mapping.wrong("batch_size", format!("must be from 1 to {LARGEST_BATCH}")));
        }
        if mapping.name.trim().is_empty() {
            return Err(mapping.wrong("name", "must not be empty".to_owned()));
        }
        mapping.deal.fields.sort(|field| mapping.lines.of_key(&format!("deal.fields.{field}")));
        if let Some(contact) = &mut mapping.contact {
            contact.fields.sort(|field| mapping.lines.of_key(&format!("contact.fields.{field}")));
        }
        Ok(mapping)
    }

    /// BLAKE3 of what the mapping says; comments and spaces do not count.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The line of a key such as `deal.fields.Сумма`.
    #[must_use]
    pub fn line(&self, key: &str) -> Option<usize> {
        self.lines.of_key(key)
    }

    /// What the portal knows this source by: `b24:NAME`.
    #[must_use]
    pub fn originator(&self) -> String {
        format!("b24:{}", self.name.trim())
    }

    fn wrong(&self, key: &str, message: String) -> MappingError {
        MappingError::Value { line: self.line(key).unwrap_or(1), key: key.to_owned(), message }
    }
}
