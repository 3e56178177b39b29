//! Clients of others at the same work, each with a portal of its own.

use std::path::Path;
use std::process::Stdio;
use std::thread;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::measure::LOOK_EVERY;
use super::scenario::Scenario;
use crate::console;
use crate::memory;
use crate::peers::python::Python;
use crate::portal::{self, Portal};
use crate::program;
use crate::workspace::Workspace;

/// What a rival did in one run; no seconds when it failed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Rival {
    pub(super) name: String,
    pub(super) seconds: Option<f64>,
    pub(super) ordered: bool,
    pub(super) peak_bytes: Option<u64>,
    pub(super) requests: u64,
    pub(super) rejected: u64,
}

/// What the script prints.
#[derive(Debug, Deserialize)]
struct Said {
    seconds: f64,
    rows: u64,
    ordered: bool,
}

/// Runs one rival once.
pub(super) fn run(
    workspace: &Workspace,
    scenario: &Scenario,
    name: &str,
    python: &Python,
    folder: &Path,
) -> Result<Rival> {
    let log = folder.join(format!("{}-{name}-sandbox.log", scenario.name));
    let mut arguments = scenario.sandbox.clone();
    // The official SDK speaks https only.
    let over_tls = name.starts_with("b24pysdk");
    if over_tls {
        arguments.extend(["--tls-port".to_owned(), "0".to_owned()]);
    }
    let portal = Portal::start(&portal::binary(&workspace.target, "release"), &arguments, &log)?;
    let mut command = python.command(&workspace.root.join("benches/peers/list_deals.py"));
    command.arg(name);
    if over_tls {
        let (webhook, certificate) = portal.tls()?;
        command.arg(webhook).env("REQUESTS_CA_BUNDLE", certificate);
    } else {
        command.arg(portal.webhook());
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    console::note(format!("$ {name}: {}", program::shown(&command)));
    let mut child = command.spawn().context("could not start Python")?;
    let mut peak_bytes = None;
    while child.try_wait().context("could not wait for Python")?.is_none() {
        peak_bytes = memory::peak(child.id()).or(peak_bytes);
        thread::sleep(LOOK_EVERY);
    }
    let output = child.wait_with_output().context("could not read what Python printed")?;
    let journal = portal.journal()?;
    let said = serde_json::from_slice::<Said>(&output.stdout).ok().filter(|_| output.status.success());
    if let (Some(said), Some(rows)) = (&said, scenario.rows)
        && said.rows != rows
    {
        bail!("{name} gave {} of {rows} rows", said.rows);
    }
    Ok(Rival {
        name: name.to_owned(),
        seconds: said.as_ref().map(|said| said.seconds),
        ordered: said.is_some_and(|said| said.ordered),
        peak_bytes,
        requests: journal.requests,
        rejected: journal.rejected,
    })
}
