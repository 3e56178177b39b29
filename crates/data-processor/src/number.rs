//! Reads a decimal number out of a JSON value, digit by digit.

use rust_decimal::Decimal;

/// Every decimal of this many digits fits; some of 29 do not.
const MAX_DIGITS: usize = 28;
const MAX_SCALE: i64 = 28;

/// The number in a JSON number, or in a JSON string that holds one by the same grammar (`122`, `-0.5`, `1.5E-2`,
/// `"12200.00"`). None for anything else, and for a number that has more than 28 digits.
pub(crate) fn decimal(json: &str) -> Option<Decimal> {
    let text = json.as_bytes();
    match text {
        [b'"', inner @ .., b'"'] => number(inner),
        _ => number(text),
    }
}

fn number(text: &[u8]) -> Option<Decimal> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (whole, text) = digits(text);
    // JSON knows neither ".5" nor "007".
    if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
        return None;
    }
    let (fraction, text) = match text {
        [b'.', rest @ ..] => match digits(rest) {
            ([], _) => return None,
            found => found,
        },
        _ => (&[][..], text),
    };
    let exponent = match text {
        [] => 0,
        [b'e' | b'E', rest @ ..] => exponent(rest)?,
        _ => return None,
    };
    scaled(negative, whole, fraction, exponent)
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (found, []) = digits(text) else { return None };
    if found.is_empty() {
        return None;
    }
    let size =
        found.iter().fold(0_i64, |size, byte| size.saturating_mul(10).saturating_add(i64::from(byte - b'0')));
    Some(if negative { -size } else { size })
}

fn scaled(negative: bool, whole: &[u8], fraction: &[u8], exponent: i64) -> Option<Decimal> {
    let fraction = trim_end(fraction);
    let whole = if whole == b"0" { &[][..] } else { whole };
    let leading =
        if whole.is_empty() { fraction.iter().take_while(|&&byte| byte == b'0').count() } else { 0 };
    let significant = whole.len() + fraction.len() - leading;
    if significant == 0 {
        return Some(Decimal::ZERO);
    }
    let mut scale = i64::try_from(fraction.len()).ok()?.saturating_sub(exponent);
    // An integer with zeros at its end may need none of them: 1000e-30 is 1e-27.
    let spare = if scale > 0 && fraction.is_empty() { whole.len() - trim_end(whole).len() } else { 0 };
    let spare = spare.min(usize::try_from(scale).unwrap_or(usize::MAX));
    let kept = whole.len() - spare;
    scale -= i64::try_from(spare).ok()?;
    let padding = usize::try_from(-scale).unwrap_or(0);
    if scale > MAX_SCALE || (significant - spare).checked_add(padding)? > MAX_DIGITS {
        return None;
    }
    let mantissa = accumulate(accumulate(0, &whole[..kept]), fraction);
    let mantissa = mantissa * 10_i128.pow(u32::try_from(padding).ok()?);
    let mantissa = if negative { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(mantissa, u32::try_from(scale).unwrap_or(0)).ok()
}

fn trim_end(digits: &[u8]) -> &[u8] {
    &digits[..digits.iter().rposition(|&byte| byte != b'0').map_or(0, |last| last + 1)]
}

/// Appends digits to a number; the caller counted them, 28 fit.
fn accumulate(start: i128, digits: &[u8]) -> i128 {
    digits.iter().fold(start, |number, byte| number * 10 + i128::from(byte - b'0'))
}
