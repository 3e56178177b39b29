//! The lines of an outcome file.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowOutcome {
    /// Added or updated.
    Ok,
    /// Not sendable, or refused by the portal.
    Rejected,
    /// Sent, and nobody knows whether it was executed.
    Unknown,
    /// Proved not to be executed; the next run sends it.
    NotSent,
}

/// The outcome of one row, as it is written.
#[derive(Debug, Serialize)]
pub(super) struct RowEntry<'a> {
    pub(super) line: u64,
    pub(super) key: Option<&'a str>,
    pub(super) outcome: RowOutcome,
    pub(super) id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'a str>,
    /// Since when its answer is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    /// The values that an update replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<&'a RawValue>,
    /// The text of a row that cannot be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a str>,
    /// Fingerprint of the row.
    pub(super) row: String,
    pub(super) portal: &'a str,
    pub(super) method: &'a str,
}

/// Rows that are about to be sent: on disk before they are.
#[derive(Debug, Serialize)]
pub(super) struct IntentEntry<'a> {
    pub(super) intent: Vec<IntentRow>,
    pub(super) sent_at: Timestamp,
    pub(super) portal: &'a str,
    pub(super) method: &'a str,
}

/// One row of an intent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct IntentRow {
    pub(super) line: u64,
    pub(super) key: Option<String>,
    pub(super) id: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Box<RawValue>>,
    pub(super) row: String,
}

/// A run has opened the file: whatever ran before is dead.
#[derive(Debug, Serialize)]
pub(super) struct OpenedEntry<'a> {
    pub(super) opened: Timestamp,
    pub(super) process: u32,
    pub(super) portal: &'a str,
    pub(super) method: &'a str,
}

/// Any line, as it is read.
#[derive(Debug, Deserialize)]
pub(super) struct AnyEntry {
    pub(super) portal: String,
    pub(super) method: String,
    pub(super) line: Option<u64>,
    pub(super) key: Option<String>,
    pub(super) outcome: Option<RowOutcome>,
    pub(super) id: Option<u64>,
    pub(super) reason: Option<String>,
    pub(super) since: Option<Timestamp>,
    pub(super) before: Option<Box<RawValue>>,
    pub(super) row: Option<String>,
    pub(super) intent: Option<Vec<IntentRow>>,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) opened: Option<Timestamp>,
}

pub(super) fn written(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}

pub(super) fn read(fingerprint: &str) -> u64 {
    u64::from_str_radix(fingerprint, 16).unwrap_or_default()
}
