//! What the portal says about itself and processing has to know.

use std::collections::BTreeMap;

/// Rules of one portal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Minor digits of every currency the portal knows, by code (`RUB` → 2). A currency that is not here is
    /// processed with two digits and gets [`ProblemCode::CurrencyUnknown`](crate::ProblemCode::CurrencyUnknown).
    /// More than 28 digits are taken as 28.
    pub currencies: BTreeMap<String, u32>,
}
