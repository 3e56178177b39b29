//! The execution time a method may use in ten minutes, as a pure state machine.
//!
//! The portal reports with each answer what a method has used (`time.operating`) and when the oldest of it stops
//! counting (`operating_reset_at`). Whether a batch is charged to its commands' methods or to `batch` differs
//! between builds (documentation against measurements), so both are watched.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// The documented limit (`limits.md`): 480 s in 10 minutes.
const LIMIT_SECONDS: f64 = 480.0;
/// A refusal below this has another reason than the limit: no portal is set up so.
const LEAST_LIMIT_SECONDS: f64 = 30.0;
/// Above this share of the limit a method waits: calls under way are not in the portal's figure yet.
const SHARE: f64 = 0.95;
/// How long a used second counts.
const WINDOW: Duration = Duration::from_mins(10);

#[derive(Debug, Clone, Copy)]
struct Entry {
    used: f64,
    reset: Option<Duration>,
    held_until: Duration,
}

/// What every method has used. Times are durations since any fixed start.
#[derive(Debug, Default)]
pub(crate) struct Operating {
    methods: HashMap<String, Entry>,
    /// The lowest figure at which a portal refused: limits differ between portals and are not told.
    refused_at: Option<f64>,
}

/// What an answer says about a method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    /// Seconds used.
    pub(crate) used: f64,
    /// From now, until the oldest of them stops counting.
    pub(crate) reset_in: Option<Duration>,
}

impl Operating {
    /// Notes what an answer says.
    pub(crate) fn record(&mut self, method: &str, now: Duration, usage: Usage) {
        let reset = usage.reset_in.map(|wait| now + wait.min(WINDOW));
        let used_up = usage.used >= self.limit() * SHARE;
        let held_until = if used_up { reset.unwrap_or(now) } else { Duration::ZERO };
        let entry = Entry { used: usage.used, reset, held_until };
        // An answer that was under way when the method was refused does not lift the hold.
        self.methods
            .entry(method.to_ascii_lowercase())
            .and_modify(|known| *known = Entry { held_until: held_until.max(known.held_until), ..entry })
            .or_insert(entry);
    }

    /// The portal refused to start a method: hold it until the reset it told before if that much of the limit was
    /// used, else for `pause`. The reset of a method that has hardly run says nothing about a block.
    /// Gives the time to wait.
    pub(crate) fn refused(&mut self, method: &str, now: Duration, pause: Duration) -> Duration {
        let limit = self.limit();
        let entry = self.methods.entry(method.to_ascii_lowercase()).or_insert(Entry {
            used: limit,
            reset: None,
            held_until: Duration::ZERO,
        });
        if entry.used >= LEAST_LIMIT_SECONDS && entry.used < limit {
            self.refused_at = Some(entry.used);
        }
        let used_up = entry.used >= self.refused_at.unwrap_or(limit) * SHARE;
        let until = entry.reset.filter(|reset| used_up && *reset > now).unwrap_or(now + pause);
        entry.held_until = entry.held_until.max(until);
        entry.held_until.saturating_sub(now)
    }

    /// Another process knows that a method's time is used up.
    pub(crate) fn hold_until(&mut self, method: &str, until: Duration) {
        let limit = self.limit();
        let entry = self.methods.entry(method.to_ascii_lowercase()).or_insert(Entry {
            used: limit,
            reset: None,
            held_until: until,
        });
        entry.held_until = entry.held_until.max(until);
    }

    /// Seconds a method may use, as far as is known.
    fn limit(&self) -> f64 {
        self.refused_at.unwrap_or(LIMIT_SECONDS)
    }

    /// Until when a request with these methods should wait.
    pub(crate) fn hold<'a>(
        &self,
        methods: impl IntoIterator<Item = &'a str>,
        now: Duration,
    ) -> Option<Duration> {
        let held =
            |method: &str| self.methods.get(&method.to_ascii_lowercase()).map(|entry| entry.held_until);
        methods.into_iter().filter_map(held).max().filter(|until| *until > now)
    }

    /// Seconds used per method, as last reported.
    pub(crate) fn used(&self) -> BTreeMap<String, f64> {
        self.methods.iter().map(|(method, entry)| (method.clone(), entry.used)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1000);

    fn usage(used: f64, reset_in: u64) -> Usage {
        Usage { used, reset_in: Some(Duration::from_secs(reset_in)) }
    }

    #[test]
    fn a_refusal_of_a_method_that_has_hardly_run_is_waited_out_shortly_p33() {
        let mut operating = Operating::default();
        operating.record("crm.item.list", NOW, usage(0.0, 600));
        let pause = Duration::from_secs(10);
        assert_eq!(operating.refused("crm.item.list", NOW, pause), pause);
        // An answer that was under way comes in and lifts nothing.
        operating.record("crm.item.list", NOW, usage(0.0, 600));
        assert_eq!(operating.hold(["crm.item.list"], NOW), Some(NOW + pause));
    }

    #[test]
    fn below_the_threshold_nothing_waits_p31() {
        let mut operating = Operating::default();
        operating.record("crm.item.list", NOW, usage(400.0, 300));
        assert_eq!(operating.hold(["crm.item.list"], NOW), None);
    }

    #[test]
    fn above_it_the_method_waits_for_the_reset_and_only_that_method_p31() {
        let mut operating = Operating::default();
        operating.record("crm.item.list", NOW, usage(470.0, 300));
        assert_eq!(operating.hold(["CRM.item.list"], NOW), Some(NOW + Duration::from_mins(5)));
        assert_eq!(operating.hold(["crm.deal.list"], NOW), None);
        assert_eq!(operating.hold(["crm.item.list"], NOW + Duration::from_secs(301)), None);
    }

    #[test]
    fn a_refused_method_waits_for_the_known_reset_or_for_a_pause_p33() {
        let mut operating = Operating::default();
        operating.record("crm.item.list", NOW, usage(300.0, 40));
        let pause = Duration::from_secs(10);
        assert_eq!(operating.refused("crm.item.list", NOW, pause), Duration::from_secs(40));
        assert_eq!(operating.refused("crm.deal.list", NOW, pause), pause);
        assert_eq!(operating.hold(["crm.deal.list"], NOW), Some(NOW + pause));
    }

    #[test]
    fn a_batch_waits_for_the_slowest_of_its_methods() {
        let mut operating = Operating::default();
        operating.record("batch", NOW, usage(479.0, 20));
        operating.record("crm.deal.get", NOW, usage(479.0, 50));
        let until = operating.hold(["batch", "crm.deal.get"], NOW);
        assert_eq!(until, Some(NOW + Duration::from_secs(50)));
    }

    #[test]
    fn a_lower_limit_is_learned_from_a_refusal() {
        let mut operating = Operating::default();
        operating.record("crm.item.list", NOW, usage(421.0, 40));
        assert_eq!(operating.hold(["crm.item.list"], NOW), None);
        let _wait = operating.refused("crm.item.list", NOW, Duration::from_secs(10));
        operating.record("crm.deal.list", NOW, usage(410.0, 50));
        assert!(operating.hold(["crm.deal.list"], NOW).is_some(), "97 % of what was refused");
    }

    #[test]
    fn what_another_process_knows_is_believed() {
        let mut operating = Operating::default();
        operating.hold_until("crm.item.list", NOW + Duration::from_secs(5));
        assert_eq!(operating.hold(["crm.item.list"], NOW), Some(NOW + Duration::from_secs(5)));
    }
}
