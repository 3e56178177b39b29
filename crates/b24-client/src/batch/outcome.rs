//! What became of one call of a batch.

use std::sync::Arc;

use crate::error::{ApiError, Error};

/// What became of one call of a batch. Every slot has exactly one.
#[derive(Debug, Clone)]
#[must_use]
pub enum Outcome<T> {
    /// Answered and understood.
    Ok(T),
    /// The portal refused it.
    Rejected(ApiError),
    /// Answered, so executed, but not understood.
    Undecodable {
        /// The result's JSON text.
        raw: String,
        /// What the decoder says.
        reason: String,
    },
    /// Proved not to be executed.
    NotExecuted(Loss),
    /// A write that may or may not be executed.
    Unknown(Loss),
    /// A read without an answer, after its repetitions.
    Failed(Loss),
}

/// Why a call has no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Loss {
    /// An earlier command failed and the batch was to stop there.
    #[error("an earlier command failed and the batch stops there")]
    Halted,
    /// The answer says nothing about this command.
    #[error("the answer says nothing about this command")]
    Missing,
    /// It refers to a command that has no result, or to a value its result does not have.
    #[error("it refers to command {position}, which has no such result")]
    Referent {
        /// Position of that command, from 0.
        position: usize,
    },
    /// The portal's limits were used up when its turn came.
    #[error("the portal refused to start it")]
    Limit(#[source] Box<ApiError>),
    /// Its request failed.
    #[error("its request failed")]
    Request(#[source] Arc<Error>),
}

/// An outcome that is not `Ok`, as an error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The portal refused it.
    #[error("the portal refused the command")]
    Rejected(#[source] Box<ApiError>),
    /// Executed, but the result was not understood.
    #[error("cannot read the result of the command: {reason}")]
    Undecodable {
        /// The result's JSON text.
        raw: String,
        /// What the decoder says.
        reason: String,
    },
    /// Proved not to be executed.
    #[error("the command was not executed")]
    NotExecuted(#[source] Loss),
    /// A write that may or may not be executed.
    #[error("nobody knows whether the command was executed")]
    Unknown(#[source] Loss),
    /// A read without an answer.
    #[error("the command has no answer")]
    Failed(#[source] Loss),
}

impl<T> Outcome<T> {
    /// The result, or why there is none.
    ///
    /// # Errors
    /// Every other outcome than `Ok`.
    pub fn ok(self) -> Result<T, CallError> {
        match self {
            Self::Ok(value) => Ok(value),
            Self::Rejected(error) => Err(CallError::Rejected(Box::new(error))),
            Self::Undecodable { raw, reason } => Err(CallError::Undecodable { raw, reason }),
            Self::NotExecuted(loss) => Err(CallError::NotExecuted(loss)),
            Self::Unknown(loss) => Err(CallError::Unknown(loss)),
            Self::Failed(loss) => Err(CallError::Failed(loss)),
        }
    }

    /// The same outcome with another result.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Ok(value) => Outcome::Ok(change(value)),
            Self::Rejected(error) => Outcome::Rejected(error),
            Self::Undecodable { raw, reason } => Outcome::Undecodable { raw, reason },
            Self::NotExecuted(loss) => Outcome::NotExecuted(loss),
            Self::Unknown(loss) => Outcome::Unknown(loss),
            Self::Failed(loss) => Outcome::Failed(loss),
        }
    }

    /// Whether it is `Ok`.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Ok(_))
    }
}

impl CallError {
    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "client.rejected",
            Self::Undecodable { .. } => "client.undecodable",
            Self::NotExecuted(_) => "client.not-executed",
            Self::Unknown(_) => "client.outcome-unknown",
            Self::Failed(_) => "client.read-failed",
        }
    }

    /// What the portal said, if it refused.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Rejected(error) => Some(error),
            Self::NotExecuted(loss) | Self::Unknown(loss) | Self::Failed(loss) => loss.api(),
            Self::Undecodable { .. } => None,
        }
    }
}

impl Loss {
    /// What the portal said, if it said something.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Limit(error) => Some(error),
            Self::Request(error) => error.api(),
            Self::Halted | Self::Missing | Self::Referent { .. } => None,
        }
    }

    /// The failed request, if that was the cause.
    #[must_use]
    pub fn request(&self) -> Option<&Error> {
        match self {
            Self::Request(error) => Some(error),
            _ => None,
        }
    }
}
