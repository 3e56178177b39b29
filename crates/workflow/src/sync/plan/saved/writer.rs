//! Writes a plan while it is made.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{PlanEnd, PlanHeader};
use crate::OutputFile;
use crate::sync::Entry;
use crate::sync::mapping::Resolved;
use crate::sync::plan::{Guard, PlanError, Tally};

/// A plan that is being written. Nothing appears under its name before [`PlanWriter::finish`].
#[derive(Debug)]
pub struct PlanWriter {
    output: OutputFile,
    /// Entries are small and many: they are gathered here.
    buffer: Vec<u8>,
    path: PathBuf,
    hasher: Box<blake3::Hasher>,
    tally: Tally,
    entries: u64,
}

const BUFFER: usize = 64 * 1024;

impl PlanWriter {
    /// Begins a plan. The file can be read by its owner only.
    ///
    /// # Errors
    /// When the file exists and `replace` is not set, or cannot be written.
    pub fn create(
        path: &Path,
        replace: bool,
        header: &PlanHeader,
        rules: &Resolved,
    ) -> Result<Self, PlanError> {
        let output =
            OutputFile::create(path, replace).map_err(|source| PlanError::Output(Box::new(source)))?;
        let mut writer = Self {
            output,
            buffer: Vec::with_capacity(BUFFER),
            path: path.to_owned(),
            hasher: Box::new(blake3::Hasher::new()),
            tally: Tally::new(rules),
            entries: 0,
        };
        let header = json(header)?;
        writer.hasher.update(header.as_bytes());
        writer.put(&format!("{{\"b24_plan\":{header},\n\"entries\":["))?;
        Ok(writer)
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// When it cannot be written, as on a full disk.
    pub fn add(&mut self, entry: &Entry) -> Result<(), PlanError> {
        let text = json(entry)?;
        self.hasher.update(b"\n").update(text.as_bytes());
        let separator = if self.entries == 0 { "\n" } else { ",\n" };
        self.entries += 1;
        self.tally.add(entry);
        self.put(separator)?;
        self.put(&text)
    }

    /// What was counted so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Writes the end and gives the file its name. `guards` are those that the plan trips.
    ///
    /// # Errors
    /// When the file cannot be written or named.
    pub fn finish(mut self, guards: Vec<Guard>) -> Result<PathBuf, PlanError> {
        let end = PlanEnd {
            entries: self.entries,
            counts: self.tally.counts().clone(),
            robots: self.tally.robots().clone(),
            guards,
            blake3: self.hasher.finalize().to_hex().to_string(),
        };
        let end = json(&end)?;
        self.put(&format!("\n],\n\"end\":{end}}}\n"))?;
        self.flush()?;
        self.output.commit().map_err(|source| PlanError::Output(Box::new(source)))
    }

    fn put(&mut self, text: &str) -> Result<(), PlanError> {
        self.buffer.extend_from_slice(text.as_bytes());
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), PlanError> {
        let written = self.output.file().write_all(&self.buffer);
        self.buffer.clear();
        written.map_err(|source| PlanError::Write { path: self.path.clone(), source })
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, PlanError> {
    serde_json::to_string(value).map_err(PlanError::Encode)
}
