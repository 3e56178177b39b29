//! Runs a scenario: the portal in one process, the measured client in another.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::figures::{Figures, Run};
use super::scenario::Scenario;
use super::{beside, raw, rival};
use crate::console;
use crate::memory;
use crate::peers;
use crate::portal::{self, Portal};
use crate::program;
use crate::workspace::Workspace;

/// Short against every scenario; the system keeps the peak, so only the last moments can be missed.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(5);

pub(super) fn run(workspace: &Workspace, scenario: &Scenario, folder: &Path) -> Result<Figures> {
    if let Some(program) = &scenario.program {
        let printed = beside::program(workspace, scenario, program, folder)?;
        return Figures::of(&[Run { printed, ..Run::default() }], Vec::new());
    }
    let caller = match &scenario.caller {
        Some(name) => Some(bench_program(workspace, name)?),
        None => None,
    };
    let python = if scenario.rivals.is_empty() { None } else { Some(peers::python(workspace)?) };
    let (mut runs, mut rivals) = (Vec::new(), Vec::new());
    for _ in 0..scenario.repeat.max(1) {
        if let Some(python) = &python {
            for name in &scenario.rivals {
                rivals.push(rival::run(workspace, scenario, name, python, folder)?);
            }
        }
        runs.push(run_once(workspace, scenario, caller.as_deref(), folder)?);
    }
    Figures::of(&runs, rivals)
}

fn run_once(workspace: &Workspace, scenario: &Scenario, caller: Option<&Path>, folder: &Path) -> Result<Run> {
    let binary = portal::binary(&workspace.target, "release");
    let log = folder.join(format!("{}-sandbox.log", scenario.name));
    let portal = Portal::start(&binary, &scenario.sandbox, &log)?;

    let out = folder.join(&scenario.name).to_string_lossy().into_owned();
    let raw = folder.join(format!("{}-raw.jsonl", scenario.name)).to_string_lossy().into_owned();
    let sample = folder.join(format!("{}-sample.xlsx", scenario.name));
    if let Some(invoices) = scenario.raw {
        prepare_raw(&mut portal.client(&binary, folder), Path::new(&raw), &sample, invoices)?;
    }
    // What an earlier run remembered is about another portal.
    fs::remove_dir_all(format!("{out}-state")).ok();
    let data = folder.join(format!("{}-data", scenario.name));
    let mapping = match scenario.visits {
        Some(visits) => visits.write(workspace, &data, 0)?.to_string_lossy().into_owned(),
        None => String::new(),
    };
    let fill = |argument: &String| {
        argument.replace("{out}", &out).replace("{raw}", &raw).replace("{mapping}", &mapping)
    };
    let arguments: Vec<String> = scenario.client.iter().map(fill).collect();
    let ready = || -> Result<Command> {
        let mut client = portal.client(caller.unwrap_or(&binary), folder);
        client.args(&arguments);
        if !scenario.config.is_empty() {
            let config = folder.join(format!("{}-config.toml", scenario.name));
            fs::write(&config, scenario.config.to_string())
                .with_context(|| format!("could not write {}", config.display()))?;
            client.env("B24_CONFIG", config);
        }
        console::note(format!("$ {}", program::shown(&client)));
        Ok(client)
    };
    if let Some((visits, changed)) = scenario.visits.and_then(|v| v.changed.map(|changed| (v, changed))) {
        watched(&mut ready()?)?;
        visits.write(workspace, &data, changed)?;
    }
    let before = portal.journal()?;

    let (wall, client_peak_bytes) = watched(&mut ready()?)?;
    if let Some(rows) = scenario.rows {
        check_rows(&PathBuf::from(format!("{out}.jsonl")), rows)?;
    }
    let journal = portal.journal()?;
    let deals = scenario.bars.deals.map(|deals| check_deals(&portal, deals)).transpose()?;
    let peer = compared(workspace, scenario, folder, &sample)?;
    let written = beside::written(&arguments).and_then(|path| fs::metadata(path).ok());
    Ok(Run {
        wall_seconds: wall.as_secs_f64(),
        file_bytes: written.map(|file| file.len()),
        peer_seconds: peer.as_ref().map(|peer| peer.seconds),
        peer_bytes: peer.as_ref().map(|peer| peer.bytes),
        printed: BTreeMap::new(),
        client_peak_bytes,
        sandbox_peak_bytes: memory::peak(portal.pid()),
        requests: journal.requests - before.requests,
        commands: journal.commands - before.commands,
        rejected: journal.rejected - before.rejected,
        robots: journal.robots - before.robots,
        deals,
        records: scenario.visits.map(|visits| visits.records),
        work_seconds: scenario.visits.map(|_| journal.work_seconds - before.work_seconds),
    })
}

/// Runs a program to its end: how long it took, and its largest memory.
fn watched(client: &mut Command) -> Result<(Duration, Option<u64>)> {
    let started = Instant::now();
    let mut child = client.spawn().context("could not start the client")?;
    let mut peak = None;
    let status = loop {
        peak = memory::peak(child.id()).or(peak);
        if let Some(status) = child.try_wait().context("could not wait for the client")? {
            break status;
        }
        thread::sleep(LOOK_EVERY);
    };
    let wall = started.elapsed();
    if !status.success() {
        bail!("the client failed ({status})");
    }
    Ok((wall, peak))
}

/// Lets the client save the portal's raw invoices and multiplies them; its workbook is the peer's sample.
fn prepare_raw(client: &mut Command, raw: &Path, sample: &Path, invoices: u64) -> Result<()> {
    let base = raw.with_extension("base.jsonl");
    client.args(["report", "invoices", "--from", "2025-01-01", "--to", "2026-12-31", "--force", "-o"]);
    program::run(client.arg(sample).arg("--save-raw").arg(&base).stdout(Stdio::null()))?;
    raw::multiply(&base, raw, invoices)
}

/// The peer's run on the same cells, where the scenario has one.
fn compared(
    workspace: &Workspace,
    scenario: &Scenario,
    folder: &Path,
    sample: &Path,
) -> Result<Option<beside::PeerRun>> {
    let (Some(script), Some(invoices)) = (&scenario.peer, scenario.raw) else { return Ok(None) };
    let out = folder.join(format!("{}-peer.xlsx", scenario.name));
    let written = scenario.peer_invoices.map_or(invoices, |fewer| fewer.min(invoices)).max(1);
    let run = beside::peer(workspace, script, sample, written, &out)?;
    if written < invoices {
        console::note(format!(
            "the peer wrote {written} of {invoices} invoices in {:.1} s; its time and its file are multiplied",
            run.seconds
        ));
    }
    Ok(Some(run.of_more(invoices, written)))
}

/// A sync that is fast and loses or doubles deals is none.
fn check_deals(portal: &Portal, expected: u64) -> Result<u64> {
    #[derive(Deserialize)]
    struct Rows {
        count: u64,
    }
    let text = portal.page("/sandbox/rows?entity=deal")?;
    let rows: Rows = serde_json::from_str(&text).context("could not read the sandbox's deals")?;
    if rows.count != expected {
        bail!("{} deals instead of {expected}", rows.count);
    }
    Ok(rows.count)
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
