//! Runs a scenario: the portal in one process, the measured client in another.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::figures::Figures;
use super::scenario::Scenario;
use super::{beside, raw};
use crate::console;
use crate::memory;
use crate::portal::{self, Portal};
use crate::program;
use crate::workspace::Workspace;

/// Short against every scenario; the system keeps the peak, so only the last moments can be missed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

pub(super) fn run(workspace: &Workspace, scenario: &Scenario, folder: &Path) -> Result<Figures> {
    if let Some(program) = &scenario.program {
        let invoices_per_second = Some(beside::program(workspace, program)?);
        return Ok(Figures { invoices_per_second, ..Figures::default() });
    }
    let binary = portal::binary(&workspace.target, "release");
    let log = folder.join(format!("{}-sandbox.log", scenario.name));
    let portal = Portal::start(&binary, &scenario.sandbox, &log)?;

    let out = folder.join(&scenario.name).to_string_lossy().into_owned();
    let raw = folder.join(format!("{}-raw.jsonl", scenario.name)).to_string_lossy().into_owned();
    let sample = folder.join(format!("{}-sample.xlsx", scenario.name));
    if let Some(invoices) = scenario.raw {
        prepare_raw(&mut portal.client(&binary, folder), Path::new(&raw), &sample, invoices)?;
    }
    let mut client = portal.client(&binary, folder);
    let arguments: Vec<String> = scenario
        .client
        .iter()
        .map(|argument| argument.replace("{out}", &out).replace("{raw}", &raw))
        .collect();
    client.args(&arguments);
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
    let journal = portal.journal()?;
    let peer = compared(workspace, scenario, folder, &sample)?;
    let written = beside::written(&arguments).and_then(|path| fs::metadata(path).ok());
    Ok(Figures {
        wall_seconds: wall.as_secs_f64(),
        file_bytes: written.map(|file| file.len()),
        peer_seconds: peer.as_ref().map(|peer| peer.seconds),
        peer_bytes: peer.as_ref().map(|peer| peer.bytes),
        invoices_per_second: None,
        client_peak_bytes: client_peak,
        sandbox_peak_bytes: memory::peak(portal.pid()),
        requests: journal.requests,
        commands: journal.commands,
        rejected: journal.rejected,
    })
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
    beside::peer(workspace, script, sample, invoices, &out).map(Some)
}
