//! Reads a plan: first all of it, to know that it is whole, then entry by entry.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{FORMAT, PlanEnd, PlanHeader};
use crate::sync::Entry;
use crate::sync::plan::PlanError;

/// A plan file that was found to be whole.
#[derive(Debug)]
pub struct SavedPlan {
    header: PlanHeader,
    end: PlanEnd,
    path: PathBuf,
    /// Kept open: what is read later is what was checked, even when the file is replaced.
    file: File,
}

#[derive(Deserialize)]
struct First {
    b24_plan: Version,
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

#[derive(Deserialize)]
struct FirstOfThis {
    b24_plan: PlanHeader,
}

#[derive(Deserialize)]
struct Last {
    end: PlanEnd,
}

impl SavedPlan {
    /// Opens a plan and reads all of it once.
    ///
    /// # Errors
    /// A file that cannot be read, is no plan, comes from a newer version, or is torn or was changed.
    pub fn open(path: &Path) -> Result<Self, PlanError> {
        let io = |source| PlanError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let mut lines = Lines::new(file, path)?;
        let header = lines.header()?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(lines.header_text.as_bytes());
        let mut entries = 0;
        while let Some(text) = lines.entry_text()? {
            lines.parse::<Entry>(&text)?;
            hasher.update(b"\n").update(text.as_bytes());
            entries += 1;
        }
        let end = lines.end()?;
        if end.entries != entries || end.blake3 != hasher.finalize().to_hex().as_str() {
            return Err(lines.torn("its entries are not those it was saved with"));
        }
        Ok(Self { header, end, path: path.to_owned(), file: lines.reader.into_inner() })
    }

    /// What it was made of.
    #[must_use]
    pub fn header(&self) -> &PlanHeader {
        &self.header
    }

    /// Counts, robots and tripped guards.
    #[must_use]
    pub fn end(&self) -> &PlanEnd {
        &self.end
    }

    /// The entries, one by one.
    ///
    /// # Errors
    /// When the file can no longer be read.
    pub fn entries(&self) -> Result<Entries, PlanError> {
        let file =
            self.file.try_clone().map_err(|source| PlanError::Read { path: self.path.clone(), source })?;
        let mut lines = Lines::new(file, &self.path)?;
        lines.header()?;
        Ok(Entries { lines, done: false })
    }
}

/// The entries of a plan.
#[derive(Debug)]
pub struct Entries {
    lines: Lines,
    done: bool,
}

impl Iterator for Entries {
    type Item = Result<Entry, PlanError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let entry =
            self.lines.entry_text().and_then(|text| text.map(|text| self.lines.parse(&text)).transpose());
        self.done = !matches!(entry, Ok(Some(_)));
        entry.transpose()
    }
}

#[derive(Debug)]
struct Lines {
    reader: BufReader<File>,
    path: PathBuf,
    header_text: String,
}

impl Lines {
    fn new(mut file: File, path: &Path) -> Result<Self, PlanError> {
        file.seek(SeekFrom::Start(0)).map_err(|source| PlanError::Read { path: path.to_owned(), source })?;
        Ok(Self { reader: BufReader::new(file), path: path.to_owned(), header_text: String::new() })
    }

    fn torn(&self, reason: &'static str) -> PlanError {
        PlanError::Torn { path: self.path.clone(), reason }
    }

    fn line(&mut self) -> Result<String, PlanError> {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line);
        read.map_err(|source| PlanError::Read { path: self.path.clone(), source })?;
        if !line.ends_with('\n') {
            return Err(self.torn("its end is missing"));
        }
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        Ok(line)
    }

    fn header(&mut self) -> Result<PlanHeader, PlanError> {
        let no_plan = |path: &Path| PlanError::NoPlan { path: path.to_owned() };
        let line = self.line().map_err(|_| no_plan(&self.path))?;
        let object = line.strip_suffix(',').map(|line| format!("{line}}}")).unwrap_or_default();
        let first: First = serde_json::from_str(&object).map_err(|_| no_plan(&self.path))?;
        if first.b24_plan.format > FORMAT {
            return Err(PlanError::Newer {
                path: self.path.clone(),
                found: first.b24_plan.format,
                known: FORMAT,
            });
        }
        let header: FirstOfThis = serde_json::from_str(&object).map_err(|_| no_plan(&self.path))?;
        let text = line.strip_prefix("{\"b24_plan\":").and_then(|text| text.strip_suffix(','));
        text.unwrap_or_default().clone_into(&mut self.header_text);
        if self.line()? != "\"entries\":[" {
            return Err(self.torn("its entries are missing"));
        }
        Ok(header.b24_plan)
    }

    /// The next entry; none at their end.
    fn entry_text(&mut self) -> Result<Option<String>, PlanError> {
        let mut line = self.line()?;
        if line == "]," {
            return Ok(None);
        }
        if line.ends_with(',') {
            line.pop();
        }
        Ok(Some(line))
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T, PlanError> {
        serde_json::from_str(text).map_err(|_| self.torn("an entry cannot be read"))
    }

    fn end(&mut self) -> Result<PlanEnd, PlanError> {
        let line = self.line()?;
        let last: Last =
            serde_json::from_str(&format!("{{{line}")).map_err(|_| self.torn("its end is missing"))?;
        Ok(last.end)
    }
}
