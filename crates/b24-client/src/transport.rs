//! The seam between the client and the network: one encoded request, one answer or a classified failure.

mod http;
mod throttle;

pub(crate) use http::{Http, HttpOptions, HttpTransport, LARGEST_ANSWER};

use std::time::Duration;

use async_trait::async_trait;

use crate::auth::Access;

/// One encoded request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// Name of the method.
    pub method: String,
    /// The JSON body, without an access token.
    pub body: String,
    /// Where it goes and what lets it in.
    pub access: Access,
}

/// One answer, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// `Location` of a redirect.
    pub location: Option<String>,
    /// How long the server asks to be left alone, if it says so in a header.
    pub retry_after: Option<Duration>,
}

impl Answer {
    /// An answer without headers.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), location: None, retry_after: None }
    }
}

/// Why there is no answer. What matters is whether the portal can have executed the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection was made: nothing was executed.
    #[error("no connection: {0}")]
    Connect(String),
    /// A connection to a host whose certificate nobody vouches for: nothing was sent.
    #[error("the certificate is not trusted: {0}")]
    Untrusted(String),
    /// The request went out, or may have: nobody knows what was executed.
    #[error("the connection broke before the answer was complete: {0}")]
    AfterSend(String),
    /// No complete answer in time; nobody knows what was executed.
    #[error("no complete answer in time: {0}")]
    TimedOut(String),
    /// The answer is larger than the client accepts; it was executed.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The largest accepted answer.
        limit: u64,
    },
}

impl TransportError {
    /// Whether it is proved that nothing was executed.
    #[must_use]
    pub fn proves_not_executed(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Untrusted(_))
    }

    pub(crate) fn map_text(self, change: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Connect(text) => Self::Connect(change(&text)),
            Self::Untrusted(text) => Self::Untrusted(change(&text)),
            Self::AfterSend(text) => Self::AfterSend(change(&text)),
            Self::TimedOut(text) => Self::TimedOut(change(&text)),
            Self::TooLarge { limit } => Self::TooLarge { limit },
        }
    }
}

/// Carries requests to a portal.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends one request and waits for the complete answer.
    ///
    /// # Errors
    /// When there is no complete answer.
    async fn send(&self, request: Request) -> Result<Answer, TransportError>;
}
