//! How an import ended, in numbers.

use serde::Serialize;

use super::entry::RowOutcome;
use super::ledger::Ledger;

/// Rows by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tally {
    /// Rows added or updated, in this run and before.
    pub ok: u64,
    /// Rows rejected, in this run and before.
    pub rejected: u64,
    /// Rows that were perhaps executed.
    pub unknown: u64,
    /// Rows sent in this run.
    pub sent: u64,
    /// Rows that a look-up of this run found in the portal.
    pub found: u64,
    /// Rejected rows that no earlier run had told about.
    pub newly_rejected: u64,
    /// Unknown rows that no earlier run had told about.
    pub newly_unknown: u64,
    /// Rows that this run tried to send and that were not executed.
    pub not_sent: u64,
    /// Rows left for another run by `limit`.
    pub left: u64,
}

impl Tally {
    pub(super) fn count(&mut self, ledger: &Ledger) {
        for settled in ledger.settled.values() {
            match settled.outcome {
                RowOutcome::Ok => self.ok += 1,
                RowOutcome::Rejected => {
                    self.rejected += 1;
                    self.newly_rejected += u64::from(ledger.is_news(settled));
                }
                RowOutcome::NotSent if ledger.is_of_this_run(settled) => self.not_sent += 1,
                RowOutcome::NotSent | RowOutcome::Unknown => {}
            }
        }
        self.unknown = ledger.pending.len() as u64;
        self.newly_unknown = ledger.pending.values().filter(|pending| !pending.told).count() as u64;
    }

    /// Whether this run left nothing rejected, unknown or unsent that no earlier run had told about.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.newly_rejected == 0 && self.newly_unknown == 0 && self.not_sent == 0
    }
}
