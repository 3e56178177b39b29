//! `[limits]`: how fast the portal may be asked.

use b24_client::Pace;
use serde::{Deserialize, Serialize};

/// The `[limits]` table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// The portal's plan, which decides rate and burst.
    pub(crate) plan: Plan,
    /// Requests per second in the long run, instead of the plan's; 0 for a portal without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<f64>,
    /// Requests at once, instead of the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) burst: Option<u32>,
}

/// Plans differ in their leaky bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Plan {
    /// 2 requests per second, 50 at once.
    #[default]
    Standard,
    /// 5 requests per second, 250 at once.
    Enterprise,
}

impl Limits {
    /// The bucket to stay within.
    pub(crate) fn pace(&self) -> Pace {
        let plan = match self.plan {
            Plan::Standard => Pace::STANDARD,
            Plan::Enterprise => Pace::ENTERPRISE,
        };
        Pace {
            leak_per_second: self.rate.unwrap_or(plan.leak_per_second),
            burst: self.burst.unwrap_or(plan.burst),
        }
    }

    /// What is wrong with the numbers, as key and reason.
    pub(crate) fn fault(&self) -> Option<(&'static str, &'static str)> {
        if self.rate.is_some_and(|rate| !rate.is_finite() || rate < 0.0) {
            return Some(("rate", "must be zero or more"));
        }
        if self.burst.is_some_and(|burst| burst < 2) {
            return Some(("burst", "must be 2 or more"));
        }
        None
    }
}
