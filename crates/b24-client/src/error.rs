//! What can go wrong, by what the caller can do about it.

mod api;
mod hint;

pub use api::{ApiCode, ApiError};

use crate::auth::AuthError;
use crate::params::ParamsError;
use crate::transport::TransportError;
use crate::webhook::WebhookError;

/// A call that has no result.
///
/// `Display` says what was attempted, [`source`](std::error::Error::source) why it failed, [`Error::hint`] what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The webhook address cannot be used.
    #[error("cannot read the webhook address")]
    Webhook(#[source] WebhookError),
    /// `http://` to another machine would send the secret in the clear.
    #[error("refusing plain http to {host}: the secret would travel unprotected")]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// The HTTP client could not be set up.
    #[error("cannot prepare the connection: {reason}")]
    Setup {
        /// What is missing.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// Parameters the portal would misread.
    #[error("cannot send {method}")]
    Params {
        /// The method.
        method: String,
        /// Why.
        #[source]
        source: ParamsError,
    },
    /// No connection: the call was not executed.
    #[error("cannot reach {host} for {method}{}", after(*attempts))]
    Unreachable {
        /// The method.
        method: String,
        /// The portal.
        host: String,
        /// How often it was tried.
        attempts: u32,
        /// The last failure.
        #[source]
        source: TransportError,
    },
    /// The request went out and its answer was lost: a write may or may not be executed.
    #[error("the answer to {method} was lost{}", after(*attempts))]
    Lost {
        /// The method.
        method: String,
        /// How often it was sent.
        attempts: u32,
        /// The last failure.
        #[source]
        source: TransportError,
    },
    /// An answer that is not the portal's JSON: an error page, an empty or a cut answer.
    #[error("the answer to {method} is no portal's: status {status}, {reason}{}", after(*attempts))]
    NotAnAnswer {
        /// The method.
        method: String,
        /// HTTP status.
        status: u16,
        /// What it looks like.
        reason: String,
        /// How often it was sent.
        attempts: u32,
        /// The beginning of the answer, without secrets.
        excerpt: String,
    },
    /// The portal was renamed; requests are not sent to a host nobody has confirmed.
    #[error("the portal {host} has moved to {to}")]
    Moved {
        /// The old host.
        host: String,
        /// The new host.
        to: String,
    },
    /// An application has no valid tokens for the portal: the call was not executed.
    #[error("no valid login to {portal}")]
    Login {
        /// The portal.
        portal: String,
        /// Why there is none.
        #[source]
        source: AuthError,
    },
    /// The portal said no.
    #[error("the portal refused {method}{}", after(*attempts))]
    Api {
        /// The method.
        method: String,
        /// How often it was sent.
        attempts: u32,
        /// What the portal said.
        #[source]
        source: Box<ApiError>,
    },
    /// The portal answered with something else than the call expects.
    #[error("cannot read the result of {method}: {reason}")]
    Undecodable {
        /// The method.
        method: String,
        /// What the decoder says.
        reason: String,
        /// The result's text, without secrets.
        raw: String,
    },
    /// A list that cannot be read completely and in order.
    #[error("cannot list {method}: {reason}")]
    List {
        /// The method.
        method: String,
        /// What contradicts completeness or order.
        reason: String,
    },
    /// A list that would overwrite the caller's own order or condition on the key.
    #[error("cannot list {method} by {key}: {reason}")]
    ListParams {
        /// The method.
        method: String,
        /// The key field of the list.
        key: String,
        /// What is in the way.
        reason: String,
    },
}

/// A portal cuts a request off at 60 s.
pub(crate) const GATEWAY_TIMEOUT: u16 = 504;

/// How often something was tried, where it was more than once.
fn after(attempts: u32) -> String {
    if attempts > 1 { format!(" after {attempts} attempts") } else { String::new() }
}

/// What the caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Try later: the portal does not answer, or not in time.
    Unreachable,
    /// The webhook, its scopes or the user's rights.
    Authorization,
    /// Something on this side: address, certificates, parameters.
    Configuration,
    /// The portal understood the call and refused it.
    Refused,
    /// The portal answered something that nobody understands.
    Protocol,
}

