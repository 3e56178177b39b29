//! What turns text into vectors.

pub mod contract;
pub(crate) mod lexical;
pub(crate) mod remote;

use std::ops::AddAssign;
use std::time::Duration;

use async_trait::async_trait;

use crate::hash::Hash;

/// The identity of vectors that may be compared with each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Space {
    /// Who computes them.
    pub provider: String,
    /// With which model.
    pub model: String,
    /// Number of components.
    pub dimensions: usize,
    /// Names the prefixes or task types put before documents and queries; empty for none.
    pub prefixes: String,
}

impl Space {
    /// One text that is equal for equal spaces. Vectors are always stored normalised, which is part of it.
    #[must_use]
    pub fn identity(&self) -> String {
        serde_json::json!([self.provider, self.model, self.dimensions, self.prefixes, "unit"]).to_string()
    }

    /// What [`Space::identity`] was made of.
    pub(crate) fn from_identity(text: &str) -> Option<Self> {
        let (provider, model, dimensions, prefixes, _): (_, _, _, _, String) =
            serde_json::from_str(text).ok()?;
        Some(Self { provider, model, dimensions, prefixes })
    }

    /// Provider and model: what shares one provider's limits, and so one circuit breaker.
    #[must_use]
    pub fn lane(&self) -> String {
        format!("{}/{}", self.provider, self.model)
    }
}

/// What one call to a provider may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Texts in one call.
    pub max_items: usize,
    /// Tokens in one call, all texts together.
    pub max_tokens: usize,
    /// Tokens of one text.
    pub max_item_tokens: usize,
    /// Vectors show shared characters and words, not shared meaning; users are told.
    pub lexical: bool,
}

/// What the vectors are for; some models embed questions and documents differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To be found.
    Document,
    /// To find.
    Query,
}

/// A text to embed. The key comes back with the answer; the position means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The hash of the text.
    pub key: Hash,
    /// The text.
    pub text: String,
}

impl Input {
    /// The text under its hash.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self { key: Hash::of(&text), text }
    }
}

/// What a provider says about one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The key of the input.
    pub key: Hash,
    /// Its components, or why there are none.
    pub outcome: Result<Vec<f32>, ItemError>,
}

/// Why one text has no vector although the call succeeded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// This text will never have one: too long, refused by a filter.
    #[error("{0}")]
    Permanent(String),
    /// Another attempt may give one.
    #[error("{0}")]
    Temporary(String),
}

/// Why a call failed as a whole. The classes differ in what the queue does next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// The request was refused for what it carried (400, 413, 422): the batch is halved until the culprit is alone.
    #[error("the provider refused the request: {0}")]
    Rejected(String),
    /// No connection, no answer in time, 5xx, or an answer that makes no sense.
    #[error("the provider failed: {0}")]
    Unavailable(String),
    /// Too many requests for now.
    #[error("the provider asks to wait {}: {reason}", wait(*after))]
    RetryAfter {
        /// How long, at least.
        after: Duration,
        /// In the provider's words.
        reason: String,
    },
    /// The quota of the day is used up.
    #[error("the provider's daily quota is used up, next attempt in {}: {reason}", wait(*after))]
    QuotaDay {
        /// Until it is renewed.
        after: Duration,
        /// In the provider's words.
        reason: String,
    },
    /// Wrong key, unknown model, no quota at all: repeating does not help (401, 403, 404, `limit: 0`).
    #[error("the provider's configuration is wrong: {0}")]
    Configuration(String),
}

fn wait(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64().ceil())
}

impl EmbedError {
    /// The code for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "embedder.rejected",
            Self::Unavailable(_) => "embedder.unavailable",
            Self::RetryAfter { .. } => "embedder.rate-limited",
            Self::QuotaDay { .. } => "embedder.quota-day",
            Self::Configuration(_) => "embedder.configuration",
        }
    }

    /// How long the provider wants to be left alone.
    #[must_use]
    pub fn hint(&self) -> Option<Duration> {
        match self {
            Self::RetryAfter { after, .. } | Self::QuotaDay { after, .. } => Some(*after),
            Self::Rejected(_) | Self::Unavailable(_) | Self::Configuration(_) => None,
        }
    }
}

/// What a call used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Calls to the provider that it answered.
    pub calls: u64,
    /// Tokens in them, as the provider counts them where it says so.
    pub tokens: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.tokens = self.tokens.saturating_add(other.tokens);
    }
}

/// The answer to a call, and what it cost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reply {
    /// One for each text, in any order.
    pub answers: Vec<Answer>,
    /// Nothing for an embedder that costs nothing.
    pub usage: Usage,
}

/// Turns texts into vectors of one space.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The space of its vectors. It never changes during the embedder's life.
    fn space(&self) -> Space;

    /// What one call may carry.
    fn capabilities(&self) -> Capabilities;

    /// Embeds the texts. Answers are matched by key, in any order; a missing one counts as a failure of its text.
    ///
    /// # Errors
    /// The call failed as a whole; then no text has a vector.
    async fn embed(&self, purpose: Purpose, inputs: &[Input]) -> Result<Reply, EmbedError>;
}
