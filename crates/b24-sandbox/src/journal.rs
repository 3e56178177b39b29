//! What was asked of the sandbox.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// How many calls are remembered one by one.
const RECENT: usize = 1000;

/// Counters since the start or the last reset, and the last calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Journal {
    /// Calls under `/rest/`, refused ones included.
    pub requests: u64,
    /// Methods asked for, on their own or as commands of a batch.
    pub commands: u64,
    /// Calls refused by a limit: 503 of the bucket, 429 of the operating budget (also inside a batch).
    pub rejected: u64,
    /// Rows delivered.
    pub rows: u64,
    /// Seconds of the latency of commands: what the portal worked, whatever it did at once.
    pub work_seconds: f64,
    /// Automations started by writes.
    pub robots: u64,
    /// The same by entity, and by the stage that the element has after the write (`""` where there are no stages).
    pub robot_starts: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// The last 1000 calls, oldest first.
    pub recent: VecDeque<Recent>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Recent {
    /// Lower-case name of the method.
    pub method: String,
    /// HTTP status of the answer; 0 when the connection was reset instead.
    pub status: u16,
    /// Methods executed or refused for it.
    pub commands: u64,
    /// From arrival to answer.
    pub ms: u64,
    /// The injected fault that struck the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
}

impl Journal {
    /// Notes an answered call.
    pub(crate) fn answered(&mut self, call: Recent) {
        self.commands += call.commands;
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_exact_when_old_calls_are_forgotten() {
        let mut journal = Journal::default();
        for ms in 0..2500 {
            journal.answered(Recent {
                method: "batch".to_owned(),
                status: 200,
                commands: 3,
                ms,
                fault: None,
            });
        }
        assert_eq!(journal.commands, 7500);
        assert_eq!(journal.recent.len(), 1000);
        assert_eq!(journal.recent[0].ms, 1500);
    }
}
