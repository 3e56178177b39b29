//! Texts from a file or from standard input.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::failure::Failure;

/// The text of a file, or of stdin for `-`; `what` names it in a failure.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub(crate) fn text_of(path: &Path, what: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        fs::read_to_string(path).map(|content| text = content)
    };
    read.map_err(|error| Failure::file(format!("reading {what} from {}", name(path)), &error))?;
    // Windows editors begin a file with a byte order mark.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// How messages call it.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() }
}
