//! The circuit breaker of one provider's lane: a value that is stored, shared by all processes.

use jiff::Timestamp;

/// Closed, paused, or open with one probe at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Breaker {
    /// Failed calls since the last good one.
    pub(crate) failures: u32,
    /// Nothing is sent before.
    pub(crate) paused_until: Option<Timestamp>,
    /// A probe is under way; should its worker die, the next one may probe then.
    pub(crate) probe_until: Option<Timestamp>,
}

/// May a call be made?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Go,
    /// One call only, to see whether the provider is back.
    Probe,
    Wait(Timestamp),
}

impl Breaker {
    /// From this many failures in a row on, a single call has to succeed before others are made.
    const OPEN: u32 = 3;

    pub(crate) fn admit(&self, now: Timestamp) -> Admission {
        match (self.paused_until, self.probe_until) {
            (Some(until), _) | (_, Some(until)) if until > now => Admission::Wait(until),
            _ if self.failures >= Self::OPEN => Admission::Probe,
            _ => Admission::Go,
        }
    }

    /// The provider is left alone, rather than asked by another worker just now.
    pub(crate) fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until.is_some_and(|until| until > now)
    }

    pub(crate) fn probing(self, until: Timestamp) -> Self {
        Self { probe_until: Some(until), ..self }
    }

    /// A pause that another worker was told meanwhile stays.
    pub(crate) fn succeeded(self) -> Self {
        Self { failures: 0, paused_until: self.paused_until, probe_until: None }
    }

    /// The probe's worker did not get to ask.
    pub(crate) fn not_probed(self) -> Self {
        Self { probe_until: None, ..self }
    }

    /// A shorter pause never ends a longer one that another worker was told.
    pub(crate) fn failed(self, pause: Timestamp) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            paused_until: Some(self.paused_until.map_or(pause, |until| until.max(pause))),
            probe_until: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::constant(1_000_000 + second, 0)
    }

    #[test]
    fn a_failure_pauses_the_lane_until_its_time() {
        let breaker = Breaker::default().failed(at(10)).failed(at(5));
        assert_eq!((breaker.admit(at(9)), breaker.is_paused(at(9))), (Admission::Wait(at(10)), true));
        assert_eq!(breaker.admit(at(10)), Admission::Go);
    }

    #[test]
    fn an_open_lane_lets_one_probe_through_and_a_dead_probe_is_replaced() {
        let open = Breaker::default().failed(at(1)).failed(at(2)).failed(at(3));
        assert_eq!(open.admit(at(3)), Admission::Probe);
        let probing = open.probing(at(60));
        assert_eq!(probing.admit(at(4)), Admission::Wait(at(60)));
        assert_eq!(probing.admit(at(60)), Admission::Probe);
        assert_eq!(probing.failed(at(90)).admit(at(60)), Admission::Wait(at(90)));
        assert_eq!(probing.succeeded().admit(at(4)), Admission::Go);
        assert_eq!(probing.failed(at(90)).succeeded().admit(at(60)), Admission::Wait(at(90)));
    }
}
