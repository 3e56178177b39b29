//! Peer checks: programs written by others, unmodified, against the sandbox and the workbooks that `b24` writes.
//!
//! They live under `target/peers`. Where a peer cannot be had, CI fails and anyone else is told loudly.

mod bitrix;
mod documents;
mod office;
mod postgres;
pub(crate) mod python;
mod register;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::console;
use crate::portal;
use crate::program;
use crate::tally::Tally;
use crate::workspace::Workspace;
use office::Office;
pub(crate) use python::Python;

/// The peers that are there.
pub(crate) struct Peers {
    python: Option<Python>,
    office: Option<Office>,
    postgres: Option<postgres::Programs>,
}

/// What every check needs.
struct Stage {
    /// The `b24` that is checked.
    binary: PathBuf,
    /// Where workbooks, models and logs go.
    folder: PathBuf,
    /// The scripts of `tests/peers`.
    scripts: PathBuf,
}

/// One check: what it shows, and whether it holds.
struct Check {
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Failed(anyhow::Error),
    Skipped,
}

impl Check {
    fn of(name: impl Into<String>, result: Result<()>) -> Self {
        let outcome = result.map_or_else(Outcome::Failed, |()| Outcome::Passed);
        Self { name: name.into(), outcome }
    }

    fn skipped(name: impl Into<String>) -> Self {
        Self { name: name.into(), outcome: Outcome::Skipped }
    }
}

/// Installs what is missing. In CI a peer that cannot be had is an error.
pub(crate) fn prepare(workspace: &Workspace) -> Result<Peers> {
    let folder = folder(workspace)?;
    let python = python::prepare(&folder, &workspace.root.join("tests/peers/requirements.txt"));
    let office = office::prepare(&folder);
    let postgres = postgres::prepare();
    Ok(Peers {
        python: present("Python with fast_bitrix24 and openpyxl", python)?,
        office: present("LibreOffice Calc", office)?,
        postgres: present("PostgreSQL", postgres)?,
    })
}

/// The peers' Python, for benches that compare with one.
pub(crate) fn python(workspace: &Workspace) -> Result<Python> {
    python::prepare(&folder(workspace)?, &workspace.root.join("tests/peers/requirements.txt"))
}

/// Runs all checks on the binary that `cargo test` built, and closes with their count.
pub(crate) fn check(workspace: &Workspace, peers: &Peers) -> Result<()> {
    // The same selection as the tests have, so that nothing is built twice.
    program::run(&mut program::cargo(&workspace.root, ["test", "--quiet", "--workspace", "--no-run"]))?;
    let stage = Stage {
        binary: portal::binary(&workspace.target, "debug"),
        folder: folder(workspace)?,
        scripts: workspace.root.join("tests/peers"),
    };
    let mut checks = bitrix::checks(&stage, peers.python.as_ref());
    checks.extend(register::checks(&stage, peers.python.as_ref(), peers.office.as_ref()));
    checks.extend(documents::checks(&stage, peers.office.as_ref()));
    checks.extend(postgres::checks(workspace, peers.postgres.as_ref()));

    let mut tally = Tally::default();
    for check in &checks {
        let name = &check.name;
        match &check.outcome {
            Outcome::Passed => tally.passed += 1,
            Outcome::Failed(_) => tally.failed += 1,
            Outcome::Skipped => tally.skipped += 1,
        }
        console::line(match &check.outcome {
            Outcome::Passed => format!("peer {name} ... ok"),
            Outcome::Failed(error) => format!("peer {name} ... FAILED: {error:#}"),
            Outcome::Skipped => format!("peer {name} ... SKIPPED, the peer is missing"),
        });
    }
    console::line(format!("peers: {tally}"));
    if tally.failed > 0 {
        bail!("{} of {} peer checks failed", tally.failed, checks.len());
    }
    Ok(())
}

/// The peer checks without the tests.
pub(crate) fn run_alone(workspace: &Workspace) -> Result<()> {
    let peers = prepare(workspace)?;
    check(workspace, &peers)
}

fn folder(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("peers");
    fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    Ok(folder)
}

fn present<T>(peer: &str, prepared: Result<T>) -> Result<Option<T>> {
    match prepared {
        Ok(ready) => Ok(Some(ready)),
        Err(error) if program::in_ci() => Err(error.context(format!("the peer {peer} is missing"))),
        Err(error) => {
            let stars = "*".repeat(100);
            console::note(format!(
                "{stars}\nPEER MISSING, its checks are SKIPPED: {peer}\n{error:#}\n{stars}"
            ));
            Ok(None)
        }
    }
}

/// Runs a script of `tests/peers` in the peers' Python.
fn script(stage: &Stage, python: &Python, name: &str, arguments: &[&Path]) -> Result<()> {
    program::run(python.command(&stage.scripts.join(name)).args(arguments))
}
