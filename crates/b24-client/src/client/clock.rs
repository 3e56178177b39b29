//! The portal's clock, read from its answers.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::Time;

/// What the last answer said about the portal's time, and when it came.
#[derive(Debug, Default)]
pub(crate) struct PortalClock(Mutex<Option<(Timestamp, Instant)>>);

impl PortalClock {
    /// Takes the time of an answer, if it tells one.
    pub(super) fn note(&self, time: Option<&Time>) {
        let finish =
            time.and_then(|time| time.finish).and_then(|at| SignedDuration::try_from_secs_f64(at).ok());
        let Some(finish) = finish.and_then(|since| Timestamp::UNIX_EPOCH.checked_add(since).ok()) else {
            return;
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((finish, Instant::now()));
    }

    /// The time there, or one before it: the answer took its time to come.
    pub(super) fn at_least(&self) -> Option<Timestamp> {
        let (finish, came) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let passed = SignedDuration::try_from(came.elapsed()).ok()?;
        finish.checked_add(passed).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_that_tell_the_time_move_the_clock() {
        let clock = PortalClock::default();
        assert_eq!(clock.at_least(), None);
        let answer = |finish| Time { finish, ..Time::default() };
        clock.note(Some(&answer(Some(1_700_000_000.5))));
        clock.note(Some(&answer(None)));
        clock.note(Some(&answer(Some(f64::NAN))));
        clock.note(None);
        let told: Timestamp = "2023-11-14T22:13:20.5Z".parse().unwrap();
        let passed = clock.at_least().unwrap().duration_since(told);
        assert!((0..60).contains(&passed.as_secs()), "{passed}");
    }
}
