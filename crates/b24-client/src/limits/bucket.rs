//! The leaky bucket as a pure state machine: no clock, no waiting, only arithmetic on made-up times.
//!
//! The portal counts a request when it *receives* it, which is any time after it was sent. A request that waits in
//! the network has not begun to leak at the portal, so here it only begins to leak when its answer has come: from
//! then on the portal must have received it, and receiving it earlier would only have lowered the portal's counter.
//! So the level here is never below the portal's, whatever the network does, and the portal never refuses: unless others
//! use it from the same address, which is what [`Trust`] is about.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Pace;
use super::trust::Trust;

/// Whether a request may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is counted and may go.
    Go,
    /// Not before this time, or when an answer comes, whichever is first.
    At(Duration),
    /// Not before an answer comes.
    AfterAnswer,
}

/// The size of the portal's bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// The time one request takes to leak.
    pub(super) interval: Duration,
    /// One fewer than the portal's bucket holds.
    pub(super) capacity: u32,
}

impl Size {
    /// `None` when the pace has no limit.
    pub(crate) fn of(pace: Pace) -> Option<Self> {
        if pace.leak_per_second <= 0.0 || pace.burst == 0 {
            return None;
        }
        let interval = Duration::try_from_secs_f64(1.0 / pace.leak_per_second).unwrap_or(LONGEST_INTERVAL);
        // A nanosecond more, so that rounding never makes the client the faster of the two.
        let interval = interval.min(LONGEST_INTERVAL) + Duration::from_nanos(1);
        Some(Self { interval, capacity: (pace.burst - 1).max(1) })
    }
}

/// Slower portals there are none; sums of times stay far from the end of their range.
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);

/// What is in the bucket. Times are durations since any fixed start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Level {
    /// When everything answered so far will have leaked.
    pub(super) empty_at: Duration,
    /// Nothing goes before this: others use the bucket, too.
    pub(super) spaced_until: Duration,
    pub(super) trust: Trust,
}

/// Requests answered and leaking, and requests under way.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(super) size: Size,
    pub(super) level: Level,
    pub(super) under_way: u32,
}

impl Bucket {
    /// An empty bucket; `None` when the pace has no limit.
    pub(crate) fn new(pace: Pace) -> Option<Self> {
        Size::of(pace).map(|size| Self { size, level: Level::default(), under_way: 0 })
    }

    /// Asks for the next request's turn; [`Turn::Go`] counts it.
    pub(crate) fn ask(&mut self, now: Duration) -> Turn {
        let Size { interval, capacity } = self.size;
        let needed = self.under_way + 1;
        if needed > self.capacity(now) {
            return Turn::AfterAnswer;
        }
        let room = capacity.saturating_sub(needed);
        let at = self.level.empty_at.saturating_sub(interval * room).max(self.level.spaced_until);
        if at > now {
            return Turn::At(at);
        }
        self.under_way = needed;
        if let Some(spacing) = self.level.trust.spacing(interval, now) {
            self.level.spaced_until = now + spacing;
        }
        Turn::Go
    }

    /// The answer has come, or there will be none.
    pub(crate) fn answered(&mut self, now: Duration) {
        self.under_way = self.under_way.saturating_sub(1);
        self.level.empty_at = self.level.empty_at.max(now) + self.size.interval;
    }

    /// The portal refused a request that was sent at `sent`: its bucket is full, so others use it, too.
    pub(crate) fn refused(&mut self, sent: Duration, now: Duration) {
        let Size { interval, capacity } = self.size;
        self.level.trust.refused(interval, sent, now);
        // Whoever filled it, it is full; it will be used more slowly than it leaks.
        self.level.empty_at = self.level.empty_at.max(now + interval * capacity);
        if let Some(spacing) = self.level.trust.spacing(interval, now) {
            self.level.spaced_until = now + spacing;
        }
    }

    /// Requests in the bucket, those under way included.
    pub(crate) fn filled(&self, now: Duration) -> f64 {
        let leaking =
            self.level.empty_at.saturating_sub(now).as_secs_f64() / self.size.interval.as_secs_f64();
        leaking + f64::from(self.under_way)
    }

