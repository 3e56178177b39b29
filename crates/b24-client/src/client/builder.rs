//! How a client is set up.

use std::hash::{BuildHasher as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use super::clock::PortalClock;
use super::exchange::Counters;
use super::{Client, Inner};
use crate::auth::{Auth, Entrance};
use crate::error::Error;
use crate::limits::{Gate, Me, Pace, SharedLimiter, Size};
use crate::retry::RetryPolicy;
use crate::transport::{HttpOptions, HttpTransport, LARGEST_ANSWER, Transport};

/// Sets up a [`Client`].
#[must_use]
pub struct ClientBuilder {
    entrance: Entrance,
    accept_host: Option<String>,
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
    pub(super) fn new(entrance: Entrance) -> Self {
        Self {
            entrance,
            accept_host: None,
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

    /// The host (`host` or `host:port`) that the portal may have after a rename. Without it nothing is sent to a new
    /// host, and the error names it.
    pub fn accept_host(mut self, host: impl Into<String>) -> Self {
        self.accept_host = Some(host.into());
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

    /// Exchanges the code of an application's login for tokens, stores them, and gives the client. A webhook needs no
    /// login.
    ///
    /// # Errors
    /// The authorization server refuses or does not answer, the tokens are of another portal or cannot be stored; and
    /// as [`ClientBuilder::build`].
    pub async fn login(self, code: SecretString) -> Result<Client, Error> {
        self.entrance.login(code, self.accept_host.as_deref(), &self.http).await?;
        self.build()
    }

    /// The client.
    ///
    /// # Errors
    /// When the address is plain http to another machine, certificates are missing or unreadable, or an application
    /// has no tokens yet.
    pub fn build(self) -> Result<Client, Error> {
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::new(self.entrance.portal(), &self.http)?),
        };
        let auth = Auth::open(self.entrance, self.accept_host, &self.http, self.retry)?;
        let lease = self.http.timeout.saturating_add(GRACE);
        let shared = self.shared.zip(Size::of(self.pace)).map(|((path, now), size)| {
            let wall = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            SharedLimiter::new(path, Me(random_start()), size, lease, wall)
        });
        Ok(Client {
            inner: Arc::new(Inner {
                auth,
                retry: self.retry,
                transport,
                gate: Gate::new(self.pace, self.retry.longest_wait, shared),
                counters: Counters::default(),
                clock: PortalClock::default(),
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
        f.debug_struct("ClientBuilder").field("portal", self.entrance.portal()).finish_non_exhaustive()
    }
}
