//! `[limits]`: how fast the portal may be asked.

use b24_client::Pace;
use jiff::SignedDuration;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// The `[limits]` table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// The portal's plan, which decides rate and burst.
    pub(crate) plan: Plan,
    /// Requests per second in the long run, instead of the plan's; 0 for a portal without limit.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "rate")]
    pub(crate) rate: Option<f64>,
    /// Requests at once, instead of the plan's.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "burst")]
    pub(crate) burst: Option<u32>,
    /// Seconds after which a write whose answer was lost is certainly no longer being executed, instead of 65.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "rate")]
    pub(crate) settle_after_s: Option<f64>,
}

/// A portal stops a request after 60 seconds.
const SETTLE_AFTER: SignedDuration = SignedDuration::from_secs(65);

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
    /// How long a write whose answer was lost may still be executed.
    pub(crate) fn settle_after(&self) -> SignedDuration {
        let given = self.settle_after_s.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
        given.unwrap_or(SETTLE_AFTER)
    }

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
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match f64::deserialize(deserializer)? {
        rate if rate.is_finite() && rate >= 0.0 => Ok(Some(rate)),
        _ => Err(D::Error::custom("must be zero or more")),
    }
}

fn burst<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    match u32::deserialize(deserializer)? {
        burst if burst >= 2 => Ok(Some(burst)),
        _ => Err(D::Error::custom("must be 2 or more")),
    }
}
