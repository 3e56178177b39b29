//! The end of a run: the outcome file becomes one line per row of the input.

use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};

use super::super::entry::{RowEntry, RowOutcome, written};
use super::super::rows::Rows;
use super::{ImportError, Ledger, Settled};
use crate::OutputFile;

impl Ledger {
    /// Rewrites the file beside itself and gives it its name; until then the old one stays what it is.
    pub(in super::super) fn tidy(mut self, mut rows: Rows) -> Result<(), ImportError> {
        let mut output = OutputFile::create(&self.path, true).map_err(|error| self.failed(error))?;
        let handle = output.file().try_clone().map_err(|error| self.not_writable(error))?;
        let mut writer = BufWriter::new(handle);
        let mut last = 0;
        while let Some(row) = rows.next_row()? {
            let text = self.line_of(row.line, row.fingerprint)?;
            writer.write_all(text.as_bytes()).map_err(|error| self.not_writable(error))?;
            last = row.line;
        }
        // Rows that were sent and then taken out of the input are not forgotten.
        let mut gone: Vec<u64> = self.settled.keys().chain(self.pending.keys()).copied().collect();
        gone.retain(|line| *line > last);
        gone.sort_unstable();
        for line in gone {
            let text = self.line_of(line, 0)?;
            writer.write_all(text.as_bytes()).map_err(|error| self.not_writable(error))?;
        }
        writer.flush().map_err(|error| self.not_writable(error))?;
        drop(writer);
        // Windows replaces no open file; the lock keeps others away until the new one has the name.
        self.file = None;
        output.commit().map_err(|error| self.failed(error))?;
        drop(self.lock.take());
        Ok(())
    }

    fn failed(&self, error: crate::Error) -> ImportError {
        self.not_writable(match error {
            crate::Error::OutputNotWritable { source, .. } => source,
            other => io::Error::other(other),
        })
    }

    fn line_of(&self, line: u64, fingerprint: u64) -> Result<String, ImportError> {
        if let Some(settled) = self.settled.get(&line) {
            return self.copied(settled).map_err(|error| self.not_writable(error));
        }
        if let Some(pending) = self.pending.get(&line) {
            return self.unknown(line, pending);
        }
        self.encoded(&RowEntry {
            line,
            key: None,
            outcome: RowOutcome::NotSent,
            id: None,
            code: None,
            reason: Some("this run did not get to it"),
            since: None,
            before: None,
            text: None,
            row: written(fingerprint),
            portal: &self.portal,
            method: &self.method,
        })
    }

    fn copied(&self, settled: &Settled) -> io::Result<String> {
        let Some(mut file) = self.file.as_ref() else { return Ok(String::new()) };
        file.seek(SeekFrom::Start(settled.at))?;
        let mut line = String::new();
        BufReader::new(file.take(self.length - settled.at)).read_line(&mut line)?;
        Ok(line)
    }
}
