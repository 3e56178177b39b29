//! Runs a scenario: the portal in one process, the measured client in another.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::figures::Figures;
use super::scenario::Scenario;
use crate::console;
use crate::memory;
use crate::portal::{self, Portal};
use crate::program;
use crate::workspace::Workspace;

/// Short against every scenario; the system keeps the peak, so only the last moments can be missed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

pub(super) fn run(workspace: &Workspace, scenario: &Scenario, folder: &Path) -> Result<Figures> {
    let binary = portal::binary(&workspace.target, "release");
    let log = folder.join(format!("{}-sandbox.log", scenario.name));
    let portal = Portal::start(&binary, &scenario.sandbox, &log)?;

    let out = folder.join(&scenario.name).to_string_lossy().into_owned();
    let mut client = portal.client(&binary, folder);
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
    let journal = portal.journal()?;
    Ok(Figures {
        wall_seconds: wall.as_secs_f64(),
        client_peak_bytes: client_peak,
        sandbox_peak_bytes: memory::peak(portal.pid()),
        requests: journal.requests,
        commands: journal.commands,
        rejected: journal.rejected,
    })
}
