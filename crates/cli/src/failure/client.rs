//! Failures of the client.

use b24_client::params::ParamsError;
use b24_client::{Error, ErrorKind};

use super::Failure;
use crate::code::Code;
use crate::exit::Exit;

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let hint = error.hint().unwrap_or_else(|| "read the portal's reason above".to_owned());
        Self::of_error(Self::exit_of(error.kind()), error.code(), error, hint)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<ParamsError> for Failure {
    fn from(error: ParamsError) -> Self {
        Self::new(Code::Parameter, "checking the parameters")
            .because(error)
            .advise("correct or remove the parameter")
    }
}

impl Failure {
    /// How a run ends that the client could not go on with.
    pub(crate) fn exit_of(kind: ErrorKind) -> Exit {
        match kind {
            ErrorKind::Authorization | ErrorKind::Configuration => Exit::Refused,
            ErrorKind::Refused => Exit::Partial,
            _ => Exit::Unreachable,
        }
    }
}
