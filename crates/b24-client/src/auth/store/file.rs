//! Tokens in a file that only its owner can read.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;

use super::{StoreError, StoreGuard, TokenStore};
use crate::auth::Tokens;

/// A file with tokens: owner-only from the first write, replaced as a whole.
#[derive(Debug, Clone)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// The file; missing folders are made, owner-only, when it is first written.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    fn refuse(&self, doing: &str, reason: &dyn std::fmt::Display) -> StoreError {
        StoreError { what: format!("{doing} {}", self.path.display()), reason: reason.to_string() }
    }

    fn write(&self, text: &str) -> io::Result<()> {
        create_folder(self.folder())?;
        // Temporary files are made 0600 on Unix; on Windows they get the access list of the user's own folder.
        let mut file = tempfile::NamedTempFile::new_in(self.folder())?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

impl TokenStore for FileStore {
    fn load(&self) -> Result<Option<Tokens>, StoreError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Tokens::from_json(&text)
                .map(Some)
                .ok_or_else(|| self.refuse("reading", &"it is no file of tokens written by this program")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.refuse("reading", &error)),
        }
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        self.write(tokens.to_json().expose_secret()).map_err(|error| self.refuse("writing", &error))
    }

    /// Locks a file beside the tokens: the tokens' own file is replaced, and a lock on it would go with it.
    fn hold(&self) -> Result<StoreGuard, StoreError> {
        let lock = || {
            create_folder(self.folder())?;
            let file = open_owner_only(&self.path.with_extension("lock"))?;
            file.lock()?;
            Ok(StoreGuard::of(file))
        };
        lock().map_err(|error: io::Error| self.refuse("locking", &error))
    }
}

#[cfg(unix)]
fn create_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A user's own folders on Windows are closed to others by inheritance.
#[cfg(windows)]
fn create_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
fn open_owner_only(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)
}

#[cfg(windows)]
fn open_owner_only(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)
}
