//! Documents on their way from the reader to the queue, a bounded number of bytes at a time.

use embed_queue::Document;
use tokio::sync::mpsc::Sender;

use super::Skipped;

/// Documents of one transaction, and their bytes of text.
const DOCUMENTS: usize = 512;
const BYTES: usize = 4 * 1024 * 1024;

/// What a reader delivers at once.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) documents: Vec<Document>,
    pub(super) skipped: Vec<Skipped>,
    /// Files whose letters were not written in UTF-8: the names of their encodings.
    pub(super) encodings: Vec<String>,
    pub(super) files: u64,
    /// Sources that were read and have no text.
    pub(super) emptied: Vec<String>,
    bytes: usize,
}

/// The reader's end.
pub(super) struct Sink {
    window: Window,
    sender: Sender<Window>,
}

/// Nobody waits for documents any more.
#[derive(Debug)]
pub(super) struct Closed;

impl Sink {
    pub(super) fn new(sender: Sender<Window>) -> Self {
        Self { window: Window::default(), sender }
    }

    pub(super) fn document(&mut self, document: Document) -> Result<(), Closed> {
        // The last of several records with one source counts.
        self.window.emptied.retain(|source| *source != document.source);
        self.window.bytes += document.pieces.iter().map(|piece| piece.content.len()).sum::<usize>();
        self.window.documents.push(document);
        self.if_full()
    }

    pub(super) fn skip(&mut self, skipped: Skipped) -> Result<(), Closed> {
        self.window.bytes += skipped.source.len() + skipped.detail.len();
        self.window.skipped.push(skipped);
        self.if_full()
    }

    /// Skips a source that was read and has no text; a stored document of it goes.
    pub(super) fn without_text(&mut self, skipped: Skipped) -> Result<(), Closed> {
        self.emptied(skipped.source.clone(), skipped)
    }

    /// Skips the record or entry at this place of a file, whose source is known and which has no text.
    pub(super) fn emptied(&mut self, source: String, skipped: Skipped) -> Result<(), Closed> {
        self.window.emptied.push(source);
        self.skip(skipped)
    }

    pub(super) fn encoded(&mut self, name: String) {
        self.window.encodings.push(name);
    }

    pub(super) fn file_done(&mut self) {
        self.window.files += 1;
    }

    pub(super) fn finish(mut self) -> Result<(), Closed> {
        self.send()
    }

    fn if_full(&mut self) -> Result<(), Closed> {
        let window = &self.window;
        let full = window.documents.len() >= DOCUMENTS || window.bytes >= BYTES;
        if full { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), Closed> {
        self.sender.blocking_send(std::mem::take(&mut self.window)).map_err(|_| Closed)
    }
}
