//! An export into a file: `FILE.part` while it grows, `FILE` when it is whole, resumable in between.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use b24_client::RawPage;

use super::lines;
use super::state::{Question, State, beside};
use super::table::Table;
use crate::args::ListArgs;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;

/// Bytes collected before they are written, with the state after them.
const FLUSH: usize = 256 * 1024;

enum Format {
    Lines,
    Csv(Table),
}

/// A file that grows.
pub(super) struct Export<'c> {
    context: &'c Context,
    path: PathBuf,
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

impl<'c> Export<'c> {
    pub(super) fn open(
        context: &'c Context,
        path: &Path,
        args: &ListArgs,
        question: Question,
    ) -> Result<Self, Failure> {
        let selected = args.select.iter().map(|field| field.trim().to_owned()).collect::<Vec<_>>();
        let mut format = match path
            .extension()
            .and_then(|ending| ending.to_str())
            .map(str::to_ascii_lowercase)
        {
            Some(ending) if ending == "jsonl" => Format::Lines,
            Some(ending) if ending == "csv" => Format::Csv(Table::new(&selected)),
            _ => {
                return Err(Failure::new(Code::Usage, format!("choosing the format of {}", path.display()))
                    .advise("give a file that ends in .jsonl or .csv"));
            }
        };
        let (part, state_path) = (beside(path, ".part"), beside(path, ".part.state"));
        let kept = if args.force && !args.resume { None } else { State::read(&state_path)? };
        let state = match kept {
            Some(kept) if args.resume => {
                kept.belongs_to(&question, path)?;
                kept
            }
            Some(_) => return Err(interrupted_before(path)),
            None => State::new(question),
        };
        if path.exists() && !args.force && state.rows == 0 {
            return Err(Failure::new(Code::Exists, format!("writing {}", path.display()))
                .because("the file exists already")
                .advise("choose another name, or replace it with --force"));
        }
        if let (Format::Csv(table), Some(columns)) = (&mut format, &state.columns) {
            table.begun(columns);
        }
        let file = open_at(&part, state.bytes)
            .map_err(|error| Failure::file(format!("writing {}", part.display()), &error))?;
        let ahead = state.clone();
        let path = path.to_owned();
        let pending = Vec::with_capacity(FLUSH + FLUSH / 4);
        let export =
            Self { context, path, part, state_path, file, format, state, pending, ahead, finished: false };
        export.state.write(&export.state_path)?;
        Ok(export)
    }

    pub(super) fn rows(&self) -> u64 {
        self.ahead.rows
    }

    pub(super) fn last_key(&self) -> Option<u64> {
        self.ahead.last_key
    }

    /// Adds the rows of a page.
    pub(super) fn add(&mut self, page: &RawPage) -> Result<(), Failure> {
        match &mut self.format {
            Format::Lines => {
                // A vector takes every byte.
                lines(&mut self.pending, page).map_err(|error| Failure::file("collecting rows", &error))?;
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
    fn flush(&mut self) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::file(format!("writing {}", self.part.display()), &error);
        self.file.write_all(&self.pending).map_err(failed)?;
        self.ahead.bytes += self.pending.len() as u64;
        self.pending.clear();
        self.state = self.ahead.clone();
        self.state.write(&self.state_path)
    }

    /// The failure that ends the export for now.
    pub(super) fn stopped_by(&mut self, failure: Failure) -> Failure {
        let kept = self.flush().is_ok() && self.state.last_key.is_some();
        let advice = failure.advice().unwrap_or_default();
        let advice = if kept {
            format!("{advice}; then repeat the command with --resume: {} rows are kept", self.state.rows)
        } else {
            advice.to_owned()
        };
        // The note of an interruption would say the same again.
        self.finished = true;
        failure.advise(advice)
    }

    /// Gives the file its name; how many rows it has.
    pub(super) fn finish(mut self) -> Result<u64, Failure> {
        if let Format::Csv(table) = &mut self.format {
            table.end(&mut self.pending)?;
        }
        self.flush()?;
        let failed = |error: io::Error| Failure::file(format!("writing {}", self.path.display()), &error);
        self.file.sync_all().map_err(failed)?;
        fs::rename(&self.part, &self.path).map_err(failed)?;
        self.finished = true;
        fs::remove_file(&self.state_path)
            .map_err(|error| Failure::file(format!("removing {}", self.state_path.display()), &error))?;
        if let Format::Csv(table) = &self.format
            && let Some(warning) = table.warning()
        {
            self.context.out.warning(warning);
        }
        Ok(self.state.rows)
    }
}

impl Drop for Export<'_> {
    /// An interrupted run keeps what it has read.
    fn drop(&mut self) {
        if !self.finished && self.flush().is_ok() && self.state.last_key.is_some() {
            let rows = self.state.rows;
            self.context
                .out
                .note(format!("{rows} rows are kept in {}; go on with --resume", self.part.display()));
        }
    }
}

/// The part file, cut to what its state promises.
fn open_at(part: &Path, bytes: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(part)?;
    if file.metadata()?.len() < bytes {
        return Err(io::Error::other("it is shorter than its state says; begin anew with --force"));
    }
    file.set_len(bytes)?;
    file.seek(SeekFrom::Start(bytes))?;
    Ok(file)
}

fn interrupted_before(path: &Path) -> Failure {
    Failure::new(Code::Exists, format!("writing {}", path.display()))
        .because("an interrupted export into this file is there")
        .advise("go on with --resume, or begin anew with --force")
}
