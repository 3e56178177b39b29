//! What is planned for one record. A plan is a list of these, on disk; `apply` sees nothing else.

use serde::{Deserialize, Deserializer, Serialize};

use super::imprint::Imprint;
use super::reject::Reject;
use super::value::FieldValue;
use super::wanted::PersonName;

/// One planned record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// External key.
    pub key: String,
    /// Where the record stands in the source.
    pub line: u64,
    /// The cursor column's value: committed with the entry's outcome.
    pub cursor: Option<String>,
    /// What is to be done.
    pub action: Action,
    /// Where a comment is planned for a deal that is there: hash of the last one posted to it, empty when there was none.
    /// None where no comment is planned, and in plans of the format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_comment: Option<String>,
    /// What the record wants, so that it is known later whether it changed; none where nobody asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imprint: Option<Imprint>,
    /// What is odd without stopping the record.
    pub warnings: Vec<Reject>,
}

/// What is to be done for a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// `+`: there is no deal with the key.
    Create(Creation),
    /// `*`: fields of a deal or contact differ, or a comment is due.
    Update(Update),
    /// `=`: everything is as wanted.
    Unchanged {
        /// The deal; none for a record whose deal was refused.
        #[serde(default, deserialize_with = "none_for_zero")]
        deal: Option<u64>,
        /// Its contact, when known.
        contact: Option<u64>,
    },
    /// A rule of the mapping says: leave it; not a problem.
    Skipped {
        /// Kebab code of the rule, such as `sync.deal-closed`.
        code: String,
        /// In words.
        reason: String,
        /// The deal concerned.
        deal: Option<u64>,
    },
    /// `!`: a person has to decide; nothing is written.
    Conflict {
        /// Kebab code, such as `sync.contact-ambiguous`.
        code: String,
        /// In words, without personal data.
        message: String,
        /// Addresses of the portal's cards.
        links: Vec<String>,
    },
    /// `!`: a look-up was not answered; nothing is written, the next run tries again.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// A deal that is to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    /// Every field that is sent, key and stage included, contact excluded.
    pub fields: Vec<Assignment>,
    /// The person of the deal.
    pub contact: ContactChoice,
    /// The first comment.
    pub comment: Option<String>,
    /// The lead found by telephone number, linked and, when the mapping says so, given a status.
    pub lead: Option<u64>,
    /// The newest deal that has the key already, closed ones of the record; 0 when there is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after: u64,
    /// The lead has the mapping's status already, or gets it with another record of the plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lead_is_set: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A deal (and its contact) that is to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The deal; none for a record whose deal was refused: its contact alone is changed back.
    #[serde(default, deserialize_with = "none_for_zero")]
    pub deal: Option<u64>,
    /// The deal had no key so far and is adopted.
    pub adopted: bool,
    /// Changes of the deal.
    pub changes: Vec<Change>,
    /// The person of the deal; [`ContactChoice::Use`] of the one that is linked already changes nothing.
    pub contact: ContactChoice,
    /// A comment that differs from the last one posted there.
    pub comment: Option<String>,
}

/// The person of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "contact", rename_all = "kebab-case")]
pub enum ContactChoice {
    /// The mapping has no contacts, or the record has nobody.
    None,
    /// One who is there, with what is to change; an empty list changes nothing.
    Use {
        /// The contact.
        id: u64,
        /// Changes of the contact.
        changes: Vec<Change>,
        /// The deal does not point to the contact yet.
        link: bool,
    },
    /// One who is to be created. Entries of one plan with the same `identity` create one contact.
    Create {
        /// Equal for records that mean the same person under the mapping's rule.
        identity: String,
        /// Numbers in E.164.
        phones: Vec<String>,
        /// The name.
        name: PersonName,
        /// Further fields.
        fields: Vec<Assignment>,
    },
}

/// A field that is set on creation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Name in `crm.item.*`.
    pub name: String,
    /// What users call it.
    pub title: String,
    /// The value.
    pub value: FieldValue,
}

/// A field that is to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Name in `crm.item.*`.
    pub name: String,
    /// Upper-case name.
    pub original: String,
    /// What users call it.
    pub title: String,
    /// What is there.
    pub before: FieldValue,
    /// What is wanted.
    pub after: FieldValue,
}

/// Reads the number of a deal. Plans of earlier versions write 0 where there is none.
fn none_for_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<u64>::deserialize(deserializer)?.filter(|deal| *deal > 0))
}
