//! Why an application is not let in.

use super::StoreError;
use crate::error::ErrorKind;
use crate::transport::TransportError;

/// A login, or a renewal of its tokens, that failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// Nobody has logged in yet.
    #[error("there are no tokens yet")]
    NoTokens,
    /// The tokens belong to another portal than the application.
    #[error("the tokens are of {found}")]
    AnotherPortal {
        /// Whose tokens they are.
        found: String,
    },
    /// The authorization server said no; the tokens or the code are of no use any more.
    #[error("{server} refused: {code}{}", described(.description))]
    Refused {
        /// The authorization server.
        server: String,
        /// Its code, such as `invalid_grant`.
        code: String,
        /// Its description; may be empty.
        description: String,
    },
    /// The authorization server could not be asked, or its answer was lost.
    #[error("{server} did not answer")]
    Unreachable {
        /// The authorization server.
        server: String,
        /// What happened.
        #[source]
        source: TransportError,
    },
    /// The authorization server answered with something else than tokens or a refusal.
    #[error("the answer of {server} is no authorization server's: status {status}, {reason}")]
    NotAnAnswer {
        /// The authorization server.
        server: String,
        /// HTTP status.
        status: u16,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The store cannot be read or locked.
    #[error("the stored tokens cannot be used")]
    Unreadable(#[source] StoreError),
    /// New tokens came and could not be stored: they are not used, and the old ones stay where they are.
    #[error("the new tokens cannot be stored; they are not used, and the old ones are kept")]
    NotStored(#[source] StoreError),
}

fn described(description: &str) -> String {
    if description.is_empty() { String::new() } else { format!(": {description}") }
}

impl AuthError {
    /// A stable code, with its area.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoTokens | Self::AnotherPortal { .. } => "client.login-needed",
            Self::Refused { .. } => "client.login-refused",
            Self::Unreachable { .. } | Self::NotAnAnswer { .. } => "client.login-unreachable",
            Self::Unreadable(_) | Self::NotStored(_) => "client.token-store",
        }
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::NoTokens | Self::AnotherPortal { .. } | Self::Refused { .. } => ErrorKind::Authorization,
            Self::Unreachable { .. } | Self::NotAnAnswer { .. } => ErrorKind::Unreachable,
            Self::Unreadable(_) | Self::NotStored(_) => ErrorKind::Configuration,
        }
    }

    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::NoTokens => "run `b24 login`",
            Self::AnotherPortal { .. } => {
                "log in at the configured portal; if it was renamed, give its new host as `accept_host`"
            }
            Self::Refused { code, .. } => match code.to_ascii_lowercase().as_str() {
                "invalid_client" | "wrong_client" => {
                    "check client_id and client secret against the application's page in the portal"
                }
                "payment_required" => "the portal's plan does not include applications",
                "not_installed" => "install the application in the portal, then run `b24 login`",
                _ => "run `b24 login` again; a code is valid for 30 seconds and only once",
            },
            Self::Unreachable { .. } | Self::NotAnAnswer { .. } => {
                "check the network and `oauth_host`, then try again"
            }
            Self::Unreadable(_) | Self::NotStored(_) => {
                "make the file writable for this user and free some space, then try again"
            }
        }
    }

    /// Whether asking again with the same tokens has the same answer.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::AnotherPortal { .. })
    }
}
