//! Problems of an invoice: what, where, which value, and what to do.

use std::borrow::Cow;

mod texts;

pub use texts::ProblemCode;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The invoice is in the register and worth a look.
    Warning,
    /// The invoice could not be processed.
    Rejection,
}

impl Severity {
    /// `warning` or `rejection`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Rejection => "rejection",
        }
    }
}

/// Where in the raw invoice a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Named(&'static str),
    /// A field of the row at this place, counted from 0.
    Row(usize, &'static str),
    /// A field of the requisite of a party.
    Requisite(&'static str, &'static str),
}

impl ProblemCode {
    /// A source notes warnings; only this crate rejects.
    pub(crate) fn may_be_noted(self) -> bool {
        self.severity() == Severity::Warning && self != Self::SourceNote
    }
}

/// Values are shown to people; the rest of a very long one tells them nothing.
const LONGEST_VALUE: usize = 80;

/// The problems of one invoice, collected while it is read.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn report(&mut self, code: ProblemCode, field: Field, value: Option<&str>) {
        self.0.push(Problem { code, field, value: value.map(cut), russian_value: None });
    }

    /// A value that holds words: in English and in Russian.
    pub(crate) fn report_words(&mut self, code: ProblemCode, field: Field, english: &str, russian: &str) {
        self.0.push(Problem { code, field, value: Some(cut(english)), russian_value: Some(cut(russian)) });
    }

    pub(crate) fn has_rejection(&self) -> bool {
        self.0.iter().any(|problem| problem.severity() == Severity::Rejection)
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One reason, with the field and the offending value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: ProblemCode,
    field: Field,
    value: Option<String>,
    /// The value where it holds words.
    russian_value: Option<String>,
}

impl Problem {
    /// Which problem it is.
    #[must_use]
    pub fn kind(&self) -> ProblemCode {
        self.code
    }

    /// Kebab code with its area, for example `invoice.inn-checksum`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code.code()
    }

    /// Warning or rejection.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The field of the raw invoice, for example `opportunity` or `rows[3].price` (rows counted from 0).
    #[must_use]
    pub fn field(&self) -> Cow<'static, str> {
        match self.field {
            Field::Named(name) => Cow::Borrowed(name),
            Field::Row(index, name) => Cow::Owned(format!("rows[{index}].{name}")),
            Field::Requisite(party, name) => Cow::Owned(format!("{party}.requisite.{name}")),
        }
    }

    /// The field in Russian, for example «строка 4, цена» (rows counted from 1, as people do).
    #[must_use]
    pub fn russian_field(&self) -> Cow<'static, str> {
        match self.field {
            Field::Named(name) => Cow::Borrowed(texts::russian_field(name)),
            Field::Row(index, name) => {
                Cow::Owned(format!("строка {}, {}", index.saturating_add(1), texts::russian_field(name)))
            }
            Field::Requisite(party, name) => {
                Cow::Owned(format!("{}, {}", texts::russian_field(party), texts::russian_field(name)))
            }
        }
    }

    /// The offending value as it was written, cut when it is very long.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// The offending value, its words in Russian.
    #[must_use]
    pub fn russian_value(&self) -> Option<&str> {
        self.russian_value.as_deref().or(self.value.as_deref())
    }

    /// What is wrong, in English.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.code.message()
    }

    /// What to do, in English.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.code.hint()
    }

    /// Reason and what to do, in Russian.
    #[must_use]
    pub fn russian(&self) -> (&'static str, &'static str) {
        self.code.russian()
    }
}
