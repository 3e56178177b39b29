//! What an interrupted export knows about itself: `FILE.part.state`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ExportError;

/// Version of the file; grows when a member changes its meaning.
pub(super) const SCHEMA: u32 = 1;

/// What was asked for: rows of another question must never follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Question {
    pub(super) schema: u32,
    pub(super) portal: String,
    pub(super) method: String,
    /// The parameters as JSON.
    pub(super) params: String,
}

/// How far the export has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    #[serde(flatten)]
    pub(super) question: Question,
    /// Key of the last row written; rows without keys cannot be resumed.
    pub(super) last_key: Option<u64>,
    /// Length of the part file up to the end of that row.
    pub(super) bytes: u64,
    pub(super) rows: u64,
    /// Columns of a CSV file.
    pub(super) columns: Option<Vec<String>>,
}

impl State {
    /// Nothing written yet.
    pub(super) fn new(question: Question) -> Self {
        Self { question, last_key: None, bytes: 0, rows: 0, columns: None }
    }

    /// The state beside a part file, if there is one.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, ExportError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ExportError::Read { path: path.to_owned(), source }),
        };
        let damaged = |error: serde_json::Error| ExportError::State {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        serde_json::from_str(&text).map(Some).map_err(damaged)
    }

    /// Refuses to go on with rows of another portal, method or filter.
    pub(super) fn belongs_to(&self, question: &Question, path: &Path) -> Result<(), ExportError> {
        let (kept, now) = (&self.question, question);
        let differs = if kept.schema != now.schema {
            "it was written by another version of b24".to_owned()
        } else if kept.portal != now.portal {
            format!("it was read from {}, this is {}", kept.portal, now.portal)
        } else if kept.method != now.method {
            format!("it lists {}, not {}", kept.method, now.method)
        } else if kept.params != now.params {
            "it was read with other parameters (filter, fields or order)".to_owned()
        } else if self.rows > 0 && self.last_key.is_none() {
            "its rows do not come in the order of a key, so nobody knows where to go on".to_owned()
        } else {
            return Ok(());
        };
        Err(ExportError::Foreign { path: path.to_owned(), differs })
    }

    /// Replaces the state file. Not forced to the disk: it is replaced many times a second.
    pub(super) fn write(&self, path: &Path) -> Result<(), ExportError> {
        let replace = || {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
            serde_json::to_writer(&mut file, self)?;
            file.persist(path).map_err(|error| error.error)
        };
        let replaced: io::Result<fs::File> = replace();
        replaced.map(drop).map_err(|source| ExportError::Write { path: path.to_owned(), source })
    }
}

/// A name beside a file: `FILE` and a further ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
