//! INN, KPP, OGRN and OGRNIP with right check digits (algorithms of the tax service; domain notes, D3).

use super::mix::{Dice, Topic};

/// Tax offices the group's clients are registered with.
const OFFICES: &[u64] = &[7701, 7707, 7728, 7736, 7801, 7830, 5001, 5047, 5902, 6658, 1655, 2310, 5406, 6315];

fn digits(number: u64, width: usize) -> Vec<u64> {
    format!("{number:0width$}").bytes().map(|b| u64::from(b - b'0')).collect()
}

fn checked(digits: &[u64], weights: &[u64]) -> u64 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum::<u64>() % 11 % 10
}

fn join(digits: &[u64]) -> String {
    digits.iter().map(u64::to_string).collect()
}

/// INN of a company: ten digits.
pub(super) fn company_inn(dice: Dice, owner: u64) -> String {
    let number = office(dice, owner) * 100_000 + dice.below(Topic::Inn, owner, 99_999) + 1;
    let mut out = digits(number, 9);
    out.push(checked(&out, &[2, 4, 10, 3, 5, 9, 4, 6, 8]));
    join(&out)
}

/// INN of a person or an entrepreneur: twelve digits.
pub(super) fn person_inn(dice: Dice, owner: u64) -> String {
    let number = office(dice, owner) * 1_000_000 + dice.below(Topic::Inn, owner, 999_999) + 1;
    let mut out = digits(number, 10);
    out.push(checked(&out, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]));
    out.push(checked(&out, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]));
    join(&out)
}

/// KPP: tax office, reason, serial.
pub(super) fn kpp(dice: Dice, owner: u64, branch: bool) -> String {
    let (reason, serial) = if branch { (43, 2 + owner % 7) } else { (1, 1) };
    format!("{:04}{reason:02}{serial:03}", office(dice, owner))
}

/// OGRN of a company: thirteen digits.
pub(super) fn ogrn(dice: Dice, owner: u64) -> String {
    let draw = dice.roll(Topic::Registration, owner);
    let number =
        ((100 + 2 + draw % 22) * 100 + office(dice, owner) / 100) * 10_000_000 + draw / 97 % 10_000_000;
    format!("{number:012}{}", number % 11 % 10)
}

/// OGRNIP of an entrepreneur: fifteen digits, the first is 3.
pub(super) fn ogrnip(dice: Dice, owner: u64) -> String {
    let draw = dice.roll(Topic::Registration, owner);
    let number =
        ((300 + 4 + draw % 20) * 100 + office(dice, owner) / 100) * 1_000_000_000 + draw / 97 % 1_000_000_000;
    format!("{number:014}{}", number % 13 % 10)
}

/// The same number with its last digit wrong.
pub(super) fn spoiled(code: &str) -> String {
    let (head, last) = code.split_at(code.len() - 1);
    format!("{head}{}", (last.parse::<u64>().unwrap_or(0) + 1) % 10)
}

/// The number in groups, as some people type it.
pub(super) fn spaced(code: &str) -> String {
    let (region, rest) = code.split_at(4);
    let (office, serial) = rest.split_at(3);
    format!("{region} {office} {serial}")
}

fn office(dice: Dice, owner: u64) -> u64 {
    dice.pick(Topic::City, owner, OFFICES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_follow_the_tax_service() {
        assert_eq!(checked(&digits(770_708_389, 9), &[2, 4, 10, 3, 5, 9, 4, 6, 8]), 3);
        assert_eq!(102_770_013_219_u64 % 11, 5);
        assert_eq!(30_450_011_600_015_u64 % 13, 7);
        let mut person = digits(5_001_007_322, 10);
        person.push(checked(&person, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]));
        person.push(checked(&person, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]));
        assert_eq!(join(&person), "500100732259");
    }
}
