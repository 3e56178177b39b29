//! How a worker behaves, and what it needs from outside.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::backoff::Backoff;

/// How a worker behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Texts of one lease, at most; the embedder's own limit holds too.
    pub items: usize,
    /// Calls under way at the same time.
    pub concurrency: usize,
    /// One call is given up after this time.
    pub call_timeout: Duration,
    /// Other workers take a text over after this time without a sign; at least twice the call's limit.
    pub lease: Duration,
    /// A text is FAILED after so many failures of its own.
    pub max_attempts: u32,
    /// A text is FAILED when more workers than this ended while they held it.
    pub max_lost: u32,
    /// Waits after failures.
    pub backoff: Backoff,
    /// How often the file is looked at when nothing is due.
    pub poll: Duration,
    /// The worker ends when there is a collection whose name begins so: its texts must not go to this provider.
    pub forbidden: Option<&'static str>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            items: 256,
            concurrency: 4,
            call_timeout: Duration::from_mins(1),
            lease: Duration::from_mins(3),
            max_attempts: 5,
            max_lost: 20,
            backoff: Backoff::default(),
            poll: Duration::from_secs(1),
            forbidden: None,
        }
    }
}

/// When a worker ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When no text of its space is PENDING.
    Drained,
    /// Only when it is told to.
    Stopped,
}

type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;
type Dice = Box<dyn Fn() -> f64 + Send + Sync>;

/// The clock and the randomness, which a library does not take by itself.
pub struct Surroundings {
    pub(crate) now: Clock,
    pub(crate) random: Dice,
}

impl Surroundings {
    /// `random` gives numbers in 0..1.
    #[must_use]
    pub fn new(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        random: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self { now: Box::new(now), random: Box::new(random) }
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings")
    }
}

/// Ends workers gracefully: calls under way are finished and their vectors stored, nothing new is claimed.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// Not requested so far.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Tells all workers that were given this value.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    pub(crate) fn requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits so long, or until the request.
    pub(crate) async fn sleep(&self, wait: Duration) {
        let mut requests = self.0.subscribe();
        let requested = requests.wait_for(|requested| *requested);
        drop(tokio::time::timeout(wait, requested).await);
    }
}
