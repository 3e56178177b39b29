//! Several numbers in one cell.

use super::{BadPhone, Phone};

/// The numbers of a cell, apart at `,`, `;`, `/` and ends of lines. A short run of digits after `,` or `;` is the
/// extension of the number before it, as the portal reads it. The same number twice is one.
#[must_use]
pub fn parse_cell(cell: &str) -> Vec<Result<Phone, BadPhone>> {
    let mut found: Vec<Result<Phone, BadPhone>> = Vec::new();
    for part in cell.split([',', ';', '/', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let short = part.len() <= 5 && part.bytes().all(|byte| byte.is_ascii_digit());
        if let (true, Some(Ok(before))) = (short, found.last_mut())
            && before.extension.is_none()
        {
            before.extension = Some(part.to_owned());
            continue;
        }
        let phone = Phone::parse(part);
        let known = |other: &Result<Phone, BadPhone>| match (other, &phone) {
            (Ok(other), Ok(phone)) => other.e164 == phone.e164,
            _ => false,
        };
        if !found.iter().any(known) {
            found.push(phone);
        }
    }
    found
}
