//! Where a field's value comes from, ready to be applied to records.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::choices::{ChoiceProblem, Choices};
use super::resolved::FieldRef;
use super::template::Template;
use crate::sync::folding::fold;
use crate::sync::record::Record;
use crate::sync::value::{FieldValue, RowFormat, ValueKind, ValueProblem, trimmed};

/// Where a field's value comes from, ready to be applied to records; by default an empty constant.
#[derive(Debug, Clone, Default)]
pub struct FieldReading {
    pub(super) source: Source,
    pub(super) required: bool,
    pub(super) empty: Option<String>,
    pub(super) max_length: Option<usize>,
    pub(super) cut_at: Option<String>,
    pub(super) split: Option<String>,
    pub(super) currency: Option<String>,
    /// Folded text of the source → text of the portal.
    pub(super) values: BTreeMap<String, String>,
    pub(super) choices: Option<Choices>,
}

#[derive(Debug, Clone)]
pub(super) enum Source {
    Column(String),
    Template(Template),
    Constant(FieldValue),
}

impl Default for Source {
    fn default() -> Self {
        Self::Constant(FieldValue::empty(ValueKind::Text))
    }
}

impl Source {
    /// The column that a person looks at.
    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Column(column) => Some(column),
            Self::Template(_) | Self::Constant(_) => None,
        }
    }
}

/// A text that a field cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReadingProblem {
    #[error(transparent)]
    Value(#[from] ValueProblem),
    #[error("not one of its values")]
    Unknown(Option<String>),
    #[error("more than one of its values")]
    Several(Vec<String>),
    #[error("{length} characters, and the field takes {limit}")]
    TooLong { length: usize, limit: usize },
    #[error("{length} bytes, and the portal takes {TEXT_BYTES}")]
    TooManyBytes { length: usize },
}

/// The portal keeps texts of user fields in columns of the type TEXT.
const TEXT_BYTES: usize = 65_535;

/// A value and what happened to it on the way.
pub(super) struct Filled {
    pub(super) value: FieldValue,
    /// The portal keeps fewer digits than the source has.
    pub(super) rounded: bool,
}

impl FieldReading {
    /// The text of a record; empty when there is none.
    pub(super) fn text(&self, record: &Record) -> String {
        let text = match &self.source {
            Source::Column(column) => record.get(column).map(trimmed).unwrap_or_default(),
            Source::Template(template) => template.render(&|column| record.get(column)),
            Source::Constant(_) => String::new(),
        };
        if text.is_empty() { self.empty.clone().unwrap_or_default() } else { text }
    }

    /// The value of a text; an empty one is an empty field.
    pub(super) fn fill(
        &self,
        field: &FieldRef,
        format: &RowFormat,
        text: &str,
    ) -> Result<Filled, ReadingProblem> {
        let parts: Vec<&str> = match &self.split {
            Some(separator) if !separator.is_empty() => text.split(separator.as_str()).collect(),
            _ => vec![text],
        };
        let mut filled = Filled {
            value: FieldValue { kind: field.kind, multiple: field.multiple, texts: Vec::new() },
            rounded: false,
        };
        for part in parts {
            let part = trimmed(part);
            if part.is_empty() {
                continue;
            }
            let canonical = self.canonical(field, format, &part)?;
            let kept = rounded(field, &canonical);
            filled.rounded |= kept != canonical;
            if !filled.value.texts.contains(&kept) {
                filled.value.texts.push(kept);
            }
        }
        Ok(filled)
    }

    fn canonical(&self, field: &FieldRef, format: &RowFormat, text: &str) -> Result<String, ReadingProblem> {
        let text = self.values.get(&fold(text)).map_or(text, String::as_str);
        if let Some(choices) = &self.choices {
            return choices.find(text).map(str::to_owned).map_err(|problem| match problem {
                ChoiceProblem::Unknown(close) => ReadingProblem::Unknown(close),
                ChoiceProblem::Several(values) => ReadingProblem::Several(values),
            });
        }
        let canonical = format.read(field.kind, text)?;
        match field.kind {
            ValueKind::Text => self.fitting(field, canonical),
            ValueKind::Money if canonical.ends_with('|') => {
                Ok(canonical + self.currency.as_deref().unwrap_or_default())
            }
            _ => Ok(canonical),
        }
    }

    fn fitting(&self, field: &FieldRef, text: String) -> Result<String, ReadingProblem> {
        let text = match self.max_length {
            Some(limit) => cut(&text, limit, self.cut_at.as_deref()),
            None => text,
        };
        let length = text.chars().count();
        if let Some(limit) = field.max_length.filter(|limit| length > *limit) {
            return Err(ReadingProblem::TooLong { length, limit });
        }
        if text.len() > TEXT_BYTES {
            return Err(ReadingProblem::TooManyBytes { length: text.len() });
        }
        Ok(text)
    }
}

/// What the portal keeps of a decimal.
fn rounded(field: &FieldRef, text: &str) -> String {
    let (ValueKind::Decimal, Some(scale)) = (field.kind, field.scale) else { return text.to_owned() };
    let Ok(number) = Decimal::from_str_exact(text) else { return text.to_owned() };
    let number = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero).normalize();
    if number.is_zero() { "0".to_owned() } else { number.to_string() }
}

/// A text of at most `limit` characters: what is longer ends at the last `cut_at` that fits, and with `…`.
fn cut(text: &str, limit: usize, cut_at: Option<&str>) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let end = text.char_indices().nth(limit.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    let head = &text[..end];
    // A separator may begin right after the last character that fits.
    let place = cut_at.filter(|separator| !separator.is_empty()).and_then(|separator| {
        if text[end..].starts_with(separator) { Some(end) } else { head.rfind(separator) }
    });
    let head = place.filter(|at| *at > 0).map_or(head, |at| &head[..at]);
    format!("{}…", head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_list_ends_at_the_last_comma_that_fits() {
        let services = "Осмотр, Снимок, Пломба";
        assert_eq!(cut(services, 22, Some(",")), services);
        assert_eq!(cut(services, 21, Some(",")), "Осмотр, Снимок…");
        assert_eq!(cut(services, 15, Some(",")), "Осмотр, Снимок…");
        assert_eq!(cut(services, 14, Some(",")), "Осмотр…");
        assert_eq!(cut(services, 10, None), "Осмотр, С…");
        assert_eq!(cut("Осмотр", 4, Some(",")), "Осм…");
        assert_eq!(cut("Осмотр", 1, None), "…");
        assert_eq!(cut("Осмотр", 0, None), "…");
    }
}
