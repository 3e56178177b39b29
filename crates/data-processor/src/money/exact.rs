//! Exact arithmetic on decimals. `rust_decimal` rounds silently where a result needs more digits than it holds; here
//! such a result is none, and the caller makes a rejection of it.

use rust_decimal::Decimal;

/// 10 to the power of `exponent`.
pub(crate) fn pow10(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// Quotient rounded half away from zero: the one rounding rule of this crate. The divisor is positive.
pub(crate) fn divide_rounded(dividend: i128, divisor: i128) -> i128 {
    // Two machine words cover ordinary money and divide several times faster.
    let (quotient, rest) = match (i64::try_from(dividend), i64::try_from(divisor)) {
        (Ok(small), Ok(by)) => (i128::from(small / by), i128::from(small % by)),
        _ => (dividend / divisor, dividend % divisor),
    };
    let rest = rest.abs();
    if rest >= divisor - rest { quotient + dividend.signum() } else { quotient }
}

/// `left - right`, exactly.
pub(crate) fn subtract(left: Decimal, right: Decimal) -> Option<Decimal> {
    let scale = left.scale().max(right.scale());
    let aligned = |value: Decimal| value.mantissa().checked_mul(pow10(scale - value.scale())?);
    in_units(aligned(left)?.checked_sub(aligned(right)?)?, scale)
}

/// A number of units of `10^-scale` as a decimal.
pub(crate) fn in_units(units: i128, scale: u32) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(units, scale).ok()
}

/// Whether a difference is more than half a minor unit per line, which is what rounding alone can explain.
pub(crate) fn exceeds_rounding(difference: Decimal, lines: usize, minor_digits: u32) -> bool {
    let sides = || {
        let doubled =
            difference.mantissa().checked_abs()?.checked_mul(2)?.checked_mul(pow10(minor_digits)?)?;
        let allowed = i128::try_from(lines).ok()?.checked_mul(pow10(difference.scale())?)?;
        Some(doubled > allowed)
    };
    // A difference too big to compare is no rounding difference.
    sides().unwrap_or(true)
}
