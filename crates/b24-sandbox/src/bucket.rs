//! The leaky bucket in front of the portal (reference, section 4): one per source address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// What a tariff allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    /// Requests that leak out per second; 0 switches the limit off.
    pub(crate) leak: f64,
    /// The level that must not be exceeded.
    pub(crate) burst: u32,
}

/// Level of one bucket and the moment it was computed for.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    level: f64,
    at: Duration,
}

/// Buckets of all source addresses. `now` is any clock that does not go back.
#[derive(Debug)]
pub(crate) struct Buckets {
    rate: Rate,
    by_source: HashMap<IpAddr, Bucket>,
}

impl Buckets {
    /// Empty buckets.
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, by_source: HashMap::new() }
    }

    /// Whether a request is let in. A refused one leaves the level as it is.
    pub(crate) fn admit(&mut self, source: IpAddr, now: Duration) -> bool {
        if self.rate.leak <= 0.0 {
            return true;
        }
        let bucket = self.by_source.entry(source).or_default();
        let leaked = now.saturating_sub(bucket.at).as_secs_f64() * self.rate.leak;
        bucket.level = (bucket.level - leaked).max(0.0);
        bucket.at = bucket.at.max(now);
        // The tolerance keeps a client that computes the same sum from losing to rounding.
        let admitted = bucket.level + 1.0 <= f64::from(self.rate.burst) + 1e-6;
        if admitted {
            bucket.level += 1.0;
        }
        admitted
    }

    /// Forgets all requests.
    pub(crate) fn clear(&mut self) {
        self.by_source.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    fn standard() -> Buckets {
        Buckets::new(Rate { leak: 2.0, burst: 50 })
    }

    fn seconds(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    #[test]
    fn a_fresh_client_has_fifty_at_once_and_then_two_a_second() {
        let mut buckets = standard();
        let at_once = (0..80).filter(|_| buckets.admit(HERE, Duration::ZERO)).count();
        assert_eq!(at_once, 50);
        assert!(!buckets.admit(HERE, seconds(0.49)));
        assert!(buckets.admit(HERE, seconds(0.5)));
        assert!(!buckets.admit(HERE, seconds(0.5)));
    }

    #[test]
    fn refused_requests_do_not_fill_the_bucket() {
        let mut buckets = standard();
        for _ in 0..10_000 {
            buckets.admit(HERE, Duration::ZERO);
        }
        let later = (0..80).filter(|_| buckets.admit(HERE, seconds(5.0))).count();
        assert_eq!(later, 10);
    }

    #[test]
    fn sources_are_independent_and_clearing_forgets_them() {
        let mut buckets = standard();
        for _ in 0..50 {
            assert!(buckets.admit(HERE, Duration::ZERO));
        }
        assert!(!buckets.admit(HERE, Duration::ZERO));
        assert!(buckets.admit(THERE, Duration::ZERO));
        buckets.clear();
        assert!(buckets.admit(HERE, Duration::ZERO));
    }

    #[test]
    fn rate_zero_never_refuses() {
        let mut buckets = Buckets::new(Rate { leak: 0.0, burst: 1 });
        assert!((0..1000).all(|_| buckets.admit(HERE, Duration::ZERO)));
    }

    proptest! {
        #[test]
        fn no_window_admits_more_than_burst_plus_leak(
            gaps in proptest::collection::vec(0_u64..2_000, 1..300),
            burst in 1_u32..60,
            leak in 1_u32..10,
        ) {
            let mut buckets = Buckets::new(Rate { leak: f64::from(leak), burst });
            let mut now = Duration::ZERO;
            let mut admitted = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                if buckets.admit(HERE, now) {
                    admitted.push(now);
                }
            }
            for (i, from) in admitted.iter().enumerate() {
                for (j, to) in admitted.iter().enumerate().skip(i) {
                    let leaked = to.saturating_sub(*from).as_secs_f64() * f64::from(leak);
                    let count = u32::try_from(j - i + 1).unwrap();
                    prop_assert!(f64::from(count) <= f64::from(burst) + leaked + 1e-3);
                }
            }
        }
    }
}
