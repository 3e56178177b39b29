//! A virtual environment with the pinned packages of `tests/peers/requirements.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::program;

/// The interpreter of the environment.
pub(crate) struct Python {
    interpreter: PathBuf,
}

impl Python {
    /// A script, printing as it goes and in UTF-8 everywhere.
    pub(crate) fn command(&self, script: &Path) -> Command {
        let mut command = Command::new(&self.interpreter);
        command.arg(script).stdin(Stdio::null()).env("PYTHONUTF8", "1").env("PYTHONUNBUFFERED", "1");
        command
    }
}

/// Makes the environment, unless it is there with the same packages.
pub(super) fn prepare(folder: &Path, requirements: &Path) -> Result<Python> {
    let environment = folder.join("venv");
    let stamp = environment.join("requirements.txt");
    let binaries = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let interpreter = binaries.join(format!("python{}", std::env::consts::EXE_SUFFIX));
    let wanted =
        fs::read(requirements).with_context(|| format!("could not read {}", requirements.display()))?;
    if interpreter.exists() && fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Python { interpreter });
    }

    let Some(system) = ["python3", "python"].into_iter().find(|name| program::exists(name, "--version"))
    else {
        bail!("there is no python3 on the path: install Python 3.10 or later");
    };
    program::run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&environment).stdin(Stdio::null()))
        .context("could not make a virtual environment (on Debian: apt-get install python3-venv)")?;
    let mut pip = Command::new(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(requirements);
    program::run(pip.stdin(Stdio::null())).context("could not install the peers from PyPI")?;
    // Last, so that an interrupted installation starts again.
    fs::write(&stamp, wanted).with_context(|| format!("could not write {}", stamp.display()))?;
    Ok(Python { interpreter })
}
