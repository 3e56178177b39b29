//! Checks of Russian identifiers. A wrong one is a warning, never a reason to drop an invoice.
//!
//! Sources: INN and KPP: order of the Federal Tax Service ED-7-14/559@ of 2025-06-26, whose letter KV-4-14/10475@ of
//! 2025-11-20 says that the check digits stayed as they were; OGRN and OGRNIP: order of the Ministry of Finance 165n of
//! 2017-10-30, point 7.

/// What is wrong with an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Wrong length, wrong characters, or nothing but zeros (whose check digits would fit).
    Malformed,
    /// The check digit does not fit.
    Checksum,
}

/// INN: 10 digits of an organisation or 12 of a person.
pub(crate) fn inn(text: &str) -> Result<(), Fault> {
    const LAST: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let fits = if let Some(inn) = digits::<10>(text) {
        weighted(&inn, &LAST[2..]) == inn[9]
    } else {
        let inn = digits::<12>(text).ok_or(Fault::Malformed)?;
        weighted(&inn, &LAST[1..]) == inn[10] && weighted(&inn, &LAST) == inn[11]
    };
    if fits { Ok(()) } else { Err(Fault::Checksum) }
}

/// KPP: tax office (4 digits), reason (2 digits or capital Latin letters), number (3 digits). It has no check digit.
pub(crate) fn kpp(text: &str) -> Result<(), Fault> {
    let kpp: &[u8; 9] = text.as_bytes().try_into().map_err(|_| Fault::Malformed)?;
    let fits = kpp
        .iter()
        .enumerate()
        .all(|(place, byte)| byte.is_ascii_digit() || (matches!(place, 4 | 5) && byte.is_ascii_uppercase()));
    if fits { Ok(()) } else { Err(Fault::Malformed) }
}

/// OGRN of an organisation: 13 digits, the last is the rest of the others by 11.
pub(crate) fn ogrn(text: &str) -> Result<(), Fault> {
    remainder_fits(&digits::<13>(text).ok_or(Fault::Malformed)?, 11)
}

/// OGRNIP of an entrepreneur: 15 digits, the first is 3, the last is the rest of the others by 13.
pub(crate) fn ogrnip(text: &str) -> Result<(), Fault> {
    let digits = digits::<15>(text).filter(|digits| digits[0] == 3).ok_or(Fault::Malformed)?;
    remainder_fits(&digits, 13)
}

fn digits<const N: usize>(text: &str) -> Option<[u32; N]> {
    let bytes: &[u8; N] = text.as_bytes().try_into().ok()?;
    let digits = bytes.map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let plausible = digits.iter().all(|&digit| digit < 10) && digits.iter().any(|&digit| digit > 0);
    plausible.then_some(digits)
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 % 10
}

fn remainder_fits(digits: &[u32], modulus: u32) -> Result<(), Fault> {
    let Some((last, others)) = digits.split_last() else { return Err(Fault::Malformed) };
    let rest = others.iter().fold(0, |rest, digit| (rest * 10 + digit) % modulus);
    if rest % 10 == *last { Ok(()) } else { Err(Fault::Checksum) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identifiers_of_the_domain_notes_are_judged_as_stated() {
        for valid in ["7707083893", "7736207543", "7830002293", "500100732259"] {
            assert_eq!(inn(valid), Ok(()), "{valid}");
        }
        for wrong in ["7707083894", "500100732258"] {
            assert_eq!(inn(wrong), Err(Fault::Checksum), "{wrong}");
        }
        for valid in ["1027700132195", "1027700229193", "1037739010891"] {
            assert_eq!(ogrn(valid), Ok(()), "{valid}");
        }
        assert_eq!(ogrn("1027700132196"), Err(Fault::Checksum));
        assert_eq!(ogrnip("304500116000157"), Ok(()));
        assert_eq!(ogrnip("304500116000158"), Err(Fault::Checksum));
    }

    #[test]
    fn zeros_only_are_refused_although_their_check_digits_fit() {
        assert_eq!(inn("0000000000"), Err(Fault::Malformed));
        assert_eq!(inn("000000000000"), Err(Fault::Malformed));
        assert_eq!(ogrn("0000000000000"), Err(Fault::Malformed));
        assert_eq!(ogrnip("000000000000000"), Err(Fault::Malformed));
    }

    #[test]
    fn other_lengths_and_characters_are_malformed() {
        for text in ["", "770708389", "77070838930", "770708389X", "７７０７０８３８９３", "+707083893"]
        {
            assert_eq!(inn(text), Err(Fault::Malformed), "{text}");
        }
        assert_eq!(ogrnip("104500116000157"), Err(Fault::Malformed));
    }

    #[test]
    fn a_kpp_may_have_letters_only_in_its_reason() {
        assert_eq!(kpp("770701001"), Ok(()));
        assert_eq!(kpp("7707AB001"), Ok(()));
        for text in ["7707ab001", "770A01001", "77070100A", "77070100", "7707010011", "7707АВ001"] {
            assert_eq!(kpp(text), Err(Fault::Malformed), "{text}");
        }
    }
}
