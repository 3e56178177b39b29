//! `[report]`: what reports do unless the command line says otherwise.

use serde::{Deserialize, Serialize};

use crate::args::BasisArg;

/// The `[report]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Report {
    /// The date that decides whether an invoice belongs to the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<BasisArg>,
}
