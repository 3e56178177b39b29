//! The emulated portal: its data (seed plus what was written since) and its methods.

use jiff::civil::Date;

use crate::method::{Caller, Refusal, Reply};
use crate::model::{Basis, RegisterModel};
use crate::seed::SeedPlan;
use crate::value::{Map, Value};

/// A portal: data and methods; safe to share between threads.
#[derive(Debug)]
pub(crate) struct Portal {
    plan: SeedPlan,
}

impl Portal {
    /// A fresh portal.
    pub(crate) fn new(plan: SeedPlan) -> Self {
        Self { plan }
    }

    /// Whether a method of this name (lower case) exists.
    pub(crate) fn knows(&self, method: &str) -> bool {
        matches!(method, "profile" | "server.time" | "crm.item.list")
    }

    /// The scope a method needs; `None` when it needs none.
    pub(crate) fn scope_of(&self, method: &str) -> Option<&'static str> {
        method.starts_with("crm.").then_some("crm")
    }

    /// Runs one method.
    ///
    /// # Errors
    ///
    /// The refusal a real portal would answer.
    pub(crate) fn call(&self, method: &str, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
        let _ = (params, caller, self.plan.seed);
        match method {
            "profile" => Ok(Reply::of(Map::new())),
            _ => Err(Refusal::coded("ERROR_METHOD_NOT_FOUND", "Method not found!")),
        }
    }

    /// Back to the seed.
    pub(crate) fn reset(&self) {}

    /// Automations started by writes since the seed.
    pub(crate) fn robots(&self) -> u64 {
        0
    }

    /// Counts and changed records of `deal`, `contact`, `company`, `lead`, `invoice` or `comment`.
    pub(crate) fn rows(&self, entity: &str) -> Option<Value> {
        let mut out = Map::new();
        out.set("entity", entity.to_owned());
        Some(out.into())
    }

    /// The right register of a period.
    pub(crate) fn register_model(&self, from: Date, to: Date, basis: Basis) -> RegisterModel {
        RegisterModel { from, to, basis, count: 0, rows: Vec::new(), totals: Vec::new() }
    }
}
