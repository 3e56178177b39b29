//! How times, values and runs are shown to people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use workflow::sync::journal::{Retry, StoredReject};
use workflow::sync::{Reject, masking};

/// A moment in this machine's zone.
pub(super) fn moment(at: Timestamp) -> String {
    moment_in(at, &TimeZone::system())
}

/// A moment on the clocks of a source.
pub(super) fn moment_in(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The counts of a run, kept as JSON, in a few words; what is zero is left out.
pub(super) fn tally(json: Option<&str>) -> String {
    let Some(serde_json::Value::Object(counts)) = json.and_then(|text| serde_json::from_str(text).ok())
    else {
        return String::new();
    };
    let number = |(name, value): (&String, &serde_json::Value)| {
        value.as_u64().filter(|count| *count > 0).map(|count| format!("{count} {}", name.replace('_', " ")))
    };
    counts.iter().filter_map(number).collect::<Vec<_>>().join(", ")
}

/// The value of a reject without personal data: what holds letters or looks like a telephone number is masked.
pub(super) fn value(reject: &Reject) -> Option<String> {
    let value = reject.value.as_deref()?;
    let digits = value.chars().filter(char::is_ascii_digit).count();
    Some(if value.chars().any(char::is_alphabetic) {
        masking::text(value)
    } else if digits >= 10 {
        masking::phone(value)
    } else {
        value.to_owned()
    })
}

/// A reject without personal data: its value is masked, and the row as it came is left out.
pub(super) fn masked(stored: StoredReject) -> StoredReject {
    let (value, message) = (value(&stored.reject), masking::numbers(&stored.reject.message));
    StoredReject { reject: Reject { value, message, ..stored.reject }, row: None, ..stored }
}

/// A record that waits, without the telephone numbers that the portal may have named.
pub(super) fn masked_reason(retry: Retry) -> Retry {
    Retry { reason: masking::numbers(&retry.reason), ..retry }
}
