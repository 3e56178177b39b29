//! Texts with results of earlier calls inside them.

use super::Param;
use crate::batch::Reference;

/// A text with results of earlier calls of the same batch inside it, such as `Deal 77 created`.
///
/// ```
/// # use b24_client::{Call, Composed, Params};
/// # fn demo(batch: &mut b24_client::Batch) {
/// let deal = batch.add(Call::<u64>::write("crm.deal.add", Params::new()));
/// let text = Composed::new().text("Deal ").value(deal.at("")).text(" created");
/// # let _ = text;
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Composed {
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Value(Reference),
}

/// How a reference stands in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// It is the value: the result keeps its type, lists included.
    Whole,
    /// It stands inside a text: the result must be a number or a text.
    InText,
    /// As before, but the portal would swallow or misread what stands around it.
    Glued,
}

impl Composed {
    /// An empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// Appends the result of an earlier call, or a value inside it: a number or a text.
    #[must_use]
    pub fn value(mut self, reference: Reference) -> Self {
        self.parts.push(Part::Value(reference));
        self
    }

    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(reference) => Some(reference),
            Part::Text(_) => None,
        })
    }

    /// The portal reads a reference up to the next white space, and every `$` as the beginning of one.
    pub(super) fn form(&self) -> Form {
        let readable = self.parts.iter().enumerate().all(|(at, part)| match part {
            Part::Text(text) => !text.contains('$'),
            Part::Value(_) => match self.parts.get(at + 1) {
                None => true,
                Some(Part::Text(text)) => text.starts_with(char::is_whitespace),
                Some(Part::Value(_)) => false,
            },
        });
        if readable { Form::InText } else { Form::Glued }
    }

    /// The text with every value in its place, when all of them are known.
    pub(super) fn resolved(&self, resolve: &dyn Fn(&Reference) -> Option<Param>) -> Option<String> {
        let texts = self.parts.iter().map(|part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Value(reference) => match resolve(reference)? {
                Param::Number(text) | Param::Text(text) => Some(text),
                _ => None,
            },
        });
        texts.collect()
    }

    /// The text with `written` in the places of the values.
    pub(super) fn written(&self, written: &dyn Fn(&Reference) -> String) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Value(reference) => written(reference),
        };
        self.parts.iter().map(text).collect()
    }
}

impl From<Composed> for Param {
    fn from(value: Composed) -> Self {
        Self::Composed(value)
    }
}
