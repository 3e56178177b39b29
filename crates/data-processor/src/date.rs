//! Dates as the portal writes them.

use jiff::SignedDuration;
use jiff::civil::{Date, Time};

/// Reads a date-only value of the portal.
///
/// The portal prints such a value as its midnight plus its own offset from UTC, so with an offset of zero or more the
/// first ten characters are the date, and with a negative offset the UTC date of the instant is
/// (`2026-09-20T19:00:00-05:00` is 21 September). A plain `2026-03-31` is taken as it is.
#[must_use]
pub fn civil(text: &str) -> Option<Date> {
    let text = text.trim_ascii().as_bytes();
    let (day, rest) = text.split_at_checked(10)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = day else { return None };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let date = Date::new(year, i8::try_from(two(m1, m2)?).ok()?, i8::try_from(two(d1, d2)?).ok()?).ok()?;
    match rest {
        [] => Some(date),
        [b'T' | b't' | b' ', clock @ ..] => {
            let (time, offset) = time(clock)?;
            let west = west_of_utc(offset)?;
            if west == SignedDuration::ZERO {
                return Some(date);
            }
            Some(date.to_datetime(time).checked_add(west).ok()?.date())
        }
        _ => None,
    }
}

/// The day of a moment in the portal's own zone, which is the one it prints: the first ten characters.
///
/// Only for values with a time of day (`movedTime`, `datePaid`); a date-only value is read by [`civil`].
#[must_use]
pub fn local_day(text: &str) -> Option<Date> {
    let text = text.trim_ascii();
    civil(text)?;
    text.get(..10)?.parse().ok()
}

/// `hh:mm`, with seconds and a fraction if they are there, and what follows.
fn time(text: &[u8]) -> Option<(Time, &[u8])> {
    let &[h1, h2, b':', m1, m2, ref rest @ ..] = text else { return None };
    let (second, rest) = match *rest {
        [b':', s1, s2, ref rest @ ..] => (two(s1, s2)?, rest),
        ref rest => (0, rest),
    };
    let rest = match *rest {
        [b'.', ref fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            &fraction[digits..]
        }
        ref rest => rest,
    };
    let part = |value: i16| i8::try_from(value).ok();
    let time = Time::new(part(two(h1, h2)?)?, part(two(m1, m2)?)?, part(second)?, 0).ok()?;
    Some((time, rest))
}

/// How far an offset lies west of UTC; zero for UTC, for east of it, and for no offset.
fn west_of_utc(text: &[u8]) -> Option<SignedDuration> {
    let (sign, hours, minutes) = match *text {
        [] | [b'Z' | b'z'] => return Some(SignedDuration::ZERO),
        [sign, h1, h2] => (sign, two(h1, h2)?, 0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, two(h1, h2)?, two(m1, m2)?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    match sign {
        b'+' => Some(SignedDuration::ZERO),
        b'-' => Some(SignedDuration::from_mins(i64::from(hours * 60 + minutes))),
        _ => None,
    }
}

fn two(tens: u8, ones: u8) -> Option<i16> {
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| i16::from(tens - b'0') * 10 + i16::from(ones - b'0'))
}
