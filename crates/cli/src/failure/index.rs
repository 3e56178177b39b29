//! Failures of filling the embedding queue.

use workflow::index::IndexError;

use super::Failure;
use crate::exit::Exit;

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        let exit = match error {
            IndexError::Queue(error) => return error.into(),
            IndexError::Portal { source, .. } => return Self::from(*source),
            IndexError::Call { ref source, .. } => Self::exit_of(source.kind()),
            IndexError::Batch { .. } => Exit::Bug,
            IndexError::AnotherPortal { .. } | IndexError::Field { .. } => Exit::Refused,
            IndexError::Clock { .. } => Exit::Unreachable,
            _ => Exit::Usage,
        };
        Self::of_error(exit, error.code(), &error, error.hint().unwrap_or("read the reason above"))
    }
}
