//! Currencies and the canonical text of amounts.

use std::fmt;

use rust_decimal::Decimal;

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
    let mut amount = amount.normalize();
    if amount.scale() < minor_digits {
        amount.rescale(minor_digits);
    }
    amount.to_string()
}