impl Error {
    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "client.webhook-malformed",
            Self::PlainHttp { .. } => "client.plain-http",
            Self::Setup { .. } => "client.setup",
            Self::Params { .. } => "client.params-invalid",
            Self::Unreachable { .. } => "client.unreachable",
            Self::Lost { .. } => "client.answer-lost",
            Self::NotAnAnswer { .. } => "client.not-an-answer",
            Self::Moved { .. } => "client.portal-moved",
            Self::Login { source, .. } => source.code(),
            Self::Api { source, .. } => source.code.area_code(),
            Self::Undecodable { .. } => "client.undecodable",
            Self::List { .. } => "client.list-contradiction",
            Self::ListParams { .. } => "client.list-params",
        }
    }

    /// What the caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Webhook(_)
            | Self::PlainHttp { .. }
            | Self::Setup { .. }
            | Self::Params { .. }
            | Self::ListParams { .. }
            | Self::Moved { .. } => ErrorKind::Configuration,
            Self::Unreachable { .. } | Self::Lost { .. } => ErrorKind::Unreachable,
            Self::NotAnAnswer { status, .. } if *status >= 500 || *status == 429 => ErrorKind::Unreachable,
            Self::NotAnAnswer { status: 401 | 403, .. } => ErrorKind::Authorization,
            Self::NotAnAnswer { .. } | Self::Undecodable { .. } | Self::List { .. } => ErrorKind::Protocol,
            Self::Api { source, .. } => source.kind(),
            Self::Login { source, .. } => source.kind(),
        }
    }

    /// What the portal said, if it said something.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api { source, .. } => Some(source),
            _ => None,
        }
    }

    /// Whether the call may have been executed although it has no result.
    #[must_use]
    pub fn may_be_executed(&self) -> bool {
        match self {
            Self::Lost { .. } | Self::NotAnAnswer { .. } | Self::Undecodable { .. } => true,
            Self::Api { source, .. } => source.is_ambiguous(),
            _ => false,
        }
    }

    /// Whether something was sent that may have arrived at the portal.
    pub(crate) fn may_be_sent(&self) -> bool {
        !matches!(
            self,
            Self::Unreachable { .. }
                | Self::Params { .. }
                | Self::PlainHttp { .. }
                | Self::Setup { .. }
                | Self::Webhook(_)
                | Self::Login { .. }
                | Self::Moved { .. }
        )
    }

    /// Whether a smaller question would have an answer.
    pub(crate) fn is_too_large(&self) -> bool {
        matches!(self, Self::Lost { source: TransportError::TooLarge { .. }, .. })
    }

    /// Whether fewer questions at once might have answers: they were too large, or took too long.
    pub(crate) fn is_too_much(&self) -> bool {
        self.is_too_large()
            || matches!(self, Self::Lost { source: TransportError::TimedOut(_), .. })
            || matches!(self, Self::NotAnAnswer { status: GATEWAY_TIMEOUT, .. })
    }

    /// Whether every other request to this portal fails in the same way now.
    pub(crate) fn concerns_every_request(&self) -> bool {
        // A denied record or a scope that is missing for one method says nothing about the next call.
        matches!(self, Self::Unreachable { .. } | Self::Moved { .. } | Self::Login { .. })
            || self.api().is_some_and(|api| {
                matches!(
                    api.code,
                    ApiCode::Credentials
                        | ApiCode::ExpiredToken
                        | ApiCode::Payment
                        | ApiCode::PortalDeleted
                        | ApiCode::Overload
                )
            })
    }

    /// Every code of this crate's errors, for the list of all codes.
    #[must_use]
    pub fn codes() -> &'static [&'static str] {
        &[
            "client.answer-lost",
            "client.authorization",
            "client.limit",
            "client.list-contradiction",
            "client.list-params",
            "client.login-needed",
            "client.login-refused",
            "client.login-unreachable",
            "client.method-unknown",
            "client.not-an-answer",
            "client.params-invalid",
            "client.plain-http",
            "client.portal-moved",
            "client.refused",
            "client.setup",
            "client.token-store",
            "client.undecodable",
            "client.unreachable",
            "client.webhook-malformed",
            "client.batch-group-too-large",
            "client.batch-params-invalid",
            "client.batch-reference-illegal",
            "client.not-executed",
            "client.outcome-unknown",
            "client.read-failed",
            "client.rejected",
        ]
    }
}
