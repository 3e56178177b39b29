//! Failures of the journal.

use workflow::sync::JournalError;

use super::Failure;
use crate::exit::Exit;

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let exit = if matches!(error, JournalError::Hashes { .. }) { Exit::Usage } else { Exit::Refused };
        Self::of_error(exit, error.code(), &error, error.hint())
    }
}
