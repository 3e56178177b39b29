//! How a register leaves the program: a workbook, CSV or JSON lines, chosen by the output's name.

mod cell;
mod delimited;
mod json_lines;
mod labels;
mod workbook;

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::output::OutputFile;
use crate::register::RegisterRow;
use crate::{Error, Register};

/// Writes the rows of a register as they come and the rest when it is finished.
#[derive(Debug)]
#[non_exhaustive]
pub enum Renderer {
    /// `.xlsx`
    Workbook(Box<workbook::WorkbookRenderer>),
    /// `.csv`
    Csv(Box<delimited::CsvRenderer>),
    /// `.jsonl`, or JSON lines to any writer.
    JsonLines(json_lines::JsonLinesRenderer),
}

impl Renderer {
    /// The renderer for a file name. The file appears when the register is finished; `now` is noted in a workbook.
    ///
    /// # Errors
    /// When the ending is none of `.xlsx`, `.csv`, `.jsonl`, the file exists and `replace` is not set, or its folder
    /// cannot be written to.
    pub fn for_path(path: &Path, replace: bool, now: Timestamp) -> Result<Self, Error> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("xlsx") => {
                let output = OutputFile::create(path, replace)?;
                Ok(Self::Workbook(Box::new(workbook::WorkbookRenderer::new(output, now)?)))
            }
            Some("csv") => Ok(Self::Csv(Box::new(delimited::CsvRenderer::new(OutputFile::create(path, replace)?)?))),
            Some("jsonl") => {
                Ok(Self::JsonLines(json_lines::JsonLinesRenderer::to_file(OutputFile::create(path, replace)?)?))
            }
            _ => Err(Error::OutputFormat { path: path.to_owned() }),
        }
    }

    /// JSON lines to a writer (standard output).
    #[must_use]
    pub fn json_lines(writer: Box<dyn Write + Send>) -> Self {
        Self::JsonLines(json_lines::JsonLinesRenderer::to_writer(writer))
    }

    /// Writes a row. What the format cannot hold exactly is added to the row's problems.
    pub(crate) fn row(&mut self, row: &mut RegisterRow) -> Result<(), Error> {
        match self {
            Self::Workbook(workbook) => workbook.row(row),
            Self::Csv(csv) => csv.row(row),
            Self::JsonLines(lines) => lines.row(row),
        }
    }

    /// Completes the output and gives it its name.
    pub(crate) fn finish(self, register: &Register) -> Result<Option<PathBuf>, Error> {
        match self {
            Self::Workbook(workbook) => workbook.finish(register).map(Some),
            Self::Csv(csv) => csv.finish().map(Some),
            Self::JsonLines(lines) => lines.finish(),
        }
    }
}
