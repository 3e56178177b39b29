//! A file that must stay what it was when it was opened.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::SourceError;

/// A file; every read makes sure that nobody writes to it or puts another in its place.
pub(super) struct Watched {
    file: File,
    path: PathBuf,
    was: Option<Face>,
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Face {
    length: u64,
    modified: Option<SystemTime>,
    identity: (u64, u64),
}

impl Face {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok(), identity: identity(metadata) }
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(windows)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::windows::fs::MetadataExt as _;
    (metadata.creation_time(), 0)
}

#[cfg(not(any(unix, windows)))]
fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// How a file changed, on its way through the readers' errors.
#[derive(Debug, thiserror::Error)]
#[error("it changed: {0}")]
struct Change(&'static str);

impl Watched {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        let was = metadata.is_file().then(|| Face::of(&metadata));
        Ok(Self { file, path: path.to_owned(), was })
    }

    fn check(&self) -> io::Result<()> {
        let Some(was) = self.was else { return Ok(()) };
        let change = |what| Err(io::Error::other(Change(what)));
        let now = Face::of(&self.file.metadata()?);
        if now.length < was.length {
            return change("it became shorter");
        }
        if now != was {
            return change("it was written to");
        }
        match std::fs::metadata(&self.path) {
            Ok(there) if identity(&there) != was.identity => change("another file took its place"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => change("it was removed"),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        // After the read, so that what was read is of the file as it was.
        self.check()?;
        Ok(read)
    }
}

impl Seek for Watched {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}

/// The error of a file that was read with [`Watched`].
pub(super) fn failed(path: &Path, error: io::Error) -> SourceError {
    let path = path.to_owned();
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Change>()) {
        Some(Change(reason)) => SourceError::Changed { path, reason },
        None => SourceError::NotReadable { path, source: error },
    }
}
