//! The journal's file, and the lock beside it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::JournalError;

/// One writer per portal. The lock dies with the process.
pub(super) fn lock(path: &Path) -> Result<File, JournalError> {
    let mut name = path.to_owned().into_os_string();
    name.push(".lock");
    let name = PathBuf::from(name);
    let failed = |source| JournalError::Open { path: name.clone(), source };
    let lock = open_private(&name).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse { path: name }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Makes the file if there is none.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    open_private(path).map(drop)
}

/// Records are personal data: the file is its owner's only from the first write.
#[cfg(unix)]
fn open_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Windows: the profile folder that holds the state is its owner's by inheritance.
#[cfg(not(unix))]
fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// A copy or a backup may have lost its mode.
#[cfg(unix)]
pub(super) fn keep_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = std::fs::metadata(path)?.permissions();
    let private = permissions.mode() & !0o077;
    if private == permissions.mode() {
        return Ok(());
    }
    permissions.set_mode(private);
    std::fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its twin can fail")]
pub(super) fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}
