//! Reads an outcome file, of a run that ended or of one that was killed.

use std::fs::File;
use std::io::{BufRead as _, BufReader};

use super::super::entry::{AnyEntry, IntentRow, RowOutcome, read};
use super::{ImportError, Ledger, Pending, Settled};

impl Ledger {
    /// Takes in all whole lines, and gives the length of them.
    pub(super) fn load(&mut self, file: &File) -> Result<u64, ImportError> {
        let mut reader = BufReader::new(file);
        let (mut at, mut number) = (0, 0);
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(|error| self.not_writable(error))?;
            if line.last() != Some(&b'\n') {
                return Ok(at);
            }
            number += 1;
            let entry: AnyEntry = serde_json::from_slice(&line).map_err(|error| ImportError::Outcomes {
                path: self.path.clone(),
                line: number,
                reason: error.to_string(),
            })?;
            self.check_owner(&entry)?;
            self.take_in(entry, at);
            at += length as u64;
        }
    }

    fn check_owner(&self, entry: &AnyEntry) -> Result<(), ImportError> {
        if entry.portal == self.portal && entry.method.eq_ignore_ascii_case(&self.method) {
            return Ok(());
        }
        Err(ImportError::Foreign {
            path: self.path.clone(),
            found: format!("{} on {}", entry.method, entry.portal),
            wanted: format!("{} on {}", self.method, self.portal),
        })
    }

    fn take_in(&mut self, entry: AnyEntry, at: u64) {
        if let Some(opened) = entry.opened {
            self.unreported.get_or_insert(at);
            self.earlier_runs_are_dead(opened);
        }
        for row in entry.intent.into_iter().flatten() {
            self.settled.remove(&row.line);
            self.pending.insert(row.line, interrupted(row, entry.sent_at.unwrap_or_default()));
        }
        let (Some(line), Some(outcome)) = (entry.line, entry.outcome) else { return };
        let fingerprint = entry.row.as_deref().map(read).unwrap_or_default();
        if outcome != RowOutcome::Unknown {
            self.pending.remove(&line);
            self.settled.insert(line, Settled { fingerprint, outcome, at });
            return;
        }
        let before = entry.before.or_else(|| self.pending.remove(&line).and_then(|pending| pending.before));
        self.settled.remove(&line);
        let pending = Pending {
            fingerprint,
            key: entry.key,
            id: entry.id,
            before,
            since: entry.since.unwrap_or_default(),
            reason: entry.reason.unwrap_or_default(),
            // A run that ends leaves no line of its opening.
            told: self.unreported.is_none(),
            certain: true,
        };
        self.pending.insert(line, pending);
    }
}

/// A row of a run that did not live to write its outcome.
fn interrupted(row: IntentRow, sent_at: jiff::Timestamp) -> Pending {
    Pending {
        fingerprint: read(&row.row),
        key: row.key,
        id: row.id,
        before: row.before,
        since: sent_at,
        reason: "the run ended before the answer came".to_owned(),
        told: false,
        certain: false,
    }
}
