//! The tables of a mapping.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fields::FieldTable;

/// Whether writes start the portal's robots and business processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Automation {
    /// They run, as for every change that a person makes.
    Run,
    /// Deals and contacts are created without them; changes are impossible so, and refused.
    Skip,
}

/// `[key]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    /// The column with the record's key.
    pub column: String,
    /// What stands before it in the portal, so that two sources never share a key: `F1_`.
    #[serde(default)]
    pub prefix: String,
    /// The deal's field that holds the key, by title or code.
    pub field: String,
}

/// `[deal]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DealSettings {
    /// The funnel by name or number; the portal's first one when it is not said.
    #[serde(default)]
    pub funnel: Option<NameOrNumber>,
    /// What happens to a record whose deal is closed.
    #[serde(default)]
    pub closed: ClosedDeals,
    /// Whether an open deal of the contact without a key is taken over.
    #[serde(default)]
    pub adopt: bool,
    /// `[deal.fields]`.
    #[serde(default)]
    pub fields: FieldTable,
}

/// A name, or a number written as one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum NameOrNumber {
    /// A number.
    Number(u64),
    /// A name.
    Name(String),
}

/// What happens to a record whose deal is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosedDeals {
    /// Nothing.
    #[default]
    Skip,
    /// A new deal with the same key.
    NewSameKey,
    /// A new deal with the key and `_2`, `_3`, …
    NewSuffixedKey,
}

/// `[contact]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactSettings {
    /// When a contact of the portal is the person of the record.
    #[serde(default, rename = "match")]
    pub match_by: ContactMatch,
    /// Column or columns with telephone numbers.
    pub phone: OneOrMany,
    /// Kind of a number that is added: `MOBILE`, `WORK`, `HOME`, `OTHER`.
    #[serde(default = "mobile")]
    pub phone_type: String,
    /// Column with `Фамилия Имя Отчество` in one.
    #[serde(default)]
    pub full_name: Option<String>,
    /// Column with the family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// Column with the given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Column with the patronymic.
    #[serde(default)]
    pub second_name: Option<String>,
    /// The contact's field that gets the record's key on creation instead of `originId`.
    #[serde(default)]
    pub identity_field: Option<String>,
    /// `[contact.fields]`.
    #[serde(default)]
    pub fields: FieldTable,
}

fn mobile() -> String {
    "MOBILE".to_owned()
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// When a contact of the portal is the person of a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactMatch {
    /// A telephone number and the name agree: families share telephones.
    #[default]
    PhoneAndName,
    /// A telephone number agrees; the name is never overwritten.
    Phone,
}

/// `[stages]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StageSettings {
    /// The column with the status.
    pub column: Option<String>,
    /// The stage of records with an empty or unknown status, by name or code.
    pub default: Option<String>,
    /// Whether the stage of a deal that is there follows the status; else it is set on creation only.
    pub update: bool,
    /// Stages in which a deal is not touched.
    #[serde(rename = "final")]
    pub finals: Vec<String>,
    /// Stages in which fields are changed, the stage never.
    pub protected: Vec<String>,
    /// `[stages.map]`: status → stage by name or code.
    pub map: BTreeMap<String, String>,
}

/// `[comment]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentSettings {
    /// The text, with columns as `{Column}`.
    pub template: String,
}

/// `[leads]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeadSettings {
    /// The deal's field that gets the lead's number.
    pub field: Option<String>,
    /// The status that a linked lead gets, by name or code.
    pub status: Option<String>,
    /// Whether a created deal takes over the lead's source and its description.
    pub source: bool,
    /// Statuses in which a lead is not looked at; those that mean success or failure when it is not said.
    pub closed: Option<Vec<String>>,
}

impl Default for LeadSettings {
    fn default() -> Self {
        Self { field: None, status: None, source: true, closed: None }
    }
}

/// `[guards]`: one more than this, and nothing at all is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guards {
    /// Deals created in one run.
    pub creates: u64,
    /// Deals changed in one run.
    pub updates: u64,
    /// Per cent of the known deals that change in one run.
    pub percent: u8,
}

impl Default for Guards {
    fn default() -> Self {
        Self { creates: 200, updates: 500, percent: 20 }
    }
}
