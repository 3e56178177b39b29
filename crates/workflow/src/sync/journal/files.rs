//! The lock beside the journal.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::JournalError;
use crate::private_file;

/// One writer per portal. The lock dies with the process.
pub(super) fn lock(path: &Path) -> Result<File, JournalError> {
    let mut name = path.to_owned().into_os_string();
    name.push(".lock");
    let name = PathBuf::from(name);
    let failed = |source| JournalError::Open { path: name.clone(), source };
    let lock = private_file::open(&name).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse { path: name }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
