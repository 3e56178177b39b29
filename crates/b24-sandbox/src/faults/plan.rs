//! The TOML of a fault plan.

use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::Kind;
use crate::error::StartError;

/// Faults to inject, read from TOML:
///
/// ```
/// let plan: b24_sandbox::FaultPlan = r#"
/// [[fault]]
/// method = "crm.item.list" # or "*" for any request
/// nth = 3                  # or every = 3; without either the first call
/// do = "slow"              # 503, 429, html, reset-before, reset-after, slow, truncate, 401, error
/// seconds = 2.5            # of slow only
/// "#.parse()?;
/// # Ok::<(), b24_sandbox::StartError>(())
/// ```
///
/// A method's calls are counted on their own and as commands of a batch. Inside a batch `429`, `401`, `error` and `slow` strike
/// the command, every other fault the whole request. `*` counts requests.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultPlan(pub(crate) Vec<Fault>);

impl FaultPlan {
    /// How many faults the plan has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing goes wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Lower-case method or `*`.
    pub(crate) method: String,
    /// At which calls.
    pub(crate) when: When,
    /// What happens.
    pub(crate) kind: Kind,
}

/// At which calls a fault strikes, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// At exactly this one.
    Nth(u64),
    /// At every multiple.
    Every(u64),
}

impl When {
    /// Whether the call with this number is struck.
    pub(crate) fn is_hit(self, call: u64) -> bool {
        match self {
            Self::Nth(n) => call == n,
            Self::Every(n) => call.is_multiple_of(n),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    fault: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    method: String,
    #[serde(rename = "do")]
    action: Action,
    nth: Option<u64>,
    every: Option<u64>,
    seconds: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Action {
    #[serde(rename = "503")]
    Busy,
    #[serde(rename = "429")]
    OverBudget,
    Html,
    ResetBefore,
    ResetAfter,
    Slow,
    Truncate,
    #[serde(rename = "401")]
    Unauthorized,
    Error,
}

impl FromStr for FaultPlan {
    type Err = StartError;

    fn from_str(text: &str) -> Result<Self, StartError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            StartError::Faults(format!("line {line}: {}", error.message()))
        })?;
        let checked = file.fault.into_iter().enumerate().map(|(i, entry)| {
            Fault::try_from(entry).map_err(|why| StartError::Faults(format!("fault {}: {why}", i + 1)))
        });
        Ok(Self(checked.collect::<Result<_, _>>()?))
    }
}

impl TryFrom<Entry> for Fault {
    type Error = &'static str;

    fn try_from(entry: Entry) -> Result<Self, &'static str> {
        let when = match (entry.nth, entry.every) {
            (Some(0), _) | (_, Some(0)) => return Err("calls are counted from 1"),
            (Some(_), Some(_)) => return Err("nth and every exclude each other"),
            (_, Some(n)) => When::Every(n),
            (n, None) => When::Nth(n.unwrap_or(1)),
        };
        let seconds = match (&entry.action, entry.seconds) {
            (Action::Slow, given) => given.unwrap_or(5.0),
            (_, None) => 0.0,
            (_, Some(_)) => return Err("seconds belongs to slow"),
        };
        let delay = Duration::try_from_secs_f64(seconds).map_err(|_| "seconds must be a positive number")?;
        let kind = match entry.action {
            Action::Busy => Kind::Busy,
            Action::OverBudget => Kind::OverBudget,
            Action::Html => Kind::Html,
            Action::ResetBefore => Kind::ResetBefore,
            Action::ResetAfter => Kind::ResetAfter,
            Action::Slow => Kind::Slow(delay),
            Action::Truncate => Kind::Truncate,
            Action::Unauthorized => Kind::Unauthorized,
            Action::Error => Kind::Internal,
        };
        Ok(Self { method: entry.method.to_ascii_lowercase(), when, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<FaultPlan, String> {
        text.parse().map_err(|e: StartError| e.to_string())
    }

    #[test]
    fn every_name_of_a_fault_is_known() {
        let names = ["503", "429", "html", "reset-before", "reset-after", "slow", "truncate", "401", "error"];
        for name in names {
            let plan = parsed(&format!("[[fault]]\nmethod = \"Crm.Deal.Add\"\ndo = \"{name}\"")).unwrap();
            assert_eq!(plan.0[0].kind.name(), name);
            assert_eq!(plan.0[0].method, "crm.deal.add");
        }
    }

    #[test]
    fn an_empty_file_is_an_empty_plan() {
        assert!(parsed("").unwrap().is_empty());
    }

    #[test]
    fn a_mistake_is_named() {
        let entry = |more: &str| parsed(&format!("[[fault]]\nmethod = \"*\"\n{more}")).unwrap_err();
        insta::assert_snapshot!(entry("do = \"explode\""), @"reading the fault plan failed: line 3: unknown variant `explode`, expected one of `503`, `429`, `html`, `reset-before`, `reset-after`, `slow`, `truncate`, `401`, `error`");
        insta::assert_snapshot!(entry("do = \"503\"\nnth = 0"), @"reading the fault plan failed: fault 1: calls are counted from 1");
        insta::assert_snapshot!(entry("do = \"503\"\nnth = 1\nevery = 2"), @"reading the fault plan failed: fault 1: nth and every exclude each other");
        insta::assert_snapshot!(entry("do = \"503\"\nseconds = 1"), @"reading the fault plan failed: fault 1: seconds belongs to slow");
        insta::assert_snapshot!(entry("do = \"slow\"\nseconds = -1"), @"reading the fault plan failed: fault 1: seconds must be a positive number");
        insta::assert_snapshot!(entry("do = \"503\"\nNth = 2"), @"reading the fault plan failed: line 4: unknown field `Nth`, expected one of `method`, `do`, `nth`, `every`, `seconds`");
    }
}
