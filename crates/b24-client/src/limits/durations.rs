//! How long commands take, per method, as a pure state machine.
//!
//! A portal cuts a request after 60 s, whatever it has executed by then. Requests are sized to end well before.

use std::collections::HashMap;

/// What a batch should take at most, in seconds.
const TARGET: f64 = 25.0;
/// How much of the earlier estimate stays when a command was faster.
const MEMORY: f64 = 0.7;

/// Seconds per command and method. A slower command counts at once, faster ones win slowly.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    methods: HashMap<String, f64>,
}

impl Durations {
    /// Notes how long a command took.
    pub(crate) fn record(&mut self, method: &str, seconds: f64) {
        let estimate = self.methods.entry(method.to_ascii_lowercase()).or_insert(seconds);
        *estimate = seconds.max(*estimate * MEMORY + seconds * (1.0 - MEMORY));
    }

    /// The share of a request's time that a command takes; 0 for a method that was never called.
    pub(crate) fn share(&self, method: &str) -> f64 {
        self.methods.get(&method.to_ascii_lowercase()).map_or(0.0, |seconds| seconds / TARGET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_command_counts_at_once_and_fast_ones_win_slowly() {
        let mut durations = Durations::default();
        assert!(durations.share("crm.item.add") < f64::EPSILON);
        durations.record("crm.item.add", 0.1);
        durations.record("CRM.item.add", 2.5);
        assert!((durations.share("crm.item.add") - 0.1).abs() < 1e-9, "ten of them fill a request");
        durations.record("crm.item.add", 0.1);
        assert!((0.07..0.08).contains(&durations.share("crm.item.add")));
    }
}
