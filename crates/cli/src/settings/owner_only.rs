//! Files and folders that only their owner can read, from the first write on.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file under a temporary name that only the owner can read, then renames it.
///
/// # Errors
/// The folder cannot be made, the file cannot be written or renamed.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    // A config file that is a link stays one: its target is what gets replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    create_folder(&folder)?;
    // Temporary files are made 0600 on Unix; on Windows they get the access list of the user's own folder.
    let mut file = tempfile::NamedTempFile::new_in(&folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

/// Makes missing folders, readable by the owner only.
///
/// # Errors
/// The folder cannot be made.
#[cfg(unix)]
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes missing folders; a user's own folders on Windows are closed to others by inheritance.
///
/// # Errors
/// The folder cannot be made.
#[cfg(windows)]
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Whether other users can read the file.
#[cfg(unix)]
pub(crate) fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Whether other users can read the file; Windows keeps this in access lists, closed by inheritance.
#[cfg(windows)]
pub(crate) fn is_open_to_others(_path: &Path) -> bool {
    false
}
