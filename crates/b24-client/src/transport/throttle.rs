//! How long a server asks to be left alone. The portal itself writes no such header; what stands before it may.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Headers that say it, in the order in which they are believed (RFC 9110; the others are drafts and customs).
const HEADERS: [&str; 3] = ["retry-after", "ratelimit-reset", "x-ratelimit-reset"];
/// Larger numbers are points in time.
const LARGEST_DELTA: f64 = 1e9;

/// The wait that an answer's headers ask for: as seconds, as a Unix time, or as a date. The last two are compared with
/// the server's own `Date`, because this machine's clock may be wrong.
pub(super) fn retry_after<'a>(header: &dyn Fn(&str) -> Option<&'a str>) -> Option<Duration> {
    let now = || header("date").and_then(date);
    HEADERS.into_iter().find_map(|name| {
        let text = header(name)?.trim();
        let seconds = match text.parse::<f64>() {
            Ok(seconds) if seconds < LARGEST_DELTA => seconds,
            Ok(time) => time - now()?,
            Err(_) => date(text)? - now()?,
        };
        Duration::try_from_secs_f64(seconds.max(0.0)).ok()
    })
}

/// Seconds since the epoch.
fn date(text: &str) -> Option<f64> {
    let date = rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
    Some(date.timestamp().duration_since(Timestamp::UNIX_EPOCH).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&str, &'static str)]) -> Option<u64> {
        let find = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        retry_after(&find).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_wait_is_read_as_seconds_as_unix_time_and_as_a_date_p38() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wait(&[("retry-after", "120")]), Some(120));
        assert_eq!(wait(&[("x-ratelimit-reset", "2.5")]), Some(2));
        assert_eq!(wait(&[date, ("ratelimit-reset", "784111807"), ("x", "y")]), Some(784_111_807));
        assert_eq!(wait(&[date, ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]), Some(30));
        let date = ("date", "Sat, 21 Nov 2026 00:00:00 GMT");
        assert_eq!(wait(&[date, ("ratelimit-reset", "1795219230")]), Some(30));
        assert_eq!(wait(&[date, ("retry-after", "Fri, 20 Nov 2026 00:00:00 GMT")]), Some(0), "it is over");
    }

    #[test]
    fn what_cannot_be_read_or_compared_asks_for_nothing_p38() {
        assert_eq!(wait(&[]), None);
        for value in ["soon", "-", "", "NaN", "inf", "1e300"] {
            assert_eq!(wait(&[("retry-after", value)]), None, "{value}");
        }
        assert_eq!(
            wait(&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]),
            None,
            "without a date of the server"
        );
    }
}
