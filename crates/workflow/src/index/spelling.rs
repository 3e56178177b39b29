//! One spelling for each file, however it was written.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The path without `..` and links; of what is not there, as far as something is.
///
/// # Errors
/// The path is empty, or the current folder is not known.
pub fn whole(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    for above in absolute.ancestors() {
        let Ok(real) = fs::canonicalize(above) else { continue };
        let mut whole = plain(real);
        for part in absolute.strip_prefix(above).into_iter().flat_map(Path::components) {
            match part {
                Component::ParentDir => drop(whole.pop()),
                part => whole.push(part),
            }
        }
        return Ok(whole);
    }
    Ok(absolute)
}

/// Windows writes such paths in a way of its own, which other programs do not understand: `\\?\C:\docs`.
fn plain(path: PathBuf) -> PathBuf {
    let of_drive = |rest: &&str| rest.as_bytes().get(1) == Some(&b':');
    match path.to_str().and_then(|path| path.strip_prefix(r"\\?\")).filter(of_drive) {
        Some(rest) => PathBuf::from(rest),
        None => path,
    }
}
