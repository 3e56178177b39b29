//! Which date of an invoice decides whether it belongs to a period.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The deciding date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The invoice's own date.
    #[default]
    Invoice,
    /// The date of shipment.
    Shipped,
    /// The date of payment.
    Paid,
}

impl Basis {
    /// `invoice`, `shipped` or `paid`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Shipped => "shipped",
            Self::Paid => "paid",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
