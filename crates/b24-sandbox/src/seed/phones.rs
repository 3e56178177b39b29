//! Phone numbers in the many spellings people type, and the way back from a number to its owner.
//!
//! A subscriber's number is an affine map of the owner's slot modulo a power of ten, so it can be inverted: a look-up
//! by phone needs no index over a million base rows.

use super::mix::{Dice, Topic};

/// Subscriber numbers of mobile phones: nine digits after the 9.
const MOBILE: u64 = 1_000_000_000;
/// Subscriber numbers of companies: seven digits after 495.
const CITY: u64 = 10_000_000;
/// Coprime to ten, so that multiplication modulo a power of ten is a bijection.
const FACTOR: u64 = 370_370_371;

/// The shifts of one portal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phones {
    shift: u64,
    dice: Dice,
}

/// An owner of a phone: a slot among the mobiles (clients and leads) or among the companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Mobile(u64),
    City(u64),
}

impl Phones {
    pub(super) fn new(dice: Dice) -> Self {
        Self { shift: dice.roll(Topic::Plan, 1), dice }
    }

    /// The ten national digits of a slot.
    pub(super) fn national(self, slot: Slot) -> String {
        let place = |slot: u64, size: u64| {
            let wide = u128::from(slot) * u128::from(FACTOR) + u128::from(self.shift % size);
            u64::try_from(wide % u128::from(size)).unwrap_or(0)
        };
        match slot {
            Slot::Mobile(slot) => format!("9{:09}", place(slot, MOBILE)),
            Slot::City(slot) => format!("495{:07}", place(slot, CITY)),
        }
    }

    /// The slot whose national number this is.
    pub(super) fn slot_of(self, national: &str) -> Option<Slot> {
        let back = |digits: &str, size: u64| {
            let number = digits.parse::<u64>().ok()?;
            let shifted = (number + size - self.shift % size) % size;
            let wide = u128::from(shifted) * u128::from(inverse(FACTOR % size, size)) % u128::from(size);
            u64::try_from(wide).ok()
        };
        if national.len() != 10 {
            return None;
        }
        if let Some(digits) = national.strip_prefix("495") {
            return back(digits, CITY).map(Slot::City);
        }
        back(national.strip_prefix('9')?, MOBILE).map(Slot::Mobile)
    }

    /// A number as somebody typed it; `element` decides the spelling.
    pub(super) fn spelled(self, national: &str, element: u64) -> String {
        let (a, rest) = national.split_at(3);
        let (b, rest) = rest.split_at(3);
        let (c, d) = rest.split_at(2);
        match self.dice.below(Topic::PhoneSpelling, element, 40) {
            0..=9 => format!("+7 ({a}) {b}-{c}-{d}"),
            10..=15 => format!("+7{national}"),
            16..=20 => format!("8 {a} {b} {c} {d}"),
            21..=25 => format!("8{national}"),
            26..=28 => format!("8-{a}-{b}-{c}-{d}"),
            29..=31 => format!("7{national}"),
            32..=33 => format!("+7 {a} {b}-{c}-{d}"),
            34..=36 => national.to_owned(),
            37 => format!("8 ({a}) {b}-{c}-{d};12"),
            38 => format!("+7 {a} {b} {c}{d} доб. 12"),
            _ => format!("+8 {a} {b}{c}{d}"),
        }
    }
}

/// The inverse of `factor` modulo `size` by the extended Euclidean algorithm; both are coprime.
fn inverse(factor: u64, size: u64) -> u64 {
    let (mut old_r, mut r) = (i128::from(factor), i128::from(size));
    let (mut old_s, mut s) = (1_i128, 0_i128);
    while r != 0 {
        let quotient = old_r / r;
        (old_r, r) = (r, old_r - quotient * r);
        (old_s, s) = (s, old_s - quotient * s);
    }
    u64::try_from(old_s.rem_euclid(i128::from(size))).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_leads_back_to_its_owner() {
        let phones = Phones::new(Dice::new(7));
        for n in [0, 1, 2, 999, 123_456, 3_999_999] {
            assert_eq!(phones.slot_of(&phones.national(Slot::Mobile(n))), Some(Slot::Mobile(n)));
            assert_eq!(phones.slot_of(&phones.national(Slot::City(n))), Some(Slot::City(n)));
        }
        assert_eq!(phones.slot_of("123"), None);
    }
}
