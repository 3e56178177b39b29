//! Persons: who is meant, how their telephone numbers are read and recognised, and what of them may be shown.

pub mod masking;
pub mod phone;

pub use phone::Phone;

use masking::is_of_number;

/// Who is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Everybody with this telephone number, in any spelling.
    Phone(String),
    /// A contact of the portal, with the telephone numbers that it was planned with.
    Contact(u64),
}

/// The digits by which a number is known whatever stands before them: the last ten, of numbers outside of +7 the last
/// eight, because their national forms differ.
pub(crate) fn national(text: &str) -> String {
    let e164 = Phone::parse(text).map(|phone| phone.e164().to_owned());
    let most = if e164.as_ref().is_ok_and(|number| !number.starts_with("+7")) { 8 } else { 10 };
    let number = e164.unwrap_or_else(|_| text.to_owned());
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.iter().skip(digits.len().saturating_sub(most)).collect()
}

/// Whether a text holds the digits, with whatever people write between the digits of a telephone number.
pub(crate) fn mentions(text: &str, digits: &str) -> bool {
    const FEWEST: usize = 5;
    if digits.len() < FEWEST {
        return false;
    }
    let mut run = String::new();
    for character in text.chars() {
        if character.is_ascii_digit() {
            run.push(character);
        } else if !is_of_number(character) {
            if run.contains(digits) {
                return true;
            }
            run.clear();
        }
    }
    run.contains(digits)
}

/// What the identities of all persons with the same first number begin with: the same person may be spelled in another
/// way, and come first, in another run.
pub(crate) fn shared_part(identity: &str) -> &str {
    identity.split_once('-').map_or(identity, |(phone, _)| phone)
}

/// What the identities of all persons whose first number is this one begin with.
pub(crate) fn phone_identity(phone: &str) -> String {
    format!("{:016x}", short(phone))
}

/// 64 bits of a hash: two of a million keys are mistaken for one with a chance of one in forty million.
pub(crate) fn short(text: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_in_any_spelling() {
        let known = national("+7 999 123-45-67 доб. 12");
        assert_eq!(known, "9991234567");
        for text in [
            "8 (999) 123-45-67",
            r#"{"phones":["+79991234567"]}"#,
            "9991234567, 2",
            "8.999.123.45.67",
            "999/123\u{2011}45\u{2011}67",
        ] {
            assert!(mentions(text, &known), "{text}");
        }
        assert!(!mentions("+79991234568", &known));
        assert!(!mentions("999, 1234567", &known));
        assert!(mentions("8 029 123-45-67", &national("+375 29 123-45-67")));
        assert!(!mentions("anything", &national("no number")));
    }
}
