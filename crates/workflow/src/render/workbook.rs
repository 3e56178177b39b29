//! The register as a workbook: register, product rows, totals with charts, problems, facts of the run.
//!
//! Register, rows and problems are large sheets (see [`super::sheet`]); the other two are small.

mod about;
mod brief;
mod charts;
mod footer;
mod frame;
mod groups;
mod looks;
mod page;
mod remarks;
mod rows;
mod spool;
mod totals;

use std::fmt;
use std::io;

use jiff::Timestamp;
use rust_xlsxwriter::XlsxError;

use self::brief::BriefBook;
use self::frame::{Frame, HEADS};
use self::groups::Groups;
use self::looks::Looks;
use self::spool::Spool;
use super::presentation::{Layout, Presentation};
use super::sheet::{Series, Stub, splice};
use crate::output::OutputFile;
use crate::register::{RegisterRow, RowStatus};
use crate::{Error, Register};

/// Writes the rows as a workbook.
pub(super) struct WorkbookRenderer {
    output: OutputFile,
    book: Layouts,
}

enum Layouts {
    Register(Box<Book>),
    Brief(Box<BriefBook>),
}

/// What is written so far of the layout `register`.
struct Book {
    looks: Looks,
    shown: Presentation,
    now: Timestamp,
    register: Series,
    lines: Series,
    /// Stub of the sheet of problems, which is written last.
    problems: Stub,
    spool: Spool,
    groups: Groups,
    invoices: u64,
}

impl fmt::Debug for WorkbookRenderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkbookRenderer").field("output", &self.output).finish_non_exhaustive()
    }
}

impl WorkbookRenderer {
    pub(super) fn new(output: OutputFile, shown: &Presentation, now: Timestamp) -> Result<Self, Error> {
        let book = match shown.layout {
            Layout::Register => Book::new(&output, shown, now).map(|book| Layouts::Register(Box::new(book))),
            Layout::Brief => BriefBook::new(&output, shown, now).map(|book| Layouts::Brief(Box::new(book))),
        };
        match book {
            Ok(book) => Ok(Self { output, book }),
            Err(error) => Err(failed(&output, error)),
        }
    }

    pub(super) fn row(&mut self, row: &mut RegisterRow) -> Result<(), Error> {
        let written = match &mut self.book {
            Layouts::Register(book) => book.row(row),
            Layouts::Brief(book) => book.row(row),
        };
        written.map_err(|error| failed(&self.output, error.into()))
    }

    pub(super) fn finish(mut self, register: &Register) -> Result<OutputFile, Error> {
        let finished = match self.book {
            Layouts::Register(book) => book.finish(register, &mut self.output),
            Layouts::Brief(book) => book.finish(register, &mut self.output),
        };
        match finished {
            Ok(()) => Ok(self.output),
            Err(error) => Err(failed(&self.output, error)),
        }
    }
}

/// An error of the disk names the output.
fn failed(output: &OutputFile, error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(source) => Error::OutputNotWritable { path: output.path().to_owned(), source },
        other => Error::Workbook(other),
    }
}

fn failed_head() -> XlsxError {
    XlsxError::ParameterError("the library left out a sheet".to_owned())
}

impl Book {
    fn new(output: &OutputFile, shown: &Presentation, now: Timestamp) -> Result<Self, XlsxError> {
        let looks = Looks::new()?;
        let empty = Frame { looks: &looks, shown, now, finished: None }.write()?;
        let mut heads = Stub::of(&empty, HEADS)?;
        let (Some(problems), _totals, Some(lines), Some(register)) =
            (heads.pop(), heads.pop(), heads.pop(), heads.pop())
        else {
            return Err(failed_head());
        };
        let folder = output.folder();
        Ok(Self {
            register: Series::start(register.head, shown.sheet_rows, folder.to_owned(), |xml| {
                rows::register_titles(xml, &looks, shown)
            })?,
            lines: Series::start(lines.head, shown.sheet_rows, folder.to_owned(), |xml| {
                rows::line_titles(xml, &looks, shown)
            })?,
            problems,
            spool: Spool::new(folder)?,
            groups: Groups::default(),
            invoices: 0,
            looks,
            shown: shown.clone(),
            now,
        })
    }

    fn row(&mut self, row: &mut RegisterRow) -> io::Result<()> {
        if row.status != RowStatus::Undated {
            self.invoices += 1;
            self.register_row(row)?;
            self.line_rows(row)?;
        }
        remarks::note(&mut self.spool, row, self.shown.language)
    }

    fn finish(mut self, register: &Register, output: &mut OutputFile) -> Result<(), XlsxError> {
        self.footer(register)?;
        let people = self.spool.people();
        let head = std::mem::take(&mut self.problems.head);
        let problems = remarks::write(
            self.spool,
            Series::start(head, self.shown.sheet_rows, output.folder().to_owned(), |xml| {
                rows::problem_titles(xml, &self.looks, &self.shown)
            })?,
            &self.looks,
            &self.shown,
        )?;
        let (first, second, third) = (self.register.sheets(), self.lines.sheets(), problems.sheets());
        let tables = [first.as_slice(), &second, &third].concat();
        let finished = frame::Finished {
            register,
            register_rows: &first,
            line_rows: &second,
            problem_rows: &third,
            people: &people,
        };
        let frame = Frame { looks: &self.looks, shown: &self.shown, now: self.now, finished: Some(finished) };
        let book = frame.write()?;
        let large =
            vec![(0, self.register), (first.len(), self.lines), (first.len() + second.len() + 1, problems)];
        splice(&book, large, &tables, self.looks.ids(), output.file())
    }
}
