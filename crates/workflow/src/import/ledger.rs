//! The outcome file: appended to while a run goes on, one line per row when it has ended.
//!
//! An intent is one line for all rows of a request, synced to disk before the request is sent: a torn line is a request
//! that never was. A row with an intent and without an outcome was perhaps executed. Its request may have left this
//! machine any time until its process died, so such rows count from the moment the next run opened the file.

mod load;
#[cfg(test)]
mod tests;
mod tidy;

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::ImportError;
use super::entry::{IntentEntry, IntentRow, OpenedEntry, RowEntry, RowOutcome, written};
use crate::private_file;

/// What is known of the rows of an input.
pub(super) struct Ledger {
    path: PathBuf,
    /// None in a dry run.
    file: Option<File>,
    /// Held while the run lasts.
    lock: Option<File>,
    length: u64,
    /// Where the lines of this run begin.
    opened_at: u64,
    /// Where the lines begin that no run has lived to report.
    unreported: Option<u64>,
    portal: String,
    method: String,
    /// Rows with an outcome, by line.
    pub(super) settled: HashMap<u64, Settled>,
    /// Rows that were perhaps executed, by line.
    pub(super) pending: BTreeMap<u64, Pending>,
}

/// A row with an outcome. Only these bytes grow with the number of rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    pub(super) fingerprint: u64,
    pub(super) outcome: RowOutcome,
    /// Where its line begins.
    at: u64,
}

/// A row that was perhaps executed.
pub(super) struct Pending {
    pub(super) fingerprint: u64,
    pub(super) key: Option<String>,
    pub(super) id: Option<u64>,
    pub(super) before: Option<Box<RawValue>>,
    /// Not executed for sure only when looked up long enough after this moment.
    pub(super) since: Timestamp,
    pub(super) reason: String,
    /// Whether an earlier run has told about it already.
    pub(super) told: bool,
    /// Whether `since` is the time of an answer's loss, or of the opening after its process died.
    certain: bool,
}

/// An outcome to be written.
pub(super) struct Verdict<'a> {
    pub(super) line: u64,
    pub(super) fingerprint: u64,
    pub(super) key: Option<&'a str>,
    pub(super) outcome: RowOutcome,
    pub(super) id: Option<u64>,
    pub(super) code: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) before: Option<&'a RawValue>,
    pub(super) text: Option<&'a str>,
}

impl Ledger {
    /// Reads the file, if there is one, and changes nothing.
    pub(super) fn read(path: &Path, portal: &str, method: &str) -> Result<Self, ImportError> {
        let mut ledger = Self::empty(path, portal, method);
        match File::open(path) {
            Ok(file) => ledger.load(&file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(ledger.not_writable(error)),
        };
        Ok(ledger)
    }

    /// Opens the file for this run alone, making it if there is none, and notes that earlier runs are dead.
    pub(super) fn open(path: &Path, portal: &str, method: &str, now: Timestamp) -> Result<Self, ImportError> {
        let mut ledger = Self::empty(path, portal, method);
        ledger.lock = Some(ledger.locked()?);
        let file = private_file::open(path).map_err(|error| ledger.not_writable(error))?;
        sync_folder(path).map_err(|error| ledger.not_writable(error))?;
        let whole = ledger.load(&file)?;
        // What follows the last whole line was cut off by a crash before it meant anything.
        file.set_len(whole).map_err(|error| ledger.not_writable(error))?;
        ledger.length = whole;
        ledger.opened_at = whole;
        ledger.file = Some(file);
        ledger.append(&OpenedEntry { opened: now, process: std::process::id(), portal, method }, true)?;
        ledger.earlier_runs_are_dead(now);
        Ok(ledger)
    }

    /// A lock that dies with the process. It lies beside the file, which gets replaced when a run ends.
    fn locked(&self) -> Result<File, ImportError> {
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        let lock = private_file::open(Path::new(&name)).map_err(|error| self.not_writable(error))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(ImportError::InUse { path: self.path.clone() }),
            Err(TryLockError::Error(error)) => Err(self.not_writable(error)),
        }
    }

    fn empty(path: &Path, portal: &str, method: &str) -> Self {
        Self {
            path: path.to_owned(),
            file: None,
            lock: None,
            length: 0,
            opened_at: 0,
            unreported: None,
            portal: portal.to_owned(),
            method: method.to_owned(),
            settled: HashMap::new(),
            pending: BTreeMap::new(),
        }
    }

