//! VAT rates and VAT of rows.

use rust_decimal::Decimal;

/// The VAT rate of a row. "Without VAT" and 0 % are different facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VatRate {
    /// Without VAT («Без НДС»).
    None,
    /// A rate in per cent, 0 included, without trailing zeros.
    Rate(Decimal),
}

impl VatRate {
    /// The rate in per cent; none is "without VAT".
    #[must_use]
    pub fn percent(self) -> Option<Decimal> {
        match self {
            Self::None => None,
            Self::Rate(percent) => Some(percent),
        }
    }
}

/// What an invoice has under one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLine {
    /// The rate.
    pub rate: VatRate,
    /// Sum of the lines, VAT included.
    pub gross: Decimal,
    /// Gross minus VAT.
    pub net: Decimal,
    /// VAT within gross.
    pub vat: Decimal,
}
