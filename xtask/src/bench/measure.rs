//! Runs a scenario: the portal in one process, the measured client in another.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::figures::{Figures, Run};
use super::peer;
use super::scenario::Scenario;
use crate::console;
use crate::memory;
use crate::peers;
use crate::portal::{self, Portal};
use crate::program;
use crate::workspace::Workspace;

/// Short against every scenario; the system keeps the peak, so only the last moments can be missed.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(5);

pub(super) fn run(workspace: &Workspace, scenario: &Scenario, folder: &Path) -> Result<Figures> {
    let program = match &scenario.program {
        Some(name) => Some(bench_program(workspace, name)?),
        None => None,
    };
    let python = if scenario.peers.is_empty() { None } else { Some(peers::python(workspace)?) };
    let (mut runs, mut peers) = (Vec::new(), Vec::new());
    for _ in 0..scenario.repeat.max(1) {
        if let Some(python) = &python {
            for name in &scenario.peers {
                peers.push(peer::run(workspace, scenario, name, python, folder)?);
            }
        }
        runs.push(run_once(workspace, scenario, program.as_deref(), folder)?);
    }
    Figures::of(&runs, peers)
}

fn run_once(
    workspace: &Workspace,
    scenario: &Scenario,
    program: Option<&Path>,
    folder: &Path,
) -> Result<Run> {
    let binary = portal::binary(&workspace.target, "release");
    let log = folder.join(format!("{}-sandbox.log", scenario.name));
    let portal = Portal::start(&binary, &scenario.sandbox, &log)?;

    let out = folder.join(&scenario.name).to_string_lossy().into_owned();
    let mut client = portal.client(program.unwrap_or(&binary), folder);
    client.args(scenario.client.iter().map(|argument| argument.replace("{out}", &out)));
    if !scenario.config.is_empty() {
        let config = folder.join(format!("{}-config.toml", scenario.name));
        fs::write(&config, scenario.config.to_string())
            .with_context(|| format!("could not write {}", config.display()))?;
        client.env("B24_CONFIG", config);
    }
    console::note(format!("$ {}", program::shown(&client)));

    let started = Instant::now();
    let mut child = client.spawn().context("could not start the client")?;
    let mut client_peak = None;
    let status = loop {
        client_peak = memory::peak(child.id()).or(client_peak);
        if let Some(status) = child.try_wait().context("could not wait for the client")? {
            break status;
        }
        thread::sleep(LOOK_EVERY);
    };
    let wall = started.elapsed();
    if !status.success() {
        bail!("the client failed ({status})");
    }
    if let Some(rows) = scenario.rows {
        check_rows(&PathBuf::from(format!("{out}.jsonl")), rows)?;
    }
    let journal = portal.journal()?;
    Ok(Run {
        wall_seconds: wall.as_secs_f64(),
        client_peak_bytes: client_peak,
        sandbox_peak_bytes: memory::peak(portal.pid()),
        requests: journal.requests,
        commands: journal.commands,
        rejected: journal.rejected,
    })
}

/// A list that is fast and wrong is no list.
fn check_rows(file: &Path, rows: u64) -> Result<()> {
    #[derive(Deserialize)]
    struct Row {
        #[serde(rename = "ID")]
        id: String,
    }
    let (mut count, mut last) = (0, 0);
    let lines = File::open(file).with_context(|| format!("could not read {}", file.display()))?;
    for line in BufReader::new(lines).lines() {
        let row: Row = serde_json::from_str(&line.context("could not read a row")?)?;
        let id: u64 = row.id.parse().context("an ID is no number")?;
        if id <= last {
            bail!("the row {id} comes after {last}");
        }
        (count, last) = (count + 1, id);
    }
    if count != rows {
        bail!("{count} rows of {rows}");
    }
    Ok(())
}

/// Builds a program of `benches/` and says where it lies.
fn bench_program(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Built {
        executable: Option<PathBuf>,
        target: Option<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    let words = ["build", "--release", "--package", "cli", "--bench", name, "--message-format", "json"];
    let mut build: Command = program::cargo(&workspace.root, words);
    build.stderr(Stdio::inherit());
    let said = program::output(&mut build)?;
    said.lines()
        .filter_map(|line| serde_json::from_str::<Built>(line).ok())
        .find(|built| built.target.as_ref().is_some_and(|target| target.name == name))
        .and_then(|built| built.executable)
        .with_context(|| format!("cargo built no program {name}"))
}
