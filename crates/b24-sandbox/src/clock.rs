//! The sandbox's clock: wall time that never goes back, read in one place.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// The portal's zone: +03:00, fixed.
const ZONE: Offset = Offset::constant(3);

/// A moment on the sandbox's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    /// Time since 1970.
    pub(crate) unix: Duration,
}

impl Moment {
    /// As the portal's methods want it.
    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp::try_from(std::time::UNIX_EPOCH + self.unix).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// ISO 8601 with the portal's offset.
    pub(crate) fn iso(self) -> String {
        self.timestamp().to_zoned(TimeZone::fixed(ZONE)).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// Wall time at the start plus the monotonic time since.
#[derive(Debug)]
pub(crate) struct Clock {
    unix: Duration,
    started: Instant,
}

impl Clock {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the server is where the sandbox reads its clock")]
    pub(crate) fn start() -> Self {
        let unix = Timestamp::now().duration_since(Timestamp::UNIX_EPOCH).unsigned_abs();
        Self { unix, started: Instant::now() }
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Moment {
        Moment { unix: self.unix + self.started.elapsed() }
    }
}
