//! Reads and parses ahead in a thread of its own, a few windows at most.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::Error;
use crate::source::{Gap, Missing, Part, SourceItem};

/// Invoices of a window; with [`AHEAD`] it bounds the memory of a run.
const WINDOW: usize = 500;
/// Windows that may wait.
const AHEAD: usize = 2;

type Window = Result<Vec<SourceItem>, Error>;

/// The lines of a file that are still to be read.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) path: PathBuf,
    pub(super) file: BufReader<File>,
    /// Number of the last line that was read.
    pub(super) line: u64,
    /// The first line, when it was no header but an invoice already.
    pub(super) first: Option<String>,
}

/// Windows as they come.
#[derive(Debug)]
pub(super) struct Windows(Receiver<Window>);

impl Windows {
    /// Starts the thread; it ends when nobody asks any more.
    pub(super) fn read(mut lines: Lines) -> Self {
        let (sender, windows) = sync_channel(AHEAD);
        thread::spawn(move || lines.send(&sender));
        Self(windows)
    }

    /// The next window; none after the last.
    pub(super) fn next(&mut self) -> Option<Window> {
        self.0.recv().ok()
    }
}

impl Lines {
    fn send(&mut self, windows: &SyncSender<Window>) {
        loop {
            let window = self.window();
            let last = !matches!(&window, Ok(window) if !window.is_empty());
            if matches!(&window, Ok(window) if window.is_empty()) || windows.send(window).is_err() || last {
                return;
            }
        }
    }

    fn window(&mut self) -> Window {
        let mut window = Vec::with_capacity(WINDOW);
        let mut text = String::new();
        while window.len() < WINDOW && self.next_line(&mut text)? {
            if !text.trim().is_empty() {
                window.push(self.item(&text));
            }
        }
        Ok(window)
    }

    /// Reads a line; false at the end.
    fn next_line(&mut self, text: &mut String) -> Result<bool, Error> {
        self.line += 1;
        if let Some(first) = self.first.take() {
            *text = first;
            return Ok(!text.is_empty());
        }
        text.clear();
        let read = self.file.read_line(text);
        read.map(|bytes| bytes > 0).map_err(|source| Error::RawFile { path: self.path.clone(), source })
    }

    /// What a line holds: an invoice or gap, or a gap that says why the line cannot be read.
    fn item(&self, text: &str) -> SourceItem {
        serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_else(|error| {
            let reason = format!("line {} of `{}`: {error}", self.line, self.path.display());
            SourceItem::Gap(Gap {
                id: None,
                known: None,
                missing: vec![Missing { part: Part::Header, reason }],
            })
        })
    }
}
