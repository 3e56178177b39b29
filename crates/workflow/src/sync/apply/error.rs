//! Why planned records could not be written.

use b24_client::BatchError;

use super::right::ImportRefused;
use crate::sync::JournalError;
use crate::sync::look_up::LookUpError;

/// An error that ends the application of a plan. What was written before is in the journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The journal cannot be read or written: then nothing more is sent.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Calls could not be put together.
    #[error("cannot put {what} together")]
    Batch {
        /// What was to be sent.
        what: &'static str,
        /// Why not.
        source: Box<BatchError>,
    },
    /// The webhook's user lacks the right that `automation = "skip"` needs. Nothing is imported.
    #[error("{0}")]
    ImportRefused(ImportRefused),
    /// What was perhaps executed cannot be looked up.
    #[error("cannot look up what was perhaps executed")]
    LookUp(#[source] LookUpError),
}

impl ApplyError {
    /// The stable kebab code of this error, its area first.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Journal(error) => error.code(),
            Self::Batch { source, .. } => source.code(),
            Self::ImportRefused(_) => "sync.import-refused",
            Self::LookUp(error) => error.code(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Journal(error) => Some(error.hint().to_owned()),
            Self::Batch { .. } => None,
            Self::ImportRefused(_) => Some(ImportRefused::hint().to_owned()),
            Self::LookUp(error) => error.hint().map(str::to_owned),
        }
    }
}
