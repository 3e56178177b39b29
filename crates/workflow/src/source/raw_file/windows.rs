//! Reads and parses ahead in a thread of its own, a few windows at most.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use data_processor::RawInvoice;
use serde::Deserialize;

use super::End;
use crate::Error;
use crate::register::texts::reasons::{self, LineFault};
use crate::source::{Gap, Missing, Part, SourceItem};

/// Invoices of a window; with [`AHEAD`] it bounds the memory of a run.
const WINDOW: usize = 500;
/// Windows that may wait.
const AHEAD: usize = 2;

type Window = Result<Vec<SourceItem>, Error>;

/// A line of the file after its header.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Invoice(Box<RawInvoice>),
    Gap(Gap),
    End(End),
}

/// The lines of a file that are still to be read.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) path: PathBuf,
    pub(super) file: BufReader<File>,
    /// Number of the last line that was read.
    pub(super) line: u64,
    /// The first line, when it was no header but an invoice already.
    pub(super) first: Option<Vec<u8>>,
    /// Whether the file has a header, so that it has to have an end, too.
    pub(super) headed: bool,
    pub(super) items: u64,
    /// What the last line says.
    pub(super) end: Option<End>,
    pub(super) met: Met,
}

/// The ids met so far.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Those that were larger than all before them: in a file of ours, all of them.
    rising: Vec<u64>,
    others: HashSet<u64>,
}

impl Met {
    /// Whether the id comes for the first time.
    fn is_new(&mut self, id: u64) -> bool {
        if self.rising.last().is_none_or(|last| *last < id) {
            self.rising.push(id);
            return true;
        }
        self.rising.binary_search(&id).is_err() && self.others.insert(id)
    }
}

/// Windows as they come. The last one is empty: if it does not come, the reading thread has died.
#[derive(Debug)]
pub(super) struct Windows(Receiver<Window>, PathBuf);

impl Windows {
    /// Starts the thread; it ends when nobody asks any more.
    pub(super) fn read(mut lines: Lines) -> Self {
        let (sender, windows) = sync_channel(AHEAD);
        let path = lines.path.clone();
        thread::spawn(move || lines.send(&sender));
        Self(windows, path)
    }

    /// The next window; none after the last.
    pub(super) fn next(&mut self) -> Option<Window> {
        match self.0.recv() {
            Ok(Ok(window)) if window.is_empty() => None,
            Ok(window) => Some(window),
            Err(_) => {
                let source = std::io::Error::other("reading ended before the end of the file");
                Some(Err(Error::RawFile { path: self.1.clone(), source }))
            }
        }
    }
}

impl Lines {
    fn send(&mut self, windows: &SyncSender<Window>) {
        loop {
            let window = self.window();
            let last = !matches!(&window, Ok(window) if !window.is_empty());
            if windows.send(window).is_err() || last {
                return;
            }
        }
    }

    fn window(&mut self) -> Window {
        let mut window = Vec::with_capacity(WINDOW);
        let mut bytes = Vec::new();
        while window.len() < WINDOW {
            if !self.next_line(&mut bytes)? {
                window.extend(self.missing_end());
                break;
            }
            if !bytes.trim_ascii().is_empty() {
                window.extend(self.item(&bytes));
            }
        }
        Ok(window)
    }

    /// Reads a line; false at the end.
    fn next_line(&mut self, bytes: &mut Vec<u8>) -> Result<bool, Error> {
        self.line += 1;
        if let Some(first) = self.first.take() {
            *bytes = first;
            return Ok(!bytes.is_empty());
        }
        bytes.clear();
        let read = self.file.read_until(b'\n', bytes);
        read.map(|bytes| bytes > 0).map_err(|source| Error::RawFile { path: self.path.clone(), source })
    }

    /// What a line holds: an invoice or gap, or a gap that says why the line cannot be taken.
    fn item(&mut self, bytes: &[u8]) -> Option<SourceItem> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let line = str::from_utf8(bytes)
            .map_err(|error| error.to_string())
            .and_then(|text| serde_json::from_str(text).map_err(|error| error.to_string()));
        let item = match line {
            Ok(Line::End(end)) => {
                self.end = Some(end);
                return None;
            }
            Ok(Line::Invoice(invoice)) => SourceItem::Invoice(invoice),
            Ok(Line::Gap(gap)) => SourceItem::Gap(gap),
            Err(error) => self.unreadable(None, &LineFault::Unreadable(&error)),
        };
        self.items += 1;
        match item.id() {
            Some(id) if !self.met.is_new(id) => Some(self.unreadable(Some(id), &LineFault::Twice)),
            _ => Some(item),
        }
    }

    fn unreadable(&self, id: Option<u64>, fault: &LineFault<'_>) -> SourceItem {
        let reason = reasons::line(self.line, &self.path, fault);
        SourceItem::Gap(Gap { id, known: None, missing: vec![Missing::new(Part::Header, reason)] })
    }

    /// A file with a header that was cut, or glued together, is not what was saved. Told once.
    fn missing_end(&mut self) -> Option<SourceItem> {
        let fault = match self.end {
            _ if !self.headed => return None,
            Some(End { items }) if items == self.items => return None,
            Some(End { items }) => LineFault::Counts { said: items, found: self.items },
            None => LineFault::Cut,
        };
        self.headed = false;
        Some(self.unreadable(None, &fault))
    }
}
