//! Where records come from: the port [`RecordSource`], and its kinds.
//!
//! A source is read to exhaustion in pages of bounded memory. A row that cannot be read is a [`Reject`] and spoils no
//! other; anything that makes the whole doubtful (a file that changes while it is read, a command that fails) is a
//! [`SourceError`], and then nothing of the run counts.

mod command;
mod cursor;
mod encoding;
mod error;
mod file;
mod outlet;
mod postgres;
mod query;
mod settings;
mod sheet;
mod spelling;
mod sqlite;
mod table;
mod watch;

use std::path::Path;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

pub use cursor::compare_cursors;
pub use error::SourceError;
pub use settings::{CursorSettings, CursorType, OutputFormat, SourceKind, SourceSettings};
pub(super) use sqlite::tables as tables_of_sqlite;

use super::record::Record;
use super::reject::Reject;
use super::value::RowFormat;

/// Rows of a page; a page of a source with bad rows has so many records and bad rows together.
pub const PAGE_ROWS: usize = 500;

/// Gives the rows of a business system.
#[async_trait]
pub trait RecordSource: Send {
    /// The next rows. After the page that says [`Page::is_last`] there are empty ones, all of them last.
    ///
    /// # Errors
    /// The source cannot be read on; nothing that was read before counts.
    async fn next_page(&mut self) -> Result<Page, SourceError>;
}

/// Rows of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows that could be read, in the order of the source.
    pub records: Vec<Record>,
    /// The rows that could not.
    pub rejects: Vec<Reject>,
    /// The rows that could be read but for the cursor column: nobody knows where they stand.
    pub misplaced: Vec<(Record, Reject)>,
    /// Rows so far that stand before the cursor and were left out.
    pub passed_over: u64,
    /// The highest cursor so far; what is committed is the journal's business.
    pub cursor: Option<String>,
    /// Nothing follows, and the source was complete.
    pub is_last: bool,
}

/// A source that has been opened: its first rows have been seen.
pub struct Opened {
    /// The rows, from the first one.
    pub source: Box<dyn RecordSource>,
    /// How numbers and dates are spelled.
    pub format: RowFormat,
    /// The columns of the first row, or of the heading.
    pub columns: Vec<String>,
    /// What the mapping does not say and was guessed.
    pub guesses: Vec<Guess>,
}

/// Something that the mapping leaves open. `b24 sync check` shows it, with the line that settles it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guess {
    /// The key of `[source]`.
    pub setting: &'static str,
    /// The value that is used.
    pub value: String,
    /// What it was guessed from.
    pub reason: String,
}

/// Gives the value of an environment variable; libraries do not read the environment.
pub type Environment<'a> = &'a (dyn Fn(&str) -> Option<String> + Send + Sync);

/// How a source is opened.
pub struct Opening<'a> {
    /// The folder of the mapping: relative paths start there.
    pub folder: &'a Path,
    /// The committed cursor; none before the first run and for a full one.
    pub cursor: Option<&'a str>,
    /// The present: a row from the future does not move the cursor.
    pub now: Timestamp,
    /// Passwords come from here.
    pub environment: Environment<'a>,
}

/// Opens a source and reads its first rows.
///
/// # Errors
/// A setting that cannot be, or a source that cannot be read.
pub async fn open(settings: &SourceSettings, opening: &Opening<'_>) -> Result<Opened, SourceError> {
    settings.check()?;
    let plan = outlet::Plan::new(settings, opening)?;
    match settings.kind {
        SourceKind::Csv | SourceKind::Jsonl => file::open(settings, opening, plan).await,
        SourceKind::Command => command::open(settings, opening, plan).await,
        SourceKind::Xlsx => sheet::open(settings, opening, plan).await,
        SourceKind::Sqlite => sqlite::open(settings, opening, plan).await,
        SourceKind::Postgres => postgres::open(settings, opening, plan).await,
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("format", &self.format)
            .field("columns", &self.columns)
            .field("guesses", &self.guesses)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Opening<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening")
            .field("folder", &self.folder)
            .field("cursor", &self.cursor)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
