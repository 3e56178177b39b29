//! Where a command stands, for messages.

use std::fmt;

use super::{Command, key};

/// Where a command stands in its batch and what it asks, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// Position in the batch, from 0.
    pub position: usize,
    /// The key it has in its request.
    pub key: String,
    /// Its method.
    pub method: String,
    /// Its parameters without personal data; see [`Params::shown`](crate::Params::shown).
    pub params: String,
}

impl Place {
    pub(super) fn of(position: usize, command: &Command) -> Self {
        let (method, params) = (command.method.clone(), command.params.shown());
        Self { position, key: key(position), method, params }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "command {} ({})", self.position, self.method)?;
        if self.params.is_empty() { Ok(()) } else { write!(f, " with {}", self.params) }
    }
}
