//! How long the steps of a run took, in the words of those who run it.

use serde::{Deserialize, Serialize};

use crate::sync::journal::Command;

/// How often a step was done and how long it took.
///
/// Look-ups are counted by window and measured by the clock. Writes and comments are counted by command and measured by
/// the portal's working time for them, as it says itself: many of them share a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StepTime {
    /// How often.
    pub count: u64,
    /// Seconds in all.
    pub total_s: f64,
    /// Seconds on average; 0 when it was never done.
    pub average_s: f64,
    /// Seconds of the longest.
    pub longest_s: f64,
}

impl StepTime {
    /// It was done once more.
    pub fn add(&mut self, seconds: f64) {
        self.count += 1;
        self.total_s += seconds;
        self.average_s = self.total_s / amount(self.count);
        self.longest_s = self.longest_s.max(seconds);
    }
}

/// What looking up took while the plan was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Looking up deals by their keys.
    pub deals: StepTime,
    /// Looking up contacts and leads by telephone numbers and by number.
    pub contacts: StepTime,
}

/// How long the steps of a run took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Looking up deals by their keys.
    pub find_deals: StepTime,
    /// Looking up contacts and leads by telephone numbers and by number.
    pub find_contacts: StepTime,
    /// Creating and changing contacts, deals and leads.
    pub write: StepTime,
    /// Posting comments.
    pub comment: StepTime,
    /// Looking for writes whose answers were lost.
    pub resolve_seconds: f64,
    /// Seconds from the beginning to the end.
    pub seconds: f64,
    /// HTTP requests.
    pub requests: u64,
    /// Records with an outcome.
    pub records: u64,
    /// Records an hour at this speed.
    pub records_per_hour: Option<f64>,
    /// Requests for each record.
    pub requests_per_record: Option<f64>,
}

impl Statistics {
    pub(super) fn note(&mut self, command: Command, seconds: Option<f64>) {
        let step = if command == Command::CommentAdd { &mut self.comment } else { &mut self.write };
        step.add(seconds.unwrap_or_default());
    }

    /// The run has ended.
    pub(super) fn end(&mut self, requests: u64, records: u64, seconds: f64) {
        (self.requests, self.records, self.seconds) = (requests, records, seconds);
        self.records_per_hour = (seconds > 0.0).then(|| amount(records) / seconds * 3600.0);
        self.requests_per_record = (records > 0).then(|| amount(requests) / amount(records));
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of records and requests")]
fn amount(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_count_total_average_and_longest() {
        let mut statistics = Statistics::default();
        for (command, seconds) in
            [(Command::ContactAdd, Some(0.25)), (Command::DealAdd, Some(0.75)), (Command::CommentAdd, None)]
        {
            statistics.note(command, seconds);
        }
        let write = StepTime { count: 2, total_s: 1.0, average_s: 0.5, longest_s: 0.75 };
        assert_eq!((statistics.write, statistics.comment.count), (write, 1));
        assert_eq!(statistics.find_deals.average_s.to_bits(), 0.0_f64.to_bits(), "never done");
    }

    #[test]
    fn speed_and_cost_are_told_where_there_is_something_to_divide() {
        let mut statistics = Statistics::default();
        statistics.end(10, 0, 0.0);
        assert_eq!((statistics.records_per_hour, statistics.requests_per_record), (None, None));
        statistics.end(10, 40, 2.0);
        assert_eq!(
            (statistics.records_per_hour, statistics.requests_per_record),
            (Some(72_000.0), Some(0.25))
        );
    }
}
