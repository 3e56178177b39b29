//! How a register leaves the program: a workbook, CSV or JSON lines, chosen by the output's name.

mod cell;
mod columns;
mod delimited;
mod json_lines;
mod labels;
mod presentation;
pub(crate) mod reading;
mod sheet;
mod workbook;

pub(crate) use self::reading::column_name;

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use self::delimited::CsvRenderer;
use self::json_lines::JsonLinesRenderer;
pub use self::presentation::{CsvProfile, Language, Layout, Presentation};
use self::workbook::WorkbookRenderer;
use crate::output::OutputFile;
use crate::register::RegisterRow;
use crate::{Error, Register};

/// Writes the rows of a register as they come and the rest when it is finished.
#[derive(Debug)]
pub struct Renderer(Format);

#[derive(Debug)]
enum Format {
    Workbook(Box<WorkbookRenderer>),
    Csv(Box<CsvRenderer>),
    JsonLines(JsonLinesRenderer),
}

impl Renderer {
    /// The renderer for a file name, with the usual presentation. The file appears when the register is finished; `now` is noted in a workbook.
    ///
    /// # Errors
    /// When the ending is none of `.xlsx`, `.csv`, `.jsonl`, the file exists and `replace` is not set, or its folder
    /// cannot be written to.
    pub fn for_path(path: &Path, replace: bool, now: Timestamp) -> Result<Self, Error> {
        Self::presented(path, replace, now, &Presentation::default())
    }

    /// As [`Renderer::for_path`], shown as `shown` says.
    ///
    /// # Errors
    /// As [`Renderer::for_path`].
    pub fn presented(
        path: &Path,
        replace: bool,
        now: Timestamp,
        shown: &Presentation,
    ) -> Result<Self, Error> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        let format = match ending.as_deref() {
            Some("xlsx") => {
                let output = OutputFile::create(path, replace)?;
                Format::Workbook(Box::new(WorkbookRenderer::new(output, shown, now)?))
            }
            Some("csv") => {
                Format::Csv(Box::new(CsvRenderer::new(OutputFile::create(path, replace)?, shown)?))
            }
            Some("jsonl") => {
                Format::JsonLines(JsonLinesRenderer::to_file(OutputFile::create(path, replace)?)?)
            }
            _ => return Err(Error::OutputFormat { path: path.to_owned() }),
        };
        Ok(Self(format))
    }

    /// JSON lines to a writer (standard output).
    #[must_use]
    pub fn json_lines(writer: Box<dyn Write + Send>) -> Self {
        Self(Format::JsonLines(JsonLinesRenderer::to_writer(writer)))
    }

    /// Writes a row; of an undated invoice only its problems, where the format has a place for them. What the format cannot hold exactly is added to the row's problems.
    pub(crate) fn row(&mut self, row: &mut RegisterRow) -> Result<(), Error> {
        match &mut self.0 {
            Format::Workbook(workbook) => workbook.row(row),
            Format::Csv(csv) => csv.row(row),
            Format::JsonLines(lines) => lines.row(row),
        }
    }

    /// Completes the output, which still has to be committed; none for a writer.
    pub(crate) fn finish(self, register: &Register) -> Result<Option<OutputFile>, Error> {
        match self.0 {
            Format::Workbook(workbook) => workbook.finish(register).map(Some),
            Format::Csv(csv) => csv.finish().map(Some),
            Format::JsonLines(lines) => lines.finish(),
        }
    }
}