    /// Requests that are believed to fit.
    pub(crate) fn capacity(&self, now: Duration) -> u32 {
        self.level.trust.of(self.size.capacity, self.size.interval, now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The portal's bucket: leaks all the time, refuses when the counter would exceed X.
    struct Portal {
        leak: f64,
        threshold: f64,
        level: f64,
        at: f64,
    }

    impl Portal {
        fn accepts(&mut self, at: f64) -> bool {
            self.level = (self.level - (at - self.at) * self.leak).max(0.0);
            self.at = at;
            if self.level + 1.0 > self.threshold {
                return false;
            }
            self.level += 1.0;
            true
        }
    }

    #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
    enum Step {
        Answer,
        Arrival,
    }

    /// Runs requests through the client's bucket and a network with these delays; gives every arrival time.
    fn arrivals(pace: Pace, delays: &[(u64, u64)]) -> Vec<f64> {
        let mut bucket = Bucket::new(pace).expect("limited");
        let mut now = Duration::ZERO;
        let mut pending: Vec<(Duration, Step)> = Vec::new();
        let mut arrived = Vec::new();
        let mut next = delays.iter();
        let mut waiting = next.next();
        while waiting.is_some() || !pending.is_empty() {
            let turn = waiting.map(|_| bucket.ask(now));
            if turn == Some(Turn::Go) {
                let (there, back) = waiting.copied().unwrap_or_default();
                let arrival = now + Duration::from_millis(there);
                pending.push((arrival, Step::Arrival));
                pending.push((arrival + Duration::from_millis(back), Step::Answer));
                waiting = next.next();
                continue;
            }
            pending.sort_by_key(|(at, step)| std::cmp::Reverse((*at, *step == Step::Answer)));
            let soonest = pending.last().map(|(at, _)| *at);
            if let Some(Turn::At(at)) = turn
                && soonest.is_none_or(|event| at < event)
            {
                now = at;
                continue;
            }
            let (at, step) = pending.pop().expect("an answer must be outstanding");
            now = now.max(at);
            match step {
                Step::Arrival => arrived.push(at.as_secs_f64()),
                Step::Answer => bucket.answered(now),
            }
        }
        arrived
    }

    proptest! {
        #[test]
        fn no_network_makes_the_portal_refuse_p30(
            delays in prop::collection::vec((0_u64..20_000, 0_u64..3_000), 1..250),
            burst in 2_u32..60,
            leak in prop::sample::select(vec![1.0, 2.0, 5.0, 40.0]),
        ) {
            let pace = Pace { leak_per_second: leak, burst };
            let mut portal = Portal { leak, threshold: f64::from(burst), level: 0.0, at: 0.0 };
            for at in arrivals(pace, &delays) {
                prop_assert!(portal.accepts(at));
            }
        }
    }

    #[test]
    fn a_fast_portal_is_used_at_its_full_rate() {
        let times = arrivals(Pace::STANDARD, &[(1, 1); 150]);
        let last = times.last().copied().unwrap_or_default();
        assert_eq!(times.len(), 150);
        assert!((50.5..50.6).contains(&last), "49 at once, then two a second: {last}");
    }

    #[test]
    fn after_three_of_five_nothing_waits_and_after_eight_one_second_p29() {
        // Burst 6 because one place is kept free.
        let mut bucket = Bucket::new(Pace { leak_per_second: 1.0, burst: 6 }).expect("limited");
        for _ in 0..5 {
            assert_eq!(bucket.ask(Duration::ZERO), Turn::Go);
            bucket.answered(Duration::ZERO);
        }
        assert_eq!(bucket.ask(Duration::ZERO), Turn::At(Duration::new(1, 1)));
        assert_eq!(bucket.ask(Duration::from_secs(2)), Turn::Go);
    }

    #[test]
    fn with_everything_under_way_only_an_answer_makes_room() {
        let mut bucket = Bucket::new(Pace { leak_per_second: 10.0, burst: 3 }).expect("limited");
        assert_eq!(bucket.ask(Duration::ZERO), Turn::Go);
        assert_eq!(bucket.ask(Duration::ZERO), Turn::Go);
        assert_eq!(bucket.ask(Duration::from_mins(1)), Turn::AfterAnswer);
        bucket.answered(Duration::from_mins(1));
        assert!(matches!(bucket.ask(Duration::from_mins(1)), Turn::At(_)));
        assert_eq!(bucket.ask(Duration::from_millis(60_101)), Turn::Go);
    }

    #[test]
    fn a_refusal_fills_the_bucket_and_slows_down() {
        let mut bucket = Bucket::new(Pace::STANDARD).expect("limited");
        bucket.refused(Duration::ZERO, Duration::ZERO);
        assert!(matches!(bucket.ask(Duration::ZERO), Turn::At(at) if at >= Duration::from_millis(500)));
        assert_eq!(bucket.ask(Duration::from_millis(1001)), Turn::Go);
        bucket.answered(Duration::from_millis(1001));
        assert!(
            matches!(bucket.ask(Duration::from_millis(1600)), Turn::At(at) if at > Duration::from_secs(2)),
            "one a second while others are there, not two"
        );
    }

    /// Sends one request after the other to a portal that others load with `others` requests a second, until `end`
    /// or until there is nothing to send; gives refusals and acceptances.
    fn beside_others(bucket: &mut Bucket, portal: &mut Portal, others: f64, span: (f64, f64)) -> (u32, u32) {
        let (mut now, end) = span;
        let (mut refused, mut accepted) = (0, 0);
        let mut next_other = now;
        while now < end {
            while others > 0.0 && next_other <= now {
                let _theirs = portal.accepts(next_other);
                next_other += 1.0 / others;
            }
            let at = Duration::from_secs_f64(now);
            match bucket.ask(at) {
                Turn::Go if portal.accepts(now) => {
                    accepted += 1;
                    bucket.answered(at);
                }
                Turn::Go => {
                    refused += 1;
                    bucket.answered(at);
                    bucket.refused(at, at);
                }
                Turn::At(_) | Turn::AfterAnswer => {}
            }
            now += 0.05;
        }
        (refused, accepted)
    }

    proptest! {
        #[test]
        fn beside_others_it_backs_off_and_alone_again_it_recovers_p29(others in 0.2_f64..1.6, burst in 10_u32..60) {
            let pace = Pace { leak_per_second: 2.0, burst };
            let mut bucket = Bucket::new(pace).expect("limited");
            let mut portal = Portal { leak: 2.0, threshold: f64::from(burst), level: 0.0, at: 0.0 };
            let (refused, accepted) = beside_others(&mut bucket, &mut portal, others, (0.0, 600.0));
            prop_assert!(accepted > 100, "{accepted} of some {} that were free", (2.0 - others) * 600.0);
            prop_assert!(refused * 8 <= accepted, "{refused} refused, {accepted} accepted");
            let (refused, accepted) = beside_others(&mut bucket, &mut portal, 0.0, (600.0, 1200.0));
            prop_assert!(refused <= 3, "{refused} refusals although nobody else is there any more");
            prop_assert!(accepted >= 1000, "{accepted} of 1200: it did not recover");
        }
    }
}
