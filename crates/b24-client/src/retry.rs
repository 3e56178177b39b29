//! When to send again, and after how long.

use std::time::Duration;

/// How often a request is sent again, and how long to wait before.
///
/// The wait before repetition n is a random part of `base × 2ⁿ⁻¹` (full jitter), never below what the portal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Repetitions after the first attempt, per request.
    pub retries: u32,
    /// The longest wait before the first repetition; doubles with each.
    pub base: Duration,
    /// The wait when the portal has used up a method's time and does not say until when.
    pub operating_pause: Duration,
    /// A request whose portal asks for a longer wait than this fails at once.
    pub longest_wait: Duration,
}

impl RetryPolicy {
    /// Three repetitions after up to 1, 2 and 4 seconds.
    pub const STANDARD: Self = Self {
        retries: 3,
        base: Duration::from_secs(1),
        operating_pause: Duration::from_secs(10),
        longest_wait: Duration::from_mins(11),
    };

    /// Never send anything again.
    pub const NONE: Self = Self { retries: 0, ..Self::STANDARD };

    /// The wait before repetition `repetition` (from 1), given a random number and what the portal says.
    #[must_use]
    pub fn wait(&self, repetition: u32, random: u64, portal_says: Duration) -> Duration {
        let ceiling =
            self.base.saturating_mul(1_u32.checked_shl(repetition.saturating_sub(1)).unwrap_or(u32::MAX));
        let ceiling = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
        let jittered = Duration::from_nanos(scale(ceiling, random));
        jittered.max(portal_says)
    }
}

/// `ceiling × random / 2⁶⁴`, in whole numbers.
fn scale(ceiling: u64, random: u64) -> u64 {
    let product = u128::from(ceiling) * u128::from(random);
    u64::try_from(product >> 64).unwrap_or(u64::MAX)
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::STANDARD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_are_jittered_and_are_never_below_what_the_portal_says_p32() {
        let policy = RetryPolicy::STANDARD;
        let longest = |repetition| policy.wait(repetition, u64::MAX, Duration::ZERO).as_secs_f64();
        assert!((0.99..=1.0).contains(&longest(1)) && (1.99..=2.0).contains(&longest(2)));
        assert!((3.99..=4.0).contains(&longest(3)));
        assert_eq!(policy.wait(3, 0, Duration::ZERO), Duration::ZERO, "full jitter begins at nothing");
        assert_eq!(policy.wait(1, u64::MAX / 2, Duration::from_secs(9)), Duration::from_secs(9));
        assert!(
            policy.wait(u32::MAX, u64::MAX, Duration::ZERO) >= Duration::from_secs(4),
            "nothing overflows"
        );
    }
}
