//! One JSON object per invoice.

use std::fmt;
use std::io::{BufWriter, Write};

use crate::Error;
use crate::output::OutputFile;
use crate::register::{RegisterRow, RowStatus};

/// Writes the rows as JSON lines.
pub(super) struct JsonLinesRenderer {
    lines: BufWriter<Box<dyn Write + Send>>,
    output: Option<OutputFile>,
}

impl fmt::Debug for JsonLinesRenderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLinesRenderer").field("output", &self.output).finish_non_exhaustive()
    }
}

impl JsonLinesRenderer {
    pub(super) fn to_writer(writer: Box<dyn Write + Send>) -> Self {
        Self { lines: BufWriter::new(writer), output: None }
    }

    pub(super) fn to_file(mut output: OutputFile) -> Result<Self, Error> {
        let path = output.path().to_owned();
        let handle = output.file().try_clone().map_err(|source| Error::OutputNotWritable { path, source })?;
        Ok(Self { lines: BufWriter::new(Box::new(handle)), output: Some(output) })
    }

    pub(super) fn row(&mut self, row: &RegisterRow) -> Result<(), Error> {
        if row.status == RowStatus::Undated {
            return Ok(());
        }
        serde_json::to_writer(&mut self.lines, row)
            .map_err(std::io::Error::from)
            .and_then(|()| self.lines.write_all(b"\n"))
            .map_err(|source| self.not_writable(source))
    }

    pub(super) fn finish(mut self) -> Result<Option<OutputFile>, Error> {
        self.lines.flush().map_err(|source| self.not_writable(source))?;
        Ok(self.output)
    }

    fn not_writable(&self, source: std::io::Error) -> Error {
        match &self.output {
            Some(output) => Error::OutputNotWritable { path: output.path().to_owned(), source },
            None => Error::StandardOutput(source),
        }
    }
}
