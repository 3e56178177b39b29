//! A pair of tokens and what belongs to it.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{Application, AuthError, Origin};

/// The tokens of an application on a portal. Shows whose they are, never what they are.
#[derive(Clone)]
pub struct Tokens {
    access: SecretString,
    refresh: SecretString,
    member_id: String,
    portal: Origin,
    server: Option<Origin>,
}

/// The JSON of stored tokens.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    member_id: &'a str,
    portal: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    oauth_server: Option<String>,
}

impl Tokens {
    /// Tokens that were got elsewhere, for example by an application inside the portal (`AUTH_ID`, `REFRESH_ID`).
    #[must_use]
    pub fn new(
        access: SecretString,
        refresh: SecretString,
        member_id: impl Into<String>,
        portal: Origin,
    ) -> Self {
        Self { access, refresh, member_id: member_id.into(), portal, server: None }
    }

    /// The portal's own id, which stays when it is renamed.
    #[must_use]
    pub fn member_id(&self) -> &str {
        &self.member_id
    }

    /// The portal they open.
    #[must_use]
    pub fn portal(&self) -> &Origin {
        &self.portal
    }

    /// JSON text for a store; whoever has it has the tokens.
    #[must_use]
    pub fn to_json(&self) -> SecretString {
        let stored = Stored {
            access_token: self.access.expose_secret(),
            refresh_token: self.refresh.expose_secret(),
            member_id: &self.member_id,
            portal: self.portal.to_string(),
            oauth_server: self.server.as_ref().map(ToString::to_string),
        };
        serde_json::to_string(&stored).unwrap_or_default().into()
    }

    /// Reads what [`Tokens::to_json`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        let stored: Stored<'_> = serde_json::from_str(text).ok()?;
        let tokens = Self::new(
            stored.access_token.to_owned().into(),
            stored.refresh_token.to_owned().into(),
            stored.member_id,
            stored.portal.parse().ok()?,
        );
        Some(tokens.of_server(match stored.oauth_server {
            Some(server) => Some(server.parse().ok()?),
            None => None,
        }))
    }

    /// Refuses tokens of a portal that is neither the application's nor the one it was renamed to.
    pub(super) fn check_portal(
        &self,
        application: &Application,
        accept_host: Option<&str>,
    ) -> Result<(), AuthError> {
        let own = self.portal == *application.portal();
        let moved = accept_host.is_some_and(|host| self.portal.is_named(host))
            && self.portal.is_loopback() == application.portal().is_loopback()
            && self.portal.is_plain() == application.portal().is_plain();
        if own || moved {
            return Ok(());
        }
        Err(AuthError::AnotherPortal { found: self.portal.name().to_owned() })
    }

    pub(super) fn of_server(self, server: Option<Origin>) -> Self {
        Self { server, ..self }
    }

    pub(super) fn at(self, portal: Origin) -> Self {
        Self { portal, ..self }
    }

    pub(super) fn access(&self) -> &SecretString {
        &self.access
    }

    pub(super) fn refresh(&self) -> &SecretString {
        &self.refresh
    }

    pub(super) fn server(&self) -> Option<&Origin> {
        self.server.as_ref()
    }

    /// Whether these are the same tokens, wherever the portal is.
    pub(super) fn is_same_pair(&self, other: &Self) -> bool {
        self.access.expose_secret() == other.access.expose_secret()
            && self.refresh.expose_secret() == other.refresh.expose_secret()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} of {})", self.member_id, self.portal)
    }
}
