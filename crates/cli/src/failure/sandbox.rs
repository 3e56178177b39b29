//! Failures of the emulated portal.

use b24_sandbox::StartError;

use super::Failure;
use crate::exit::Exit;

impl Failure {
    /// Why there is no sandbox; how the run ends says who gave what it does not take.
    pub(crate) fn of_sandbox(exit: Exit, error: &StartError) -> Self {
        let advice = match error {
            StartError::Listen { .. } => "choose another port; --port 0 takes a free one",
            StartError::Schema(_) => "give a file that `b24 fields pull -o portal.toml` wrote",
            StartError::Faults(_) => "write [[fault]] tables with method, nth or every, and do",
            _ => "check the certificate and key files",
        };
        Self::of_error(exit, error.code(), error, advice)
    }
}
