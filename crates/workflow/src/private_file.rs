//! Files with personal data or with what must not be lost: their owner's only.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file for reading and writing; one that is made is its owner's only from the first write.
#[cfg(unix)]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Opens a file for reading and writing; on Windows the folder's access list protects it.
#[cfg(not(unix))]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// A copy or a backup may have lost its mode.
#[cfg(unix)]
pub(crate) fn keep_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = std::fs::metadata(path)?.permissions();
    let private = permissions.mode() & !0o077;
    if private == permissions.mode() {
        return Ok(());
    }
    permissions.set_mode(private);
    std::fs::set_permissions(path, permissions)
}

/// On Windows a file keeps its folder's access list.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its twin can fail")]
pub(crate) fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}
