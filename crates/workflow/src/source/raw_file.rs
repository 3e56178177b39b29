//! Raw invoices as a file: what `--save-raw` writes and `--input` reads.
//!
//! One JSON object a line. The first is `{"b24_raw":1,"origin":{…}}`; then come `{"invoice":{…}}` and
//! `{"gap":{…}}`. Amounts keep the portal's spelling. The header may be missing in a file made by hand.

mod windows;

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use self::windows::{Lines, Windows};
use super::{InvoiceSource, OnEvent, Origin, Outside, SourceItem};
use crate::output::OutputFile;
use crate::{Error, Event};

/// The format this version writes, and the newest it reads.
const FORMAT: u32 = 1;
/// Bytes read at once.
const BUFFER: usize = 256 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    b24_raw: u32,
    origin: Origin,
}

/// Reads raw invoices from a file.
#[derive(Debug)]
pub struct RawFile {
    windows: Windows,
    origin: Origin,
}

impl RawFile {
    /// Opens a file. Without a period the one of the file counts.
    ///
    /// # Errors
    /// When the file cannot be read, or was saved by a newer version.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let not_readable = |source| Error::RawFile { path: path.to_owned(), source };
        let mut file = BufReader::with_capacity(BUFFER, File::open(path).map_err(not_readable)?);
        let mut first = String::new();
        file.read_line(&mut first).map_err(not_readable)?;
        let (origin, first, line) = match serde_json::from_str::<Header>(first.trim_start_matches('\u{feff}'))
        {
            Ok(header) if header.b24_raw > FORMAT => {
                return Err(Error::RawFileNewer {
                    path: path.to_owned(),
                    found: header.b24_raw,
                    known: FORMAT,
                });
            }
            Ok(header) => (header.origin, None, 1),
            Err(_) => (Origin { currencies: usual_currencies(), ..Origin::default() }, Some(first), 0),
        };
        let origin = Origin { counted: None, ..origin };
        let lines = Lines { path: path.to_owned(), file, line, first };
        Ok(Self { windows: Windows::read(lines), origin })
    }
}

#[async_trait]
impl InvoiceSource for RawFile {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    async fn next_window(&mut self, on_event: OnEvent<'_>) -> Result<Option<Vec<SourceItem>>, Error> {
        let Some(window) = self.windows.next().transpose()? else { return Ok(None) };
        on_event(Event::WindowOpened { invoices: window.len() as u64 });
        Ok(Some(window))
    }

    async fn outside(&mut self) -> Result<Option<Outside>, Error> {
        // What the selection kept out tells more.
        Ok(None)
    }

    fn kept_out(&self) -> u64 {
        0
    }
}

/// Saves what a source delivers, so that the register can be made again without the portal.
#[derive(Debug)]
pub struct RawWriter {
    output: OutputFile,
    buffered: BufWriter<File>,
}

impl RawWriter {
    /// Starts a file with its header. It gets its name by [`RawWriter::commit`].
    ///
    /// # Errors
    /// When the file exists and `replace` is not set, or cannot be written.
    pub fn create(path: &Path, replace: bool, origin: &Origin) -> Result<Self, Error> {
        let mut output = OutputFile::create(path, replace)?;
        let handle = output.file().try_clone();
        let handle = handle.map_err(|source| Error::OutputNotWritable { path: path.to_owned(), source })?;
        let mut writer = Self { output, buffered: BufWriter::new(handle) };
        writer.line(&Header { b24_raw: FORMAT, origin: origin.clone() })?;
        Ok(writer)
    }

    /// Adds the items of a window.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, items: &[SourceItem]) -> Result<(), Error> {
        items.iter().try_for_each(|item| self.line(item))
    }

    /// The final name.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.output.path()
    }

    /// Completes the file, which still has to be committed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<OutputFile, Error> {
        match self.buffered.flush() {
            Ok(()) => Ok(self.output),
            Err(source) => Err(Error::OutputNotWritable { path: self.output.path().to_owned(), source }),
        }
    }

    fn line<T: Serialize>(&mut self, value: &T) -> Result<(), Error> {
        serde_json::to_writer(&mut self.buffered, value)
            .map_err(std::io::Error::from)
            .and_then(|()| self.buffered.write_all(b"\n"))
            .map_err(|source| Error::OutputNotWritable { path: self.output.path().to_owned(), source })
    }
}

/// Currencies assumed for a file without a header, all with two digits (ISO 4217).
fn usual_currencies() -> std::collections::BTreeMap<String, u32> {
    ["RUB", "BYN", "KZT", "UZS", "CNY", "USD", "EUR"].into_iter().map(|code| (code.to_owned(), 2)).collect()
}
