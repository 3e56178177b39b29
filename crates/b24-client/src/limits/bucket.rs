//! The leaky bucket as a pure state machine: no clock, no waiting, only arithmetic on made-up times.
//!
//! The portal counts a request when it *receives* it, which is any time after it was sent. A request that waits in
//! the network has not begun to leak at the portal, so here it only begins to leak when its answer has come: from
//! then on the portal must have received it, and receiving it earlier would only have lowered the portal's counter.
//! So the level here is never below the portal's, whatever the network does, and the portal never refuses.

use std::time::Duration;

use super::Pace;

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

/// Requests answered and leaking, and requests under way. Times are durations since any fixed start.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    /// The time one request takes to leak.
    interval: Duration,
    /// One fewer than the portal's bucket holds.
    capacity: u32,
    under_way: u32,
    /// When everything answered so far will have leaked.
    empty_at: Duration,
}

impl Bucket {
    /// `None` when the pace has no limit.
    pub(crate) fn new(pace: Pace) -> Option<Self> {
        if pace.leak_per_second <= 0.0 || pace.burst == 0 {
            return None;
        }
        let interval = Duration::try_from_secs_f64(1.0 / pace.leak_per_second).unwrap_or(Duration::MAX);
        // A nanosecond more, so that rounding never makes the client the faster of the two.
        let interval = interval.saturating_add(Duration::from_nanos(1));
        Some(Self { interval, capacity: (pace.burst - 1).max(1), under_way: 0, empty_at: Duration::ZERO })
    }

    /// Asks for the next request's turn; [`Turn::Go`] counts it.
    pub(crate) fn ask(&mut self, now: Duration) -> Turn {
        let needed = self.under_way + 1;
        let Some(room) = self.capacity.checked_sub(needed) else { return Turn::AfterAnswer };
        let at = self.empty_at.saturating_sub(self.interval * room);
        if at > now {
            return Turn::At(at);
        }
        self.under_way = needed;
        Turn::Go
    }

    /// The answer has come, or there will be none.
    pub(crate) fn answered(&mut self, now: Duration) {
        self.under_way = self.under_way.saturating_sub(1);
        self.empty_at = self.empty_at.max(now) + self.interval;
    }

    /// The portal says that its bucket is full: others use it, too.
    pub(crate) fn refused(&mut self, now: Duration) {
        self.empty_at = self.empty_at.max(now + self.interval * self.capacity);
    }

    /// Requests in the bucket, those under way included.
    pub(crate) fn level(&self, now: Duration) -> f64 {
        let leaking = self.empty_at.saturating_sub(now).as_secs_f64() / self.interval.as_secs_f64();
        leaking + f64::from(self.under_way)
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
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
        fn no_network_makes_the_portal_refuse(
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
    fn after_three_of_five_nothing_waits_and_after_eight_one_second() {
        // Burst 6 because one place is kept free.
        let mut bucket = Bucket::new(Pace { leak_per_second: 1.0, burst: 6 }).expect("limited");
        for _ in 0..5 {
            assert_eq!(bucket.ask(Duration::ZERO), Turn::Go);
            bucket.answered(Duration::ZERO);
        }
        assert_eq!(bucket.ask(Duration::ZERO), Turn::At(Duration::new(1, 1) + Duration::ZERO));
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
    fn a_refusal_fills_the_bucket() {
        let mut bucket = Bucket::new(Pace::STANDARD).expect("limited");
        bucket.refused(Duration::ZERO);
        assert!(matches!(bucket.ask(Duration::ZERO), Turn::At(at) if at >= Duration::from_millis(500)));
    }
}