    fn earlier_runs_are_dead(&mut self, opened: Timestamp) {
        for pending in self.pending.values_mut().filter(|pending| !pending.certain) {
            pending.since = opened;
            pending.certain = true;
        }
    }

    /// Whether an outcome was written by this run.
    pub(super) fn is_of_this_run(&self, settled: &Settled) -> bool {
        settled.at >= self.opened_at
    }

    /// Whether no earlier run has told about an outcome.
    pub(super) fn is_news(&self, settled: &Settled) -> bool {
        settled.at >= self.unreported.unwrap_or(self.opened_at)
    }

    /// Writes the rows of a request before it is sent.
    pub(super) fn intend(&mut self, rows: Vec<IntentRow>, now: Timestamp) -> Result<(), ImportError> {
        let (portal, method) = (self.portal.clone(), self.method.clone());
        self.append(&IntentEntry { intent: rows, sent_at: now, portal: &portal, method: &method }, true)?;
        Ok(())
    }

    /// Writes the outcome of a row.
    pub(super) fn settle(&mut self, verdict: &Verdict<'_>) -> Result<(), ImportError> {
        let at = self.length;
        let (portal, method) = (self.portal.clone(), self.method.clone());
        self.append(
            &RowEntry {
                line: verdict.line,
                key: verdict.key,
                outcome: verdict.outcome,
                id: verdict.id,
                code: verdict.code,
                reason: verdict.reason,
                since: None,
                before: verdict.before,
                text: verdict.text,
                row: written(verdict.fingerprint),
                portal: &portal,
                method: &method,
            },
            false,
        )?;
        self.pending.remove(&verdict.line);
        let settled = Settled { fingerprint: verdict.fingerprint, outcome: verdict.outcome, at };
        self.settled.insert(verdict.line, settled);
        Ok(())
    }

    /// Writes that a row was perhaps executed.
    pub(super) fn lose(
        &mut self,
        line: u64,
        row: IntentRow,
        reason: String,
        now: Timestamp,
    ) -> Result<(), ImportError> {
        let pending = Pending {
            fingerprint: super::entry::read(&row.row),
            key: row.key,
            id: row.id,
            before: row.before,
            since: now,
            reason,
            told: false,
            certain: true,
        };
        let text = self.unknown(line, &pending)?;
        self.write(&text, false)?;
        self.settled.remove(&line);
        self.pending.insert(line, pending);
        Ok(())
    }

    fn unknown(&self, line: u64, pending: &Pending) -> Result<String, ImportError> {
        self.encoded(&RowEntry {
            line,
            key: pending.key.as_deref(),
            outcome: RowOutcome::Unknown,
            id: pending.id,
            code: Some("import.outcome-unknown"),
            reason: Some(&pending.reason),
            since: Some(pending.since),
            before: pending.before.as_deref(),
            text: None,
            row: written(pending.fingerprint),
            portal: &self.portal,
            method: &self.method,
        })
    }

    fn encoded(&self, entry: &impl Serialize) -> Result<String, ImportError> {
        let text = serde_json::to_string(entry).map_err(|error| self.not_writable(error.into()))?;
        Ok(text + "\n")
    }

    fn append(&mut self, entry: &impl Serialize, sync: bool) -> Result<String, ImportError> {
        let text = self.encoded(entry)?;
        self.write(&text, sync)?;
        Ok(text)
    }

    fn write(&mut self, text: &str, sync: bool) -> Result<(), ImportError> {
        let Some(mut file) = self.file.as_ref() else { return Ok(()) };
        let mut write = || {
            file.seek(SeekFrom::Start(self.length))?;
            file.write_all(text.as_bytes())?;
            if sync { file.sync_data() } else { Ok(()) }
        };
        write().map_err(|error| self.not_writable(error))?;
        self.length += text.len() as u64;
        Ok(())
    }

    fn not_writable(&self, source: io::Error) -> ImportError {
        ImportError::OutcomesNotWritable { path: self.path.clone(), source }
    }
}

/// The name of a new file is on disk, too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new("."))).and_then(|folder| folder.sync_all())
}

/// Windows keeps names and contents together.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
