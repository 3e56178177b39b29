//! Numbers and days as cells hold them.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

/// The first size that has more significant digits than a cell's double holds exactly (15).
const TOO_LARGE: u64 = 1_000_000_000_000_000;

/// Appends the shortest text of the decimal; false and nothing when a cell cannot hold it exactly.
pub(super) fn decimal(value: Decimal, out: &mut Vec<u8>) -> bool {
    let Ok(mut size) = u64::try_from(value.mantissa().unsigned_abs()) else {
        return large(value, out);
    };
    let mut scale = value.scale() as usize;
    while scale > 0 && size.is_multiple_of(10) {
        size /= 10;
        scale -= 1;
    }
    if size >= TOO_LARGE {
        return false;
    }
    if value.is_sign_negative() && size > 0 {
        out.push(b'-');
    }
    let mut buffer = [b'0'; 40];
    let mut start = buffer.len();
    let mut written = 0;
    while size > 0 || written <= scale {
        if written == scale && scale > 0 {
            start -= 1;
            buffer[start] = b'.';
        }
        start -= 1;
        buffer[start] = b'0' + (size % 10) as u8;
        size /= 10;
        written += 1;
    }
    out.extend_from_slice(&buffer[start..]);
    true
}

/// A mantissa of more than 64 bits may still be a short number with many zeros behind the point.
fn large(value: Decimal, out: &mut Vec<u8>) -> bool {
    let short = value.normalize();
    u64::try_from(short.mantissa().unsigned_abs()).is_ok() && decimal(short, out)
}

/// Appends a whole number.
pub(super) fn whole(number: u64, out: &mut Vec<u8>) {
    let mut buffer = [0; 20];
    let mut start = buffer.len();
    let mut rest = number;
    loop {
        start -= 1;
        buffer[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&buffer[start..]);
}

/// The number of a day; none before 1900, which a workbook does not know.
pub(super) fn serial(day: Date) -> Option<u64> {
    // Workbooks count a 29 February 1900 that never was.
    const EPOCH: Date = date(1899, 12, 30);
    const MARCH: Date = date(1900, 3, 1);
    if day.year() < 1900 || day.year() > 9999 {
        return None;
    }
    let days = u64::try_from(day.duration_since(EPOCH).as_hours() / 24).ok()?;
    Some(if day < MARCH { days - 1 } else { days })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        let mut out = Vec::new();
        decimal(text.parse().unwrap(), &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn decimals_are_written_exactly_or_not_at_all() {
        for (text, expected) in [
            ("0", "0"),
            ("0.00", "0"),
            ("-0.00", "0"),
            ("122.00", "122"),
            ("-0.05", "-0.05"),
            ("0.125", "0.125"),
            ("12200.50", "12200.5"),
            ("999999999999999", "999999999999999"),
            ("1.0000000000000000000000000", "1"),
            ("9999999999999.99", "9999999999999.99"),
        ] {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["1234567890123456.789", "1000000000000000", "0.1234567890123456"] {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn days_count_like_a_spreadsheet() {
        assert_eq!(serial(date(2026, 2, 1)), Some(46054));
        assert_eq!(serial(date(1900, 1, 1)), Some(1));
        assert_eq!(serial(date(1900, 3, 1)), Some(61));
        assert_eq!(serial(date(1899, 12, 31)), None);
    }
}
