//! Raw invoices as a file: what `--save-raw` writes and `--input` reads.
//!
//! One JSON object a line. The first is `{"b24_raw":1,"origin":{…}}`; then come `{"invoice":{…}}` and `{"gap":{…}}`;
//! the last is `{"end":{"items":N}}`, so that a file that was cut is not taken for a whole one. Amounts keep the
//! portal's spelling. Header and end may be missing in a file made by hand.

mod windows;

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use self::windows::{Lines, Met, Windows};
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

/// The last line: what the file holds when nobody has cut it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    items: u64,
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
    /// When the file cannot be read, was saved by a newer version, or holds something else, such as the register itself.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let not_readable = |source| Error::RawFile { path: path.to_owned(), source };
        let mut file = BufReader::with_capacity(BUFFER, File::open(path).map_err(not_readable)?);
        let mut first = Vec::new();
        file.read_until(b'\n', &mut first).map_err(not_readable)?;
        let unmarked = first.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&first);
        let (origin, first, line) = match serde_json::from_slice::<Header>(unmarked) {
            Ok(header) if header.b24_raw > FORMAT => {
                return Err(Error::RawFileNewer {
                    path: path.to_owned(),
                    found: header.b24_raw,
                    known: FORMAT,
                });
            }
            Ok(header) => (header.origin, None, 1),
            Err(_) if !may_be_raw(unmarked) => {
                let register = is_register_row(unmarked);
                return Err(Error::NoRawInvoices { path: path.to_owned(), register });
            }
            Err(_) => (Origin { currencies: usual_currencies(), ..Origin::default() }, Some(first), 0),
        };
        let origin = Origin { counted: None, ..origin };
        let (path, headed) = (path.to_owned(), first.is_none());
        let lines = Lines { path, file, line, first, headed, items: 0, end: None, met: Met::default() };
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

    async fn recount(&mut self) -> Result<Option<u64>, Error> {
        // The file's own last line was compared with what it holds.
        Ok(None)
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
    items: u64,
}

impl RawWriter {
    /// Starts a file with its header. It gets its name when what [`RawWriter::finish`] gives is committed.
    ///
    /// # Errors
    /// When the file exists and `replace` is not set, or cannot be written.
    pub fn create(path: &Path, replace: bool, origin: &Origin) -> Result<Self, Error> {
        let mut output = OutputFile::create(path, replace)?;
        let handle = output.file().try_clone();
        let handle = handle.map_err(|source| Error::OutputNotWritable { path: path.to_owned(), source })?;
        let mut writer = Self { output, buffered: BufWriter::new(handle), items: 0 };
        writer.line(&Header { b24_raw: FORMAT, origin: origin.clone() })?;
        Ok(writer)
    }

    /// Adds the items of a window.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, items: &[SourceItem]) -> Result<(), Error> {
        self.items += items.len() as u64;
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
        self.line(&Last { end: End { items: self.items } })?;
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

/// The last line as it stands in the file.
#[derive(Serialize)]
struct Last {
    end: End,
}

/// Whether a first line can be one of raw invoices: a line that is damaged can, one of another kind cannot.
fn may_be_raw(line: &[u8]) -> bool {
    match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line) {
        Ok(members) => ["b24_raw", "invoice", "gap", "end"].iter().any(|name| members.contains_key(*name)),
        Err(_) => line.trim_ascii_start().first().is_none_or(|first| *first == b'{'),
    }
}

fn is_register_row(line: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line)
        .is_ok_and(|members| ["id", "status", "gross"].iter().all(|name| members.contains_key(*name)))
}

/// Currencies assumed for a file without a header, all with two digits (ISO 4217).
fn usual_currencies() -> std::collections::BTreeMap<String, u32> {
    ["RUB", "BYN", "KZT", "UZS", "CNY", "USD", "EUR"].into_iter().map(|code| (code.to_owned(), 2)).collect()
}
