//! How much of the portal's bucket this machine believes to have, as a pure state machine.
//!
//! A portal counts requests per source address. When it refuses although the reservations here say that there is
//! room, others send from the same address. Their share cannot be measured, only felt: every refusal halves what is
//! believed to be ours, every quiet while gives a little of it back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// All of it, in sixteenths.
const ALL: u32 = 16;
/// A sixteenth comes back after so many of the portal's intervals without a refusal: 10 s at 2 a second.
const QUIET: u32 = 20;

/// The share that is believed to be ours, as of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trust {
    sixteenths: u32,
    since: Duration,
    /// Requests sent before this were sent in ignorance: their refusal says nothing new.
    shrunk: Duration,
}

impl Default for Trust {
    fn default() -> Self {
        Self { sixteenths: ALL, since: Duration::ZERO, shrunk: Duration::ZERO }
    }
}

impl Trust {
    /// The share now, in sixteenths.
    fn now(self, interval: Duration, now: Duration) -> u32 {
        let step = (interval * QUIET).max(Duration::from_nanos(1)).as_nanos();
        let quiet = now.saturating_sub(self.since).as_nanos() / step;
        self.sixteenths.saturating_add(u32::try_from(quiet).unwrap_or(ALL)).clamp(1, ALL)
    }

    /// The portal refused a request that was sent at `sent`.
    pub(super) fn refused(&mut self, interval: Duration, sent: Duration, now: Duration) {
        let share = self.now(interval, now);
        if sent >= self.shrunk {
            self.sixteenths = (share / 2).max(1);
            self.shrunk = now;
        } else {
            self.sixteenths = share;
        }
        self.since = now;
    }

    /// What is left of a capacity.
    pub(super) fn of(self, capacity: u32, interval: Duration, now: Duration) -> u32 {
        (capacity.saturating_mul(self.now(interval, now)) / ALL).max(1)
    }

    /// The time between two requests that the share allows; nothing when all of it is ours.
    pub(super) fn spacing(self, interval: Duration, now: Duration) -> Option<Duration> {
        let share = self.now(interval, now);
        (share < ALL).then(|| interval * ALL / share)
    }

    /// Takes back what no machine of this kind can have written.
    pub(super) fn sane(self, now: Duration) -> Self {
        Self {
            sixteenths: self.sixteenths.clamp(1, ALL),
            since: self.since.min(now),
            shrunk: self.shrunk.min(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Duration = Duration::from_millis(500);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_refusal_halves_the_share_and_quiet_gives_it_back_slowly() {
        let mut trust = Trust::default();
        assert_eq!((trust.of(49, HALF, at(100)), trust.spacing(HALF, at(100))), (49, None));
        trust.refused(HALF, at(99), at(100));
        assert_eq!((trust.of(49, HALF, at(100)), trust.spacing(HALF, at(100))), (24, Some(at(1))));
        assert_eq!(trust.of(49, HALF, at(110)), 27, "ten seconds are a sixteenth");
        assert_eq!(trust.spacing(HALF, at(180)), None, "80 seconds are everything");
    }

    #[test]
    fn refusals_of_requests_that_were_under_way_together_count_once() {
        let mut trust = Trust::default();
        for _ in 0..20 {
            trust.refused(HALF, at(99), at(100));
        }
        assert_eq!(trust.of(48, HALF, at(100)), 24);
        trust.refused(HALF, at(101), at(102));
        assert_eq!(trust.of(48, HALF, at(102)), 12);
    }

    #[test]
    fn however_often_it_is_refused_something_is_left() {
        let mut trust = Trust::default();
        for second in 100..120 {
            trust.refused(HALF, at(second), at(second));
        }
        assert_eq!((trust.of(49, HALF, at(119)), trust.spacing(HALF, at(119))), (3, Some(at(8))));
    }
}
