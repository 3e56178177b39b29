//! A sum that never rounds and never overflows.

use std::ops::AddAssign;

use rust_decimal::Decimal;

use crate::money::written;

/// An exact sum of any number of amounts. It holds more digits than a [`Decimal`], so it never rounds.
///
/// One counter per number of fraction digits: an amount has 28 digits at most, so a counter holds ten thousand million
/// of the largest ones.
#[derive(Debug, Clone, Default)]
pub struct Sum {
    by_scale: Vec<i128>,
}

impl Sum {
    /// The canonical text: at least `minor_digits` digits, longer fractions kept.
    #[must_use]
    pub fn text(&self, minor_digits: u32) -> String {
        let Parts { negative, whole, fraction, scale } = self.parts();
        written(negative, whole, fraction, scale, minor_digits)
    }

    /// The sum as a decimal; none when it has more digits than a decimal holds (28).
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        let Parts { negative, whole, fraction, scale } = self.parts();
        let size = whole.checked_mul(10_u128.pow(scale))?.checked_add(fraction)?;
        let units = i128::try_from(size).ok()?;
        Decimal::try_from_i128_with_scale(if negative { -units } else { units }, scale).ok()
    }

    fn counter(&mut self, scale: usize) -> &mut i128 {
        if self.by_scale.len() <= scale {
            self.by_scale.resize(scale + 1, 0);
        }
        &mut self.by_scale[scale]
    }

    /// Carries from the smallest digit up; trailing zeros of the fraction are gone.
    fn parts(&self) -> Parts {
        let mut fraction = 0_u128;
        let mut scale = 0_u32;
        let mut carry = 0_i128;
        for counter in self.by_scale.iter().skip(1).rev() {
            let units = counter.saturating_add(carry);
            carry = units.div_euclid(10);
            let digit = units.rem_euclid(10).unsigned_abs();
            if scale > 0 || digit > 0 {
                fraction += digit * 10_u128.pow(scale);
                scale += 1;
            }
        }
        let whole = self.by_scale.first().unwrap_or(&0).saturating_add(carry);
        let negative = whole < 0;
        // The fraction counts up from the whole part below; written down, it counts away from zero.
        let (whole, fraction) = if negative && fraction > 0 {
            ((whole + 1).unsigned_abs(), 10_u128.pow(scale) - fraction)
        } else {
            (whole.unsigned_abs(), fraction)
        };
        Parts { negative, whole, fraction, scale }
    }
}

#[derive(PartialEq, Eq)]
struct Parts {
    negative: bool,
    whole: u128,
    fraction: u128,
    scale: u32,
}

impl AddAssign<Decimal> for Sum {
    fn add_assign(&mut self, amount: Decimal) {
        let counter = self.counter(amount.scale() as usize);
        *counter = counter.saturating_add(amount.mantissa());
    }
}

impl AddAssign<&Self> for Sum {
    fn add_assign(&mut self, other: &Self) {
        for (scale, units) in other.by_scale.iter().enumerate() {
            let counter = self.counter(scale);
            *counter = counter.saturating_add(*units);
        }
    }
}

impl PartialEq for Sum {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Sum {}
