//! `[profile.X]`: one portal.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use super::access::Access;

/// A `[profile.X]` table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Profile {
    /// The webhook's address.
    pub(crate) webhook: Option<WebhookText>,
    /// A file with the webhook's address, relative to the config file.
    pub(crate) webhook_file: Option<PathBuf>,
    /// Whether the portal may be written to.
    pub(crate) access: Option<Access>,
    /// Certificates (PEM) to trust beside the system's, relative to the config file.
    pub(crate) ca_file: Option<PathBuf>,
}

/// A webhook's address as somebody wrote it down: secret, whether it is well-formed or not.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct WebhookText(String);

impl WebhookText {
    /// The address, for parsing only.
    pub(crate) fn expose(&self) -> &str {
        self.0.trim()
    }
}

impl From<String> for WebhookText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for WebhookText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookText(***)")
    }
}
