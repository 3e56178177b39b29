//! Several numbers in one cell.

use super::{BadPhone, Phone};

/// What parts the numbers of a cell.
const SEPARATORS: [char; 4] = [',', ';', '/', '\n'];

/// The numbers of a cell, apart at `,`, `;`, `/` and ends of lines. A short run of digits after `,` or `;` is the
/// extension of the number before it, as the portal reads it. The same number twice is one.
#[must_use]
pub fn parse_cell(cell: &str) -> Vec<Result<Phone, BadPhone>> {
    let mut found: Vec<Result<Phone, BadPhone>> = Vec::new();
    let mut separator = '\n';
    for piece in cell.split_inclusive(SEPARATORS) {
        let after = std::mem::replace(&mut separator, piece.chars().next_back().unwrap_or('\n'));
        let part = piece.trim_end_matches(SEPARATORS).trim();
        if part.is_empty() {
            continue;
        }
        let short = part.len() <= 5 && part.bytes().all(|byte| byte.is_ascii_digit());
        let short = short && matches!(after, ',' | ';');
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
