//! `[profile.X]`: one portal, by a webhook or by an application.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use super::access::Access;

/// A `[profile.X]` table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Profile {
    /// The webhook's address.
    pub(crate) webhook: Option<SecretText>,
    /// A file with the webhook's address, relative to the config file.
    pub(crate) webhook_file: Option<PathBuf>,
    /// The portal's address, for an application.
    pub(crate) portal: Option<String>,
    /// The application's id.
    pub(crate) client_id: Option<String>,
    /// A file with the application's secret, relative to the config file.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The authorization server; the vendor's own unless given.
    pub(crate) oauth_host: Option<String>,
    /// The host that the portal may have after a rename.
    pub(crate) accept_host: Option<String>,
    /// Whether the portal may be written to.
    pub(crate) access: Option<Access>,
    /// Certificates (PEM) to trust beside the system's, relative to the config file.
    pub(crate) ca_file: Option<PathBuf>,
}

/// A webhook's address or another secret as somebody wrote it down: secret, whether it is well-formed or not.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct SecretText(String);

impl SecretText {
    /// The text, for parsing and sending only.
    pub(crate) fn expose(&self) -> &str {
        self.0.trim()
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(***)")
    }
}
