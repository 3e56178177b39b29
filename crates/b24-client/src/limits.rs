//! The portal's limits and what this client has used of them.

mod bucket;
mod durations;
mod gate;
mod operating;
mod shared;
mod trust;

pub(crate) use bucket::Size;
pub(crate) use gate::Gate;
pub(crate) use operating::Usage;
pub(crate) use shared::{Me, SharedLimiter};

use std::collections::BTreeMap;
use std::time::Duration;

/// The leaky bucket of a portal's plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Requests that leak out of the bucket each second; 0 for no limit.
    pub leak_per_second: f64,
    /// Requests the portal's bucket holds. The client uses one fewer.
    pub burst: u32,
}

impl Pace {
    /// All plans but Enterprise: 50 at once, then 2 a second (`limits.md` of the REST documentation).
    pub const STANDARD: Self = Self { leak_per_second: 2.0, burst: 50 };
    /// Enterprise: 250 at once, then 5 a second.
    pub const ENTERPRISE: Self = Self { leak_per_second: 5.0, burst: 250 };
    /// No limit, for portals of one's own.
    pub const UNLIMITED: Self = Self { leak_per_second: 0.0, burst: 0 };
}

/// What a client has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// HTTP requests sent, repetitions included.
    pub requests: u64,
    /// Commands in them: 1 for a single call, up to 50 for a batch.
    pub commands: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Requests the portal refused because its bucket was full: somebody else uses it from the same address.
    pub refused: u64,
    /// Time spent waiting for limits and before repetitions, summed over requests.
    pub waited: Duration,
}

/// What a client has used of the portal's limits.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct LimitView {
    /// Requests in the bucket now, those under way included.
    pub level: f64,
    /// Requests the client puts into the bucket at most: fewer for a while after the portal refused one.
    pub capacity: u32,
    /// Processes of this machine that used the same limiter lately, this one among them; `None` when it is not shared.
    pub processes: Option<u32>,
    /// Seconds of execution time per method as the portal last reported them, `batch` among them.
    pub operating: BTreeMap<String, f64>,
}
