//! A folder with sources, and how they are read.

use std::path::Path;

use jiff::Timestamp;
use tempfile::TempDir;
use workflow::sync::source::{self, Guess, Opening, SourceError, SourceSettings};
use workflow::sync::value::RowFormat;
use workflow::sync::{Record, Reject};

/// A whole source.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) records: Vec<Record>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) format: RowFormat,
    pub(crate) guesses: Vec<Guess>,
    pub(crate) cursor: Option<String>,
    pub(crate) passed_over: u64,
    pub(crate) pages: usize,
}

impl Read {
    /// The rows as texts, an empty cell as `-`.
    pub(crate) fn rows(&self) -> Vec<String> {
        let row = |record: &Record| {
            let cells = record.columns().iter().map(|column| record.get(column).unwrap_or("-"));
            format!("{}: {}", record.line(), cells.collect::<Vec<_>>().join(" | "))
        };
        self.records.iter().map(row).collect()
    }

    /// The guesses, a line each.
    pub(crate) fn guessed(&self) -> Vec<String> {
        let line = |guess: &Guess| format!("{} = {} ({})", guess.setting, guess.value, guess.reason);
        self.guesses.iter().map(line).collect()
    }

    /// The bad rows, a line each.
    pub(crate) fn rejected(&self) -> Vec<String> {
        let line = |reject: &Reject| {
            format!("{} {}: {} [{}]", reject.line, reject.code, reject.message, reject.hint)
        };
        self.rejects.iter().map(line).collect()
    }
}

/// A folder with a source.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    now: Timestamp,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), now }
    }

    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let stage = Self::new();
        std::fs::write(stage.path(name), content).unwrap();
        stage
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, settings: &str) -> Result<Read, SourceError> {
        self.read_from(settings, None)
    }

    /// Reads to the end, from a committed cursor on.
    pub(crate) fn read_from(&self, settings: &str, cursor: Option<&str>) -> Result<Read, SourceError> {
        runtime().block_on(async {
            let opened = source::open(&settings_of(settings), &self.opening(cursor)).await?;
            let mut reader = opened.source;
            let mut read = Read {
                records: Vec::new(),
                rejects: Vec::new(),
                format: opened.format,
                guesses: opened.guesses,
                cursor: None,
                passed_over: 0,
                pages: 0,
            };
            loop {
                let page = reader.next_page().await?;
                read.records.extend(page.records);
                read.rejects.extend(page.rejects);
                read.rejects.extend(page.misplaced.into_iter().map(|(_, reject)| reject));
                (read.cursor, read.passed_over) = (page.cursor, page.passed_over);
                read.pages += 1;
                if page.is_last {
                    return Ok(read);
                }
            }
        })
    }

    /// The error, its code and hint; the folder's name is left out.
    pub(crate) fn fails(&self, settings: &str) -> String {
        self.fails_from(settings, None)
    }

    pub(crate) fn fails_from(&self, settings: &str, cursor: Option<&str>) -> String {
        let error = self.read_from(settings, cursor).unwrap_err();
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |cause| cause.source());
        let chain: Vec<String> = causes.map(ToString::to_string).collect();
        let text = format!("{}: {} [{}]", error.code(), chain.join(": "), error.hint());
        text.replace(&format!("{}/", self.folder().display()), "")
    }

    pub(crate) fn opening<'a>(&'a self, cursor: Option<&'a str>) -> Opening<'a> {
        Opening { folder: self.folder(), cursor, now: self.now, environment: &password }
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// What the tests' environment holds.
fn password(name: &str) -> Option<String> {
    (name == "CLINIC_PASSWORD").then(|| "b24 test only".to_owned())
}

pub(crate) fn settings_of(text: &str) -> SourceSettings {
    toml::from_str(&format!("zone = \"Europe/Moscow\"\n{text}")).unwrap()
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
