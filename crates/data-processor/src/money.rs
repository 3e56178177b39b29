//! Currencies and the canonical text of amounts.

use std::fmt;

use rust_decimal::Decimal;

pub(crate) mod exact;

/// A currency by its three-letter code. Portals define their own, so this is no closed list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Takes three capital Latin letters and nothing else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The letters were checked to be ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The canonical text of an amount: at least the currency's minor digits, longer fractions kept without trailing
/// zeros (`12200.00`, `0.125`).
#[must_use]
pub fn text(amount: Decimal, minor_digits: u32) -> String {
    let scale = amount.scale();
    let (size, unit) = (amount.mantissa().unsigned_abs(), 10_u128.pow(scale));
    written(amount.is_sign_negative(), size / unit, size % unit, scale, minor_digits)
}

/// The canonical text of a VAT rate: no trailing zeros (`10`, `18.03`).
#[must_use]
pub fn rate_text(percent: Decimal) -> String {
    text(percent, 0)
}

/// Writes a number given as its whole part and its fraction of `scale` digits.
pub(crate) fn written(negative: bool, whole: u128, fraction: u128, scale: u32, least: u32) -> String {
    let (width, least) = (scale as usize, least as usize);
    let sign = if negative && (whole, fraction) != (0, 0) { "-" } else { "" };
    let mut digits = if width == 0 { String::new() } else { format!("{fraction:0width$}") };
    let kept = digits.trim_end_matches('0').len();
    digits.truncate(kept);
    while digits.len() < least {
        digits.push('0');
    }
    if digits.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{digits}") }
}
