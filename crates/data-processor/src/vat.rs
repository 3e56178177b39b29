//! VAT rates and VAT of rows.

use rust_decimal::Decimal;

use crate::money::exact::{divide_rounded, pow10};

pub(crate) mod russian;

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

/// Gross and VAT of a line in minor units, each rounded once. None when the numbers have too many digits for an exact
/// result.
///
/// A row's `price` includes VAT and discounts whatever its `taxIncluded` says, so VAT is price·quantity·r/(100+r).
/// <https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/index.html>
pub(crate) fn line(
    price: Decimal,
    quantity: Decimal,
    rate: VatRate,
    minor_digits: u32,
) -> Option<(i128, i128)> {
    let product = price.mantissa().checked_mul(quantity.mantissa())?;
    let scale = price.scale() + quantity.scale();
    let gross = minor_units(product, 1, scale, minor_digits)?;
    let VatRate::Rate(percent) = rate else { return Some((gross, 0)) };
    let (r, hundred) = (percent.mantissa(), pow10(percent.scale() + 2)?);
    let vat = minor_units(product.checked_mul(r)?, hundred.checked_add(r)?, scale, minor_digits)?;
    Some((gross, vat))
}

/// `dividend / divisor / 10^scale` in minor units.
fn minor_units(dividend: i128, divisor: i128, scale: u32, minor_digits: u32) -> Option<i128> {
    if dividend == 0 {
        return Some(0);
    }
    let (dividend, divisor) = if scale <= minor_digits {
        (dividend.checked_mul(pow10(minor_digits - scale)?)?, divisor)
    } else {
        (dividend, divisor.checked_mul(pow10(scale - minor_digits)?)?)
    };
    Some(divide_rounded(dividend, divisor))
}
