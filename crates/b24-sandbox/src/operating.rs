//! The operating budget (reference, section 4): execution seconds per webhook and method in ten one-minute buckets.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// A bucket counts for this long after its first call.
const LIFE: Duration = Duration::from_mins(10);
/// Calls within this long of a bucket's first call go into the same bucket.
const WIDTH: Duration = Duration::from_mins(1);
/// Shorter calls are not accounted.
const THRESHOLD: Duration = Duration::from_millis(100);

/// What a reply says about the budget in its `time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    /// `operating`: time used in the last ten minutes.
    pub(crate) used: Duration,
    /// When the oldest bucket expires, on the clock of `now`.
    pub(crate) reset_at: Duration,
}

impl Usage {
    /// Nothing used: what a call that is not accounted says.
    pub(crate) fn none(now: Duration) -> Self {
        Self { used: Duration::ZERO, reset_at: now + LIFE }
    }
}

/// First call and sum of each bucket, oldest first.
#[derive(Debug, Default)]
struct Window(VecDeque<(Duration, Duration)>);

impl Window {
    fn expire(&mut self, now: Duration) {
        while self.0.front().is_some_and(|(first, _)| *first + LIFE <= now) {
            self.0.pop_front();
        }
    }

    fn add(&mut self, took: Duration, now: Duration) {
        match self.0.back_mut() {
            Some((first, sum)) if now < *first + WIDTH => *sum += took,
            _ => self.0.push_back((now, took)),
        }
    }

    fn usage(&self, now: Duration) -> Usage {
        let reset_at = self.0.front().map_or(now, |(first, _)| *first) + LIFE;
        Usage { used: self.0.iter().map(|(_, sum)| *sum).sum(), reset_at }
    }
}

/// Budgets of all methods of one webhook. `now` is any clock that does not go back.
#[derive(Debug)]
pub(crate) struct Operating {
    limit: Option<Duration>,
    by_method: HashMap<String, Window>,
}

impl Operating {
    /// Nothing used yet; without a limit nothing is ever refused.
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self { limit, by_method: HashMap::new() }
    }

    /// Whether a method may run now. It may as long as the sum does not exceed the limit.
    pub(crate) fn admit(&mut self, method: &str, now: Duration) -> bool {
        let (Some(limit), Some(window)) = (self.limit, self.by_method.get_mut(method)) else { return true };
        window.expire(now);
        window.usage(now).used <= limit
    }

    /// Accounts a call that ended now and tells the state after it.
    pub(crate) fn account(&mut self, method: &str, took: Duration, now: Duration) -> Usage {
        if took > THRESHOLD && !self.by_method.contains_key(method) {
            self.by_method.insert(method.to_owned(), Window::default());
        }
        let Some(window) = self.by_method.get_mut(method) else { return Usage::none(now) };
        window.expire(now);
        if took > THRESHOLD {
            window.add(took, now);
        }
        window.usage(now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_method_is_blocked_above_the_limit_only_and_others_are_not() {
        let mut budget = Operating::new(Some(s(10)));
        budget.account("crm.item.list", s(10), s(0));
        assert!(budget.admit("crm.item.list", s(1)));
        budget.account("crm.item.list", s(1), s(2));
        assert!(!budget.admit("crm.item.list", s(3)));
        assert!(budget.admit("crm.deal.list", s(3)));
    }

    #[test]
    fn the_block_lifts_when_the_oldest_bucket_expires() {
        let mut budget = Operating::new(Some(s(10)));
        budget.account("m", s(6), s(100));
        let usage = budget.account("m", s(6), s(200));
        assert_eq!(usage, Usage { used: s(12), reset_at: s(700) });
        assert!(!budget.admit("m", s(699)));
        assert!(budget.admit("m", s(700)));
        assert_eq!(budget.account("m", Duration::ZERO, s(700)), Usage { used: s(6), reset_at: s(800) });
    }

    #[test]
    fn calls_of_a_tenth_of_a_second_or_less_are_free() {
        let mut budget = Operating::new(Some(Duration::ZERO));
        for i in 0..100 {
            budget.account("m", THRESHOLD, s(i));
        }
        assert!(budget.admit("m", s(100)));
        assert_eq!(budget.account("m", s(1), s(100)).used, s(1));
    }

    #[test]
    fn without_a_limit_the_sum_is_told_but_nothing_is_refused() {
        let mut budget = Operating::new(None);
        assert_eq!(budget.account("m", s(9999), s(1)).used, s(9999));
        assert!(budget.admit("m", s(1)));
    }

    proptest! {
        #[test]
        fn at_most_ten_buckets_and_no_call_counts_after_ten_minutes_and_one(
            calls in proptest::collection::vec((0_u64..200, 1_u64..5), 1..200),
        ) {
            let mut budget = Operating::new(Some(s(1)));
            let mut now = s(0);
            let mut made: Vec<(Duration, Duration)> = Vec::new();
            for (gap, took) in calls {
                now += s(gap);
                let usage = budget.account("m", s(took), now);
                made.push((now, s(took)));
                prop_assert!(budget.by_method["m"].0.len() <= 10);
                let sum = |life: Duration| made.iter().filter(|(at, _)| *at + life > now).map(|(_, t)| *t).sum::<Duration>();
                prop_assert!(usage.used <= sum(LIFE));
                prop_assert!(usage.used >= sum(LIFE.saturating_sub(WIDTH)));
                prop_assert!(usage.reset_at > now);
            }
        }
    }
}
