//! Failures of the journal.

use std::path::Path;

use workflow::sync::JournalError;

use super::Failure;
use crate::exit::Exit;

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let exit = if matches!(error, JournalError::Hashes { .. }) { Exit::Usage } else { Exit::Refused };
        Self::of_error(exit, error.code(), &error, error.hint())
    }
}

impl Failure {
    /// Comments of an earlier system that cannot be taken over.
    pub(crate) fn of_hashes(path: &Path, error: JournalError) -> Self {
        let JournalError::Hashes { reason } = &error else { return error.into() };
        let attempted = format!("reading {}", path.display());
        Self::of_library(Exit::Usage, error.code(), attempted).because(reason).advise(error.hint())
    }
}
