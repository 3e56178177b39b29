//! A file that appears under its name only when it is complete.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::Error;

/// An output being written beside its final name; dropped without [`OutputFile::commit`] it leaves nothing.
#[derive(Debug)]
pub struct OutputFile {
    aside: NamedTempFile,
    path: PathBuf,
    replace: bool,
}

impl OutputFile {
    /// Opens an output for writing. Nothing appears under `path` yet.
    ///
    /// # Errors
    /// When `path` exists and `replace` is not set, or its folder cannot be written to.
    pub fn create(path: &Path, replace: bool) -> Result<Self, Error> {
        if !replace && path.exists() {
            return Err(Error::OutputExists { path: path.to_owned() });
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if path.is_dir() || path.file_name().is_none() {
            return Err(Error::OutputNotWritable {
                path: path.to_owned(),
                source: io::Error::new(io::ErrorKind::IsADirectory, "it is a folder; name a file in it"),
            });
        }
        let aside =
            tempfile::Builder::new().prefix(".b24-").suffix(".part").tempfile_in(folder).map_err(
                |source| Error::OutputNotWritable { path: path.to_owned(), source: cause(&source) },
            )?;
        Ok(Self { aside, path: path.to_owned(), replace })
    }

    /// Gives all files their final names, or none of them: what was renamed before a failure is taken back.
    ///
    /// # Errors
    /// As [`OutputFile::commit`], for the first file that fails.
    pub fn commit_all(files: Vec<Self>) -> Result<Vec<PathBuf>, Error> {
        let mut done: Vec<Committed> = Vec::new();
        for file in files {
            match file.commit_reversibly() {
                Ok(committed) => done.push(committed),
                Err(error) => {
                    done.into_iter().rev().for_each(Committed::take_back);
                    return Err(error);
                }
            }
        }
        Ok(done.into_iter().map(|committed| committed.path).collect())
    }

    /// Commits, keeping the file that is replaced until it is known that it may go.
    fn commit_reversibly(self) -> Result<Committed, Error> {
        let not_writable = |path: &Path, source| Error::OutputNotWritable {
            path: path.to_owned(),
            source: held_open(source),
        };
        let replaced = if self.replace && self.path.exists() {
            let folder = self.aside.path().parent().unwrap_or(Path::new("."));
            let kept = tempfile::Builder::new().prefix(".b24-").suffix(".old").tempfile_in(folder);
            let kept = kept.map_err(|source| not_writable(&self.path, source))?.into_temp_path();
            std::fs::rename(&self.path, &kept).map_err(|source| not_writable(&self.path, source))?;
            Some(kept)
        } else {
            None
        };
        let path = self.path.clone();
        match self.commit() {
            Ok(path) => Ok(Committed { path, replaced }),
            Err(error) => {
                Committed { path, replaced }.put_back();
                Err(error)
            }
        }
    }

    /// The file to write to.
    pub fn file(&mut self) -> &mut File {
        self.aside.as_file_mut()
    }

    /// The folder of the output, where there has to be room for it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.aside.path().parent().unwrap_or_else(|| Path::new("."))
    }

    /// The final name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its final name.
    ///
    /// # Errors
    /// When the data cannot be flushed to disk, or another program holds the old file open.
    pub fn commit(self) -> Result<PathBuf, Error> {
        let not_writable = |source| Error::OutputNotWritable { path: self.path.clone(), source };
        self.aside.as_file().sync_all().map_err(not_writable)?;
        let renamed = if self.replace {
            self.aside.persist(&self.path)
        } else {
            self.aside.persist_noclobber(&self.path)
        };
        match renamed {
            Ok(_) => Ok(self.path),
            Err(error) => Err(Error::OutputNotWritable { path: self.path, source: held_open(error.error) }),
        }
    }
}

/// A file under its final name, and the one it replaced.
struct Committed {
    path: PathBuf,
    replaced: Option<tempfile::TempPath>,
}

impl Committed {
    fn take_back(self) {
        // What cannot be removed stays; the error that is reported is the first one.
        let _removed = std::fs::remove_file(&self.path);
        self.put_back();
    }

    fn put_back(self) {
        if let Some(replaced) = self.replaced {
            let _restored = replaced.persist(&self.path);
        }
    }
}

/// The reason without the temporary name that `tempfile` adds to it, which would only confuse.
fn cause(error: &io::Error) -> io::Error {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "its folder does not exist",
        io::ErrorKind::PermissionDenied => "this user may not write to its folder",
        io::ErrorKind::ReadOnlyFilesystem => "its folder is read-only",
        io::ErrorKind::StorageFull => "the disk is full",
        kind => return io::Error::from(kind),
    };
    io::Error::new(error.kind(), reason)
}

/// Names the usual reason on Windows, where an open workbook cannot be replaced.
fn held_open(error: io::Error) -> io::Error {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    if cfg!(windows) && error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
        || error.kind() == io::ErrorKind::PermissionDenied
    {
        return io::Error::new(error.kind(), format!("{error}; close the program that holds it open"));
    }
    error
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn nothing_appears_under_the_final_name_before_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("реестр за год.xlsx");
        let mut output = OutputFile::create(&path, false).unwrap();
        output.file().write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(output);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the aside file is gone too");

        let mut output = OutputFile::create(&path, false).unwrap();
        output.file().write_all(b"whole").unwrap();
        output.commit().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn an_existing_output_is_replaced_only_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        std::fs::write(&path, "old").unwrap();
        assert!(matches!(OutputFile::create(&path, false), Err(Error::OutputExists { .. })));
        let mut output = OutputFile::create(&path, true).unwrap();
        output.file().write_all(b"new").unwrap();
        output.commit().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_missing_folder_is_named_before_anything_is_fetched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("r.csv");
        let error = OutputFile::create(&path, false).unwrap_err();
        assert!(error.to_string().contains("r.csv"), "{error}");
    }
}
