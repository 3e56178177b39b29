//! What a caller can do about an outcome that is not `Ok`.

use super::{CallError, Loss};
use crate::error::{Error, ErrorKind};

impl CallError {
    /// What the caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match (self.api(), self.request()) {
            (Some(api), _) => api.kind(),
            (None, Some(error)) => error.kind(),
            (None, None) => ErrorKind::Protocol,
        }
    }

    /// What to do next, in one line.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match (self.api(), self.request()) {
            (Some(api), _) => api.hint().map(str::to_owned),
            (None, Some(error)) => error.hint(),
            (None, None) => None,
        }
    }

    /// The failed request, if that was the cause.
    fn request(&self) -> Option<&Error> {
        match self {
            Self::NotExecuted(loss) | Self::Unknown(loss) | Self::Failed(loss) => Loss::request(loss),
            Self::Rejected(_) | Self::Undecodable { .. } => None,
        }
    }
}
