//! Rows of a list method become a file: `FILE.part` while it grows, `FILE` when it is whole, resumable in between.
//!
//! Rows are written first, what is known about them after them. So an export that stopped, or whose process died, is
//! cut to the last row that is known to be whole, and goes on above its key. Files are written on the caller's thread.

mod check;
mod error;
mod state;
mod table;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;

use b24_client::{Error, List, Params, RawPage};
use futures::{Stream, StreamExt as _};

pub use check::check_fields;
pub use error::ExportError;

use state::{Question, SCHEMA, State, beside};
use table::Table;

/// Bytes collected before they are written, with the state after them.
const FLUSH: usize = 256 * 1024;

/// What to export, and into which file.
#[derive(Debug, Clone)]
pub struct Order {
    /// The portal that is asked, by a name that does not change; rows of another one never follow.
    pub portal: String,
    /// The list method.
    pub method: String,
    /// Its parameters.
    pub params: Params,
    /// Columns of a CSV file; when there are none, or one is a pattern, the first row decides on them.
    pub columns: Vec<String>,
    /// Rows to write at most.
    pub limit: Option<u64>,
    /// The file: `.jsonl` or `.csv`.
    pub output: PathBuf,
    /// Whether to go on with an interrupted export into the same file.
    pub resume: bool,
    /// Whether to replace an existing file, and to begin an interrupted export anew that is not to be resumed.
    pub replace: bool,
}

/// One step of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The portal counts so many rows that match.
    Expected {
        /// Rows in all.
        rows: u64,
    },
    /// So many further rows were read.
    Read {
        /// Rows of this step.
        rows: u64,
    },
}

/// An export that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Rows written, those of earlier runs among them.
    pub rows: u64,
    /// How many rows the portal counted, where it said so.
    pub counted: Option<u64>,
    /// Values of a CSV file's rows without a column, where its first row decided on the columns.
    pub left_out: u64,
}

/// What an interrupted export leaves for the next run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Rows that are there.
    pub rows: u64,
    /// The file they are in.
    pub part: PathBuf,
}

enum Format {
    Lines,
    Csv(Table),
}

/// A file that grows. Dropped before its end it keeps what was read; where no row was, nothing is left.
pub struct Export {
    order: Order,
    part: PathBuf,
    state_path: PathBuf,
    file: File,
    format: Format,
    /// What is on disk.
    state: State,
    /// What is not: rows, and the state after them.
    pending: Vec<u8>,
    ahead: State,
    finished: bool,
}

impl Export {
    /// Opens the file, or goes on with it. The portal is not asked yet.
    ///
    /// # Errors
    /// The name's ending is no format; the file is there already, or an interrupted export into it, and neither
    /// replacing nor resuming was asked for; what is there comes from another portal, method or parameters; the files
    /// cannot be read or written.
    pub fn open(order: Order) -> Result<Self, ExportError> {
        let path = order.output.as_path();
        let question = Question {
            schema: SCHEMA,
            portal: order.portal.clone(),
            method: order.method.trim().to_ascii_lowercase(),
            params: order.params.to_json().map_err(|source| ExportError::Params(Box::new(source)))?,
        };
        let mut format = Format::of(path, &order.columns)?;
        let (part, state_path) = (beside(path, ".part"), beside(path, ".part.state"));
        let kept = if order.replace && !order.resume { None } else { State::read(&state_path)? };
        let state = match kept {
            Some(kept) if order.resume => {
                kept.belongs_to(&question, path)?;
                kept
            }
            Some(_) => return Err(ExportError::Interrupted { path: path.to_owned() }),
            None => State::new(question),
        };
        if path.exists() && !order.replace && state.rows == 0 {
            return Err(ExportError::Exists { path: path.to_owned() });
        }
        if let (Format::Csv(table), Some(columns)) = (&mut format, &state.columns) {
            table.begun(columns);
        }
        let file = open_at(&part, state.bytes)?;
        let ahead = state.clone();
        let pending = Vec::with_capacity(FLUSH + FLUSH / 4);
        let export = Self { order, part, state_path, file, format, state, pending, ahead, finished: false };
        export.state.write(&export.state_path)?;
        Ok(export)
    }

