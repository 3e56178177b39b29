//! What one request needs to get in. Shows nothing of it.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::Origin;

/// Where one request goes and what lets it in.
#[derive(Clone)]
pub struct Access {
    portal: Origin,
    path: SecretString,
    pass: Option<Pass>,
}

/// An access token, and how many renewals had ended when it was taken.
#[derive(Clone)]
pub(crate) struct Pass {
    pub(crate) token: SecretString,
    pub(crate) epoch: u64,
}

impl Access {
    pub(crate) fn new(portal: Origin, path: SecretString, pass: Option<Pass>) -> Self {
        Self { portal, path, pass }
    }

    /// The server that is asked.
    #[must_use]
    pub fn portal(&self) -> &Origin {
        &self.portal
    }

    /// The whole address; of a webhook it holds the secret.
    #[must_use]
    pub fn address(&self) -> SecretString {
        format!("{}{}", self.portal, self.path.expose_secret()).into()
    }

    /// The access token of an application; a webhook has none.
    #[must_use]
    pub fn token(&self) -> Option<&SecretString> {
        self.pass.as_ref().map(|pass| &pass.token)
    }

    pub(crate) fn epoch(&self) -> Option<u64> {
        self.pass.as_ref().map(|pass| pass.epoch)
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({})", self.portal)
    }
}
