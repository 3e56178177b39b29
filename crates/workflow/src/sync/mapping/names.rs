//! Fields by code or by title.

use super::error::closest;
use crate::sync::facts::FieldFact;
use crate::sync::folding::fold;
use crate::sync::value::ValueKind;

/// A field that cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NameProblem {
    /// There is none; with one that is close.
    Unknown(Option<String>),
    /// Two have the title.
    Ambiguous(String, String),
}

/// The field of this `camelCase` or `UPPER_SNAKE` code or title.
pub(super) fn find<'f>(fields: &'f [FieldFact], name: &str) -> Result<&'f FieldFact, NameProblem> {
    let name = name.trim();
    let coded = fields.iter().find(|field| field.name == name || field.original.eq_ignore_ascii_case(name));
    if let Some(field) = coded {
        return Ok(field);
    }
    let folded = fold(name);
    let mut titled = fields.iter().filter(|field| fold(&field.title) == folded);
    match (titled.next(), titled.next()) {
        (Some(field), None) => Ok(field),
        (Some(first), Some(second)) => {
            Err(NameProblem::Ambiguous(first.original.clone(), second.original.clone()))
        }
        (None, _) => {
            let all_names =
                |field: &FieldFact| [field.title.clone(), field.name.clone(), field.original.clone()];
            let known: Vec<String> = fields.iter().flat_map(all_names).collect();
            Err(NameProblem::Unknown(closest(name, &known).map(str::to_owned)))
        }
    }
}

/// How the values of a field are compared and written; none for fields that cannot be filled from a text.
pub(super) fn kind_of(field: &FieldFact) -> Option<ValueKind> {
    Some(match field.kind.as_str() {
        "double" => ValueKind::Decimal,
        "money" => ValueKind::Money,
        "date" => ValueKind::Date,
        "datetime" => ValueKind::Instant,
        "boolean" | "char" => ValueKind::Flag,
        "integer" | "user" | "employee" | "enumeration" | "iblock_element" | "iblock_section" | "hlblock" => {
            ValueKind::Integer
        }
        // `crm_entity` and its kin are numbers; the user field `crm` is `C_12` where it allows several kinds.
        "crm_status" | "crm_currency" | "crm" => ValueKind::Text,
        "crm_multifield" | "file" => return None,
        reference if reference.starts_with("crm_") => ValueKind::Integer,
        _ => ValueKind::Text,
    })
}

/// Whether the portal writes 0 for an empty one.
pub(super) fn zero_is_empty(field: &FieldFact) -> bool {
    let reference = field.kind.starts_with("crm_") && field.kind != "crm_category";
    reference || matches!(field.kind.as_str(), "user" | "employee") || field.name == "opportunity"
}

/// Longest text in characters: what the portal says, or the width of its column (`b_crm_deal`, `b_crm_contact`).
pub(super) fn max_length(field: &FieldFact) -> Option<usize> {
    field.max_length.or(match field.name.as_str() {
        "name" | "lastName" | "secondName" => Some(50),
        "title" | "post" | "originId" | "originatorId" => Some(255),
        _ => None,
    })
}

/// Digits after the point: the portal keeps two of amounts (DECIMAL(18,2)).
pub(super) fn scale(field: &FieldFact) -> Option<u32> {
    if field.name == "opportunity" { Some(2) } else { field.scale }
}
