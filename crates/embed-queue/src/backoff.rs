//! How long to wait after a failure.

use std::time::Duration;

/// Exponential back-off with full jitter, so that workers that failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Upper end of the first wait.
    pub base: Duration,
    /// Upper end of every wait.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_secs(1), cap: Duration::from_mins(5) }
    }
}

impl Backoff {
    /// The wait after so many failures in a row: between zero and `base · 2^(failures − 1)`, at most `cap`, never shorter
    /// than the provider's `hint`. `random` lies in 0..1.
    #[must_use]
    pub fn delay(&self, failures: u32, hint: Option<Duration>, random: f64) -> Duration {
        let doubled = self.base.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let jitter = doubled.min(self.cap).mul_f64(random.clamp(0.0, 1.0));
        jitter.max(hint.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_wait_is_never_below_the_hint_nor_above_cap_and_hint(
            failures in 0_u32..200, hint in proptest::option::of(0_u64..100_000), random in 0.0..1.0_f64
        ) {
            let backoff = Backoff::default();
            let hint = hint.map(Duration::from_secs);
            let delay = backoff.delay(failures, hint, random);
            prop_assert!(delay >= hint.unwrap_or_default());
            prop_assert!(delay <= backoff.cap.max(hint.unwrap_or_default()));
        }
    }

    #[test]
    fn the_upper_end_doubles_up_to_the_cap() {
        let backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(10) };
        let ends = [1, 2, 3, 4, 5, 100].map(|failures| backoff.delay(failures, None, 1.0).as_secs());
        assert_eq!(ends, [1, 2, 4, 8, 10, 10]);
        assert_eq!(backoff.delay(3, None, 0.25), Duration::from_secs(1));
    }
}
