//! How long the steps of a run took, in the words of those who run it.

use serde::{Deserialize, Serialize};

use crate::sync::journal::Command;

/// The commands of one step and the portal's working time for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StepTime {
    /// Commands.
    pub commands: u64,
    /// Seconds the portal worked on them, as it says itself.
    pub seconds: f64,
}

impl StepTime {
    pub(super) fn add(&mut self, seconds: Option<f64>) {
        self.commands += 1;
        self.seconds += seconds.unwrap_or_default();
    }
}

/// How long the steps of a run took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Seconds of looking up what is there, contacts by telephone numbers included.
    pub find_seconds: f64,
    /// Creating and changing contacts.
    pub write_contacts: StepTime,
    /// Creating and changing deals.
    pub write_deals: StepTime,
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
}

impl Statistics {
    /// Records an hour at this speed.
    #[must_use]
    pub fn records_per_hour(&self) -> Option<f64> {
        (self.seconds > 0.0).then(|| count(self.records) / self.seconds * 3600.0)
    }

    /// Requests for each record.
    #[must_use]
    pub fn requests_per_record(&self) -> Option<f64> {
        (self.records > 0).then(|| count(self.requests) / count(self.records))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of records and requests")]
fn count(number: u64) -> f64 {
    number as f64
}

impl Statistics {
    pub(super) fn note(&mut self, command: Command, seconds: Option<f64>) {
        match command {
            Command::ContactAdd | Command::ContactUpdate => self.write_contacts.add(seconds),
            Command::DealAdd | Command::DealUpdate | Command::LeadUpdate => self.write_deals.add(seconds),
            Command::CommentAdd => self.comment.add(seconds),
        }
    }
}
