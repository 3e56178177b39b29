//! What a record wants of the portal.

use serde::{Deserialize, Serialize};

use super::value::FieldValue;

/// What one record of the source wants the portal to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The external key with the source's prefix, such as `F1_1001`.
    pub key: String,
    /// Where the record stands in the source.
    pub line: u64,
    /// The cursor column's value.
    pub cursor: Option<String>,
    /// The person, when the mapping has contacts.
    pub contact: Option<WantedContact>,
    /// The deal's fields without key, stage, contact; title and category among them.
    pub deal: Vec<WantedField>,
    /// The stage's full id, such as `C4:NEW`; none keeps the portal's default.
    pub stage: Option<String>,
    /// The timeline comment, trimmed; none when it is empty or the mapping has none.
    pub comment: Option<String>,
    /// What is odd without stopping the record, such as a telephone number that cannot be one.
    pub warnings: Vec<super::Reject>,
}

/// A person as the source knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedContact {
    /// Numbers in E.164, such as `+79991234567`, the first is written on creation.
    pub phones: Vec<String>,
    /// Family name, given name, patronymic; compared without regard to case, `ё` = `е`.
    pub name: PersonName,
    /// Further fields.
    pub fields: Vec<WantedField>,
}

/// The three parts of a Russian name; an empty part is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonName {
    /// Фамилия.
    pub last: String,
    /// Имя.
    pub first: String,
    /// Отчество.
    pub second: String,
}

/// A field, its value, and when it may be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedField {
    /// Name in `crm.item.*`, such as `ufCrm_1772717712`, `title`.
    pub name: String,
    /// Upper-case name of the older methods, such as `UF_CRM_1772717712`, `TITLE`.
    pub original: String,
    /// What users call it.
    pub title: String,
    /// What it shall hold; empty only with [`Policy::Clear`].
    pub value: FieldValue,
    /// When it is written.
    pub policy: Policy,
}

/// When a field may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Whenever it differs; an empty value in the source changes nothing.
    Always,
    /// Only where the portal's field is empty.
    IfEmpty,
    /// Only when the record is created.
    CreateOnly,
    /// Whenever it differs, and an empty value in the source empties it.
    Clear,
}
