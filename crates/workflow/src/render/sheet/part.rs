//! One sheet on its way to the workbook: compressed in a thread of its own, kept in an unnamed file.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// What is handed to the thread at once.
const CHUNK: usize = 64 * 1024;
/// Chunks that may wait; with [`CHUNK`] the bound of a part's memory.
const WAITING: usize = 8;
/// Larger files by a sixth than at the usual 6, in a third of the time (docs/benchmarks.md).
const LEVEL: i64 = 3;

/// The XML of a sheet, growing.
#[derive(Debug)]
pub(super) struct Part {
    chunks: SyncSender<Vec<u8>>,
    worker: JoinHandle<io::Result<File>>,
    /// Bytes before compression.
    pub(super) bytes: u64,
}

impl Part {
    /// Starts a part in `scratch`, an unnamed file.
    pub(super) fn start(scratch: File) -> Self {
        let (chunks, waiting) = sync_channel(WAITING);
        Self { chunks, worker: thread::spawn(move || compress(scratch, &waiting)), bytes: 0 }
    }

    /// Takes what was written once it is worth it.
    pub(super) fn take(&mut self, written: &mut Vec<u8>) -> io::Result<()> {
        if written.len() < CHUNK {
            return Ok(());
        }
        self.take_all(written)
    }

    /// Takes what was written, however little.
    pub(super) fn take_all(&mut self, written: &mut Vec<u8>) -> io::Result<()> {
        self.bytes += written.len() as u64;
        let chunk = std::mem::replace(written, Vec::with_capacity(CHUNK + CHUNK / 8));
        // The thread ends early only by an error, which `finish` tells.
        self.chunks.send(chunk).map_err(|_| io::Error::other("the sheet's file cannot be written"))
    }

    /// Waits for the thread; the archive has one entry, the sheet.
    pub(super) fn finish(self) -> io::Result<ZipArchive<File>> {
        drop(self.chunks);
        let file = self.worker.join().map_err(|_| io::Error::other("the sheet's thread broke off"))??;
        Ok(ZipArchive::new(file)?)
    }
}

fn compress(scratch: File, waiting: &Receiver<Vec<u8>>) -> io::Result<File> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        // Without a clock, so that the same register gives the same bytes.
        .last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(scratch);
    archive.start_file("sheet", options)?;
    while let Ok(chunk) = waiting.recv() {
        archive.write_all(&chunk)?;
    }
    let mut file = archive.finish()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}
