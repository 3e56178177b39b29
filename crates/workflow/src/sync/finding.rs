//! What a check of a mapping finds.

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing can be planned with it.
    Error,
    /// It works, but perhaps not as it was meant.
    Warning,
    /// Something was guessed; write it down to be sure.
    Guess,
}

/// Something that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// Kebab code with its area, such as `sync.field-unknown`.
    pub code: String,
    /// The place in the mapping, such as `deal.fields.Сумма`.
    pub place: Option<String>,
    /// The line of the mapping.
    pub line: Option<usize>,
    /// What is the matter, lower case, without a period at the end.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Finding {
    /// A finding without a place.
    #[must_use]
    pub fn new(level: Level, code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            level,
            code: code.to_owned(),
            place: None,
            line: None,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>, line: Option<usize>) -> Self {
        self.place = Some(place.into());
        self.line = line;
        self
    }
}
