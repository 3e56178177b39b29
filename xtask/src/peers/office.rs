//! LibreOffice Calc: found, or installed where apt can do it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::program;

/// Every sheet to a file of its own, comma separated, UTF-8, numbers in full and not as they are shown.
const FILTER: &str = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1";

const PLACES: [&str; 4] = [
    "soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.com",
];

/// An installed LibreOffice.
pub(super) struct Office {
    program: &'static str,
    profile: PathBuf,
}

impl Office {
    /// Converts workbooks to `NAME-SHEET.csv` files in `folder`.
    pub(super) fn to_csv(&self, workbooks: &[PathBuf], folder: &Path) -> Result<()> {
        self.convert(&["--convert-to", FILTER], workbooks, folder)
    }

    /// Converts files as the options say, into `folder`.
    pub(super) fn convert(&self, options: &[&str], files: &[PathBuf], folder: &Path) -> Result<()> {
        let mut command = Command::new(self.program);
        command.arg(format!("-env:UserInstallation={}", file_address(&self.profile)));
        command.args(["--headless", "--norestore"]).args(options).arg("--outdir").arg(folder).args(files);
        // Without a UTF-8 locale, Cyrillic sheet names become question marks in the file names.
        program::run(command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8"))
            .context("LibreOffice could not convert")
    }
}

/// LibreOffice Writer, which is a package of its own on Debian.
pub(super) fn install_writer() -> Result<()> {
    if !is_root() || !program::exists("apt-get", "--version") {
        bail!("LibreOffice Writer is not installed (on Debian: apt-get install libreoffice-writer)");
    }
    apt(&["update", "-qq"])?;
    apt(&["install", "--yes", "--quiet", "--no-install-recommends", "libreoffice-writer"])
}

/// Finds LibreOffice, or installs it when this is root on a system with apt.
pub(super) fn prepare(folder: &Path) -> Result<Office> {
    let profile = folder.join("office-profile");
    if let Some(program) = find() {
        return Ok(Office { program, profile });
    }
    if !is_root() || !program::exists("apt-get", "--version") {
        bail!("LibreOffice is not installed (on Debian: apt-get install libreoffice-calc)");
    }
    apt(&["update", "-qq"])?;
    apt(&["install", "--yes", "--quiet", "--no-install-recommends", "libreoffice-calc"])?;
    let program = find().context("libreoffice-calc was installed, but there is no soffice")?;
    Ok(Office { program, profile })
}

fn find() -> Option<&'static str> {
    PLACES.into_iter().find(|program| program::exists(program, "--version"))
}

pub(super) fn is_root() -> bool {
    program::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

pub(super) fn apt(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    program::run(&mut command)
}

fn file_address(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/").replace(' ', "%20");
    if path.starts_with('/') { format!("file://{path}") } else { format!("file:///{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_given_as_an_address() {
        assert_eq!(file_address(Path::new("/work/my b24/target")), "file:///work/my%20b24/target");
        assert_eq!(file_address(Path::new("C:\\b24\\target")), "file:///C:/b24/target");
    }
}
