//! How a client is set up.

use std::hash::{BuildHasher as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use super::exchange::Counters;
use super::{Client, Inner};
use crate::error::Error;
use crate::limits::{Gate, Me, Pace, SharedLimiter, Size};
use crate::retry::RetryPolicy;
use crate::transport::{HttpOptions, HttpTransport, LARGEST_ANSWER, Transport};
use crate::webhook::Webhook;

/// Sets up a [`Client`].
#[must_use]
pub struct ClientBuilder {
    webhook: Webhook,
    pace: Pace,
    retry: RetryPolicy,
    http: HttpOptions,
    transport: Option<Arc<dyn Transport>>,
    jitter: Option<u64>,
    /// File and time of the limiter that other processes use, too.
    shared: Option<(PathBuf, SystemTime)>,
}

/// Between the client's time-out and the moment at which nobody waits for the answer any more.
const GRACE: Duration = Duration::from_secs(15);

impl ClientBuilder {
    pub(super) fn new(webhook: Webhook) -> Self {
        Self {
            webhook,
            pace: Pace::STANDARD,
            retry: RetryPolicy::STANDARD,
            // A portal cuts a request at 60 s; a client that gives up earlier never learns what happened.
            http: HttpOptions {
                ca_file: None,
                timeout: Duration::from_secs(75),
                largest_answer: LARGEST_ANSWER,
            },
            transport: None,
            jitter: None,
            shared: None,
        }
    }

    /// The bucket of the portal's plan. [`Pace::STANDARD`] when not given.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// A PEM file with certificates to trust beside the system's.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.http.ca_file = Some(path.into());
        self
    }

    /// How long to wait for a complete answer; 75 s when not given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.http.timeout = timeout;
        self
    }

    /// When to send again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Shares the limiter with every process of this machine that names the same file; `now` is the time of day.
    /// The file is made when it is missing, its folder is not. Without access to it the client observes the limits
    /// for itself, and [`LimitView::processes`](crate::LimitView::processes) says so.
    pub fn shared_limiter(mut self, path: impl Into<PathBuf>, now: SystemTime) -> Self {
        self.shared = Some((path.into(), now));
        self
    }

    /// Another way to the portal than HTTP.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Where the random waits begin, for tests that want the same ones each time.
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter = Some(seed);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// When the address is plain http to another machine, or certificates are missing or unreadable.
    pub fn build(self) -> Result<Client, Error> {
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::new(self.webhook.clone(), &self.http)?),
        };
        let lease = self.http.timeout.saturating_add(GRACE);
        let shared = self.shared.zip(Size::of(self.pace)).map(|((path, now), size)| {
            let wall = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            SharedLimiter::new(path, Me(random_start()), size, lease, wall)
        });
        Ok(Client {
            inner: Arc::new(Inner {
                webhook: self.webhook,
                retry: self.retry,
                transport,
                gate: Gate::new(self.pace, self.retry.longest_wait, shared),
                counters: Counters::default(),
                jitter: AtomicU64::new(self.jitter.unwrap_or_else(random_start)),
            }),
        })
    }
}

/// Different in every process: the standard library seeds its hash tables from the system.
fn random_start() -> u64 {
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}
