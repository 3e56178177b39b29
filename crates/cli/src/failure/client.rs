//! Failures of the client.

use b24_client::params::ParamsError;

use super::Failure;
use crate::code::Code;

impl Failure {
    /// Parameters that cannot be sent.
    pub(crate) fn of_params(error: &ParamsError) -> Self {
        Self::new(Code::Parameter, "checking the parameters")
            .because(error)
            .advise("correct or remove the parameter")
    }
}
