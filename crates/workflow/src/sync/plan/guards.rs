//! Limits that stop a whole plan: a mapping that is wrong in one place would otherwise change everything.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Counts;
use crate::sync::mapping::Guards;

/// Up to so many changed records the share is not judged: one of three is no disaster.
const SHARE_FROM: u64 = 20;

/// A limit of the mapping that a plan exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "guard", rename_all = "kebab-case")]
pub enum Guard {
    /// More deals would be created than allowed.
    Creates {
        /// How many.
        planned: u64,
        /// How many may be.
        allowed: u64,
    },
    /// More records would be changed than allowed.
    Updates {
        /// How many.
        planned: u64,
        /// How many may be.
        allowed: u64,
    },
    /// A larger share of the known deals would be changed than allowed.
    Share {
        /// How many.
        planned: u64,
        /// Deals that are known to the journal, or that this plan found, whichever are more.
        known: u64,
        /// Per cent that may be changed.
        allowed: u8,
    },
}

/// The guards that a plan trips: when there is one, nothing at all is written.
///
/// `remembered` is the number of deals the
/// journal knows for this mapping: a source that gives changed records only would otherwise change all it gives.
#[must_use]
pub fn tripped(guards: &Guards, counts: &Counts, remembered: u64) -> Vec<Guard> {
    let mut found = Vec::new();
    if counts.create > guards.creates {
        found.push(Guard::Creates { planned: counts.create, allowed: guards.creates });
    }
    if counts.update > guards.updates {
        found.push(Guard::Updates { planned: counts.update, allowed: guards.updates });
    }
    let known = remembered.max(counts.known());
    let over = u128::from(counts.update) * 100 > u128::from(known) * u128::from(guards.percent);
    if counts.update > SHARE_FROM && over {
        found.push(Guard::Share { planned: counts.update, known, allowed: guards.percent });
    }
    found
}

impl Guard {
    /// Stable code in kebab case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Creates { .. } => "sync.guard-creates",
            Self::Updates { .. } => "sync.guard-updates",
            Self::Share { .. } => "sync.guard-percent",
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Creates { planned, allowed } => {
                write!(f, "{planned} deals would be created, guards.creates allows {allowed}")
            }
            Self::Updates { planned, allowed } => {
                write!(f, "{planned} records would be changed, guards.updates allows {allowed}")
            }
            Self::Share { planned, known, allowed } => {
                write!(
                    f,
                    "{planned} of {known} known deals would be changed, guards.percent allows {allowed} %"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(create: u64, update: u64, unchanged: u64) -> Counts {
        Counts { create, update, unchanged, ..Counts::default() }
    }

    #[test]
    fn a_guard_trips_at_one_more_than_it_allows() {
        let guards = Guards::default();
        assert_eq!(tripped(&guards, &counts(200, 500, 9_500), 0), []);
        let found = tripped(&guards, &counts(201, 501, 9_500), 0);
        assert_eq!(
            found.iter().map(Guard::code).collect::<Vec<_>>(),
            ["sync.guard-creates", "sync.guard-updates"]
        );
    }

    #[test]
    fn the_share_is_one_of_the_known_deals_and_small_plans_have_none() {
        let guards = Guards::default();
        assert_eq!(tripped(&guards, &counts(0, 20, 0), 0), [], "small");
        assert_eq!(tripped(&guards, &counts(0, 21, 84), 0), [], "20 per cent exactly");
        let share = Guard::Share { planned: 21, known: 104, allowed: 20 };
        assert_eq!(tripped(&guards, &counts(0, 21, 83), 0), [share]);
        assert_eq!(share.to_string(), "21 of 104 known deals would be changed, guards.percent allows 20 %");
        assert_eq!(tripped(&guards, &counts(0, 50, 0), 5_000), [], "a source of changed records only");
    }
}