    /// Rows that are there.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.ahead.rows
    }

    /// The list of the rows that are not there yet; none when the limit is reached.
    #[must_use]
    pub fn rest(&self) -> Option<List<()>> {
        let order = &self.order;
        let left = order.limit.map(|limit| limit.saturating_sub(self.ahead.rows));
        if left == Some(0) {
            return None;
        }
        // Nothing else is asked for in this run.
        let list = List::new(order.method.trim(), order.params.clone()).hurried();
        let list = left.into_iter().fold(list, List::limit);
        Some(self.ahead.last_key.into_iter().fold(list, List::above))
    }

    /// Writes the pages of [`Export::rest`], and gives the file its name.
    ///
    /// # Errors
    /// The portal does not deliver, or the files cannot be written; what was read is kept for the next run.
    pub async fn run(
        &mut self,
        pages: impl Stream<Item = Result<RawPage, Error>>,
        on_event: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Exported, ExportError> {
        let mut count = Count { rows: self.rows(), counted: None };
        let mut pages = pin!(pages);
        while let Some(page) = pages.next().await {
            let page = page.map_err(|source| ExportError::Portal {
                kept: self.keep().map(|kept| kept.rows),
                source: Box::new(source),
            })?;
            self.add(&page)?;
            count.add(&page, on_event);
        }
        self.finish()?;
        let left_out = match &self.format {
            Format::Lines => 0,
            Format::Csv(table) => table.left_out(),
        };
        Ok(Exported { rows: self.state.rows, counted: count.counted, left_out })
    }

    /// Writes what was read, and says what the next run can go on with: nothing when the export is whole, when no row
    /// was read, when rows come in no order of a key, and when they cannot be written.
    pub fn keep(&mut self) -> Option<Kept> {
        if self.finished || self.flush().is_err() || self.state.last_key.is_none() {
            return None;
        }
        Some(Kept { rows: self.state.rows, part: self.part.clone() })
    }

    fn add(&mut self, page: &RawPage) -> Result<(), ExportError> {
        match &mut self.format {
            Format::Lines => {
                write_lines(&mut self.pending, page).map_err(|source| self.not_written(source))?;
            }
            Format::Csv(table) => {
                table.add(page.rows(), &mut self.pending)?;
                self.ahead.columns = table.columns();
            }
        }
        self.ahead.rows += page.len() as u64;
        self.ahead.last_key = page.last_key();
        if self.pending.len() >= FLUSH { self.flush() } else { Ok(()) }
    }

    /// Rows first, the state after them: a state never promises rows that are not there.
    fn flush(&mut self) -> Result<(), ExportError> {
        self.put().map_err(|source| self.not_written(source))?;
        self.ahead.bytes += self.pending.len() as u64;
        self.pending.clear();
        self.state = self.ahead.clone();
        self.state.write(&self.state_path)
    }

    fn put(&mut self) -> io::Result<()> {
        // A write that failed before may have left half of these rows.
        self.file.seek(SeekFrom::Start(self.ahead.bytes))?;
        self.file.write_all(&self.pending)
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        if let Format::Csv(table) = &mut self.format {
            table.end(&mut self.pending)?;
        }
        self.flush()?;
        let path = &self.order.output;
        let failed = |source| ExportError::Write { path: path.clone(), source };
        self.file.sync_all().map_err(failed)?;
        fs::rename(&self.part, path).map_err(failed)?;
        self.finished = true;
        fs::remove_file(&self.state_path)
            .map_err(|source| ExportError::Remove { path: self.state_path.clone(), source })
    }

    fn not_written(&self, source: io::Error) -> ExportError {
        ExportError::Write { path: self.part.clone(), source }
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        // What cannot be written is read again by the next run.
        let _kept = self.keep();
        // Without a row there is nothing to go on with, and nothing that could stand in the way of another question.
        if !self.finished && self.ahead.rows == 0 {
            let _left = fs::remove_file(&self.part).and_then(|()| fs::remove_file(&self.state_path));
        }
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Rows are personal data.
        f.debug_struct("Export")
            .field("part", &self.part)
            .field("rows", &self.ahead.rows)
            .finish_non_exhaustive()
    }
}

/// Writes the rows of a list as lines of JSON, as they come; there is nothing to go on with.
///
/// # Errors
/// The portal does not deliver, after what it delivered was written; or `out` takes no more.
pub async fn to_writer(
    pages: impl Stream<Item = Result<RawPage, Error>>,
    out: &mut impl Write,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<Exported, ExportError> {
    let mut count = Count::default();
    let mut pages = pin!(pages);
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(source) => {
                // What was read before a failure is data, too.
                out.flush().map_err(ExportError::Writer)?;
                return Err(ExportError::Portal { kept: None, source: Box::new(source) });
            }
        };
        write_lines(out, &page).map_err(ExportError::Writer)?;
        count.add(&page, on_event);
    }
    out.flush().map_err(ExportError::Writer)?;
    Ok(Exported { rows: count.rows, counted: count.counted, left_out: 0 })
}

impl Format {
    fn of(path: &Path, columns: &[String]) -> Result<Self, ExportError> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("jsonl") => Ok(Self::Lines),
            Some("csv") => Ok(Self::Csv(Table::new(columns))),
            _ => Err(ExportError::Format { path: path.to_owned() }),
        }
    }
}

/// Rows, and how many the portal counted.
#[derive(Default)]
struct Count {
    rows: u64,
    counted: Option<u64>,
}

impl Count {
    fn add(&mut self, page: &RawPage, on_event: &mut (dyn FnMut(Event) + Send)) {
        if let (None, Some(rows)) = (self.counted, page.total()) {
            on_event(Event::Expected { rows });
        }
        self.counted = page.total();
        let rows = page.len() as u64;
        self.rows += rows;
        on_event(Event::Read { rows });
    }
}

/// Writes rows as they came, one a line; a portal's JSON has no line ends inside.
fn write_lines(out: &mut impl Write, page: &RawPage) -> io::Result<()> {
    for row in page.rows() {
        if row.contains('\n') {
            // Spaces between tokens are the only place where JSON may have line ends.
            out.write_all(row.replace(['\r', '\n'], " ").as_bytes())?;
        } else {
            out.write_all(row.as_bytes())?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The part file, cut to what its state promises.
fn open_at(part: &Path, bytes: u64) -> Result<File, ExportError> {
    let failed = |source| ExportError::Write { path: part.to_owned(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(part).map_err(failed)?;
    if file.metadata().map_err(failed)?.len() < bytes {
        return Err(ExportError::Short { path: part.to_owned() });
    }
    file.set_len(bytes).map_err(failed)?;
    Ok(file)
}
