//! Dates as PHP's `strtotime` reads them, in the portal's zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// The portal stands in Moscow.
const ZONE: Offset = Offset::constant(3);

/// A moment as the portal's clocks show it, to the second.
pub(super) fn local(moment: Timestamp) -> DateTime {
    let shown = ZONE.to_datetime(moment);
    shown.with().subsec_nanosecond(0).build().unwrap_or(shown)
}

/// The spellings in use: `2026-09-21`, `21.09.2026 10:00:00`, ISO with `T` and an offset.
pub(super) fn parse(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let (day, rest) = split_day(text)?;
    let rest = rest.strip_prefix(['T', 't', ' ']).map_or(rest, str::trim_start);
    if rest.is_empty() {
        return Some(day.to_datetime(Time::midnight()));
    }
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(rest.len());
    let at = day.to_datetime(clock(&rest[..end])?);
    match rest[end..].trim() {
        "" => Some(at),
        zone => offset(zone)?.to_timestamp(at).ok().map(local),
    }
}

fn split_day(text: &str) -> Option<(Date, &str)> {
    let (head, rest) = text.split_at_checked(10)?;
    let number = |range: std::ops::Range<usize>| head.get(range)?.parse::<i16>().ok();
    let small = |range| number(range).and_then(|n| i8::try_from(n).ok());
    let at = |index: usize| head.as_bytes()[index];
    let day = match (at(4), at(7), at(2), at(5)) {
        (b'-', b'-', ..) => Date::new(number(0..4)?, small(5..7)?, small(8..10)?),
        (.., b'.', b'.') => Date::new(number(6..10)?, small(3..5)?, small(0..2)?),
        _ => return None,
    };
    day.ok().map(|day| (day, rest))
}

fn clock(text: &str) -> Option<Time> {
    let whole = text.split('.').next().unwrap_or(text);
    let mut parts = whole.split(':').map(|part| part.parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    Time::new(hour, minute, second, 0).ok()
}

/// `Z`, `+03:00`, `+0300`, `+03`.
fn offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|m| !m.is_empty()).map_or(Some(0), |m| m.parse().ok())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_people_send_mean_the_same_moment() {
        let expected: DateTime = "2026-09-21T10:00:00".parse().unwrap();
        for text in [
            "2026-09-21 10:00:00",
            "2026-09-21T10:00:00+03:00",
            "2026-09-21T07:00:00Z",
            "2026-09-21T07:00:00+0000",
            "21.09.2026 10:00",
            "2026-09-21T10:00:00.000+03:00",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("2026-09-21"), Some("2026-09-21T00:00:00".parse().unwrap()));
        for text in ["", "soon", "2026-13-01", "2026-09-21T25:00", "2026-09-21 10:00 Europe"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
