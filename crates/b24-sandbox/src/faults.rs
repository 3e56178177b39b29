//! Named faults: what goes wrong, at which call of which method.

mod plan;

pub(crate) use plan::Fault;
pub use plan::FaultPlan;

use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HTTP 503 `QUERY_LIMIT_EXCEEDED`.
    Busy,
    /// HTTP 429 `OPERATION_TIME_LIMIT`.
    OverBudget,
    /// An HTML page of a gateway, HTTP 502.
    Html,
    /// The connection is reset, nothing was executed.
    ResetBefore,
    /// The connection is reset, everything was executed.
    ResetAfter,
    /// The portal takes longer before it executes.
    Slow(Duration),
    /// The reply is cut in the middle.
    Truncate,
    /// HTTP 401 `INVALID_CREDENTIALS`.
    Unauthorized,
    /// HTTP 500 `INTERNAL_SERVER_ERROR`.
    Internal,
}

impl Kind {
    /// The name used in plans and in the journal.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Busy => "503",
            Self::OverBudget => "429",
            Self::Html => "html",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::Slow(_) => "slow",
            Self::Truncate => "truncate",
            Self::Unauthorized => "401",
            Self::Internal => "error",
        }
    }

    /// Whether it can strike one command of a batch alone; the others strike the whole request.
    fn fits_a_command(self) -> bool {
        matches!(self, Self::OverBudget | Self::Unauthorized | Self::Internal | Self::Slow(_))
    }
}

/// What strikes one request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Strike {
    /// The fault of the request as a whole.
    pub(crate) request: Option<Kind>,
    /// Faults of commands, by their position in the batch.
    pub(crate) commands: Vec<(usize, Kind)>,
}

impl Strike {
    /// The fault of the command at this position.
    pub(crate) fn of_command(&self, position: usize) -> Option<Kind> {
        self.commands.iter().find(|(p, _)| *p == position).map(|(_, kind)| *kind)
    }
}

/// A plan with its counters.
#[derive(Debug, Default)]
pub(crate) struct Armed(Vec<(Fault, u64)>);

impl Armed {
    /// A plan whose counting starts now.
    pub(crate) fn new(plan: FaultPlan) -> Self {
        Self(plan.0.into_iter().map(|fault| (fault, 0)).collect())
    }

    /// Whether nothing can strike (then methods need not be collected).
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts a request and its commands and tells what strikes it. A fault named for a method counts that method's
    /// calls wherever they are made; `*` counts requests. Of several that strike the request the first in the plan wins.
    pub(crate) fn strike(&mut self, method: &str, commands: &[(usize, String)]) -> Strike {
        let mut strike = Strike::default();
        for (fault, seen) in &mut self.0 {
            if fault.method == "*" || fault.method == method {
                *seen += 1;
                if fault.when.is_hit(*seen) {
                    strike.request = strike.request.or(Some(fault.kind));
                }
            }
            for (position, _) in commands.iter().filter(|(_, name)| *name == fault.method) {
                *seen += 1;
                if !fault.when.is_hit(*seen) {
                    continue;
                }
                if fault.kind.fits_a_command() {
                    strike.commands.push((*position, fault.kind));
                } else {
                    strike.request = strike.request.or(Some(fault.kind));
                }
            }
        }
        strike
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn armed(plan: &str) -> Armed {
        Armed::new(plan.parse().unwrap())
    }

    fn hits(armed: &mut Armed, method: &str, calls: usize) -> Vec<usize> {
        (1..=calls).filter(|_| armed.strike(method, &[]).request.is_some()).collect()
    }

    #[test]
    fn the_first_the_nth_and_every_nth_call_are_struck() {
        let first = "[[fault]]\nmethod = \"crm.deal.add\"\ndo = \"503\"";
        assert_eq!(hits(&mut armed(first), "crm.deal.add", 5), [1]);
        assert_eq!(hits(&mut armed(&format!("{first}\nnth = 3")), "crm.deal.add", 9), [3]);
        assert_eq!(hits(&mut armed(&format!("{first}\nevery = 2")), "crm.deal.add", 6), [2, 4, 6]);
        assert!(hits(&mut armed(&format!("{first}\nevery = 1")), "crm.deal.get", 6).is_empty());
    }

    #[test]
    fn a_star_counts_requests_and_not_commands() {
        let mut armed = armed("[[fault]]\nmethod = \"*\"\nnth = 2\ndo = \"html\"");
        let commands = vec![(0, "a".to_owned()), (1, "b".to_owned())];
        assert_eq!(armed.strike("batch", &commands), Strike::default());
        assert_eq!(armed.strike("batch", &commands).request, Some(Kind::Html));
    }

    #[test]
    fn a_method_inside_a_batch_is_counted_where_it_stands() {
        let plan = "[[fault]]\nmethod = \"crm.deal.add\"\nnth = 2\ndo = \"429\"\n\
                    [[fault]]\nmethod = \"crm.deal.add\"\nnth = 3\ndo = \"reset-after\"";
        let mut armed = armed(plan);
        let commands: Vec<(usize, String)> = ["crm.deal.add", "crm.deal.get", "crm.deal.add"]
            .iter()
            .enumerate()
            .map(|(i, m)| (i, (*m).to_owned()))
            .collect();
        let strike = armed.strike("batch", &commands);
        assert_eq!(strike, Strike { request: None, commands: vec![(2, Kind::OverBudget)] });
        assert_eq!(strike.of_command(2), Some(Kind::OverBudget));
        assert_eq!(armed.strike("crm.deal.add", &[]).request, Some(Kind::ResetAfter));
    }
}
