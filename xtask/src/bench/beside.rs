//! What is measured beside the client: the same work done by somebody else's program, and a bench program of our own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::scenario::Scenario;
use crate::peers;
use crate::program;
use crate::workspace::Workspace;

/// What a peer says of its run.
#[derive(Debug, Deserialize)]
pub(super) struct PeerRun {
    pub(super) seconds: f64,
    pub(super) bytes: u64,
}

impl PeerRun {
    /// What `invoices` take, going by a run of `written`.
    #[expect(clippy::cast_precision_loss, reason = "numbers of invoices of one run")]
    pub(super) fn of_more(self, invoices: u64, written: u64) -> Self {
        let seconds = self.seconds * invoices as f64 / written as f64;
        let bytes = u128::from(self.bytes) * u128::from(invoices) / u128::from(written);
        Self { seconds, bytes: u64::try_from(bytes).unwrap_or(u64::MAX) }
    }
}

/// Lets a script of `tests/peers` write the cells of `sample` as often as `invoices` need.
pub(super) fn peer(
    workspace: &Workspace,
    script: &str,
    sample: &Path,
    invoices: u64,
    out: &Path,
) -> Result<PeerRun> {
    let python = peers::python(workspace)?;
    let mut command = python.command(&workspace.root.join("tests/peers").join(script));
    command.arg(sample).arg(invoices.to_string()).arg(out);
    serde_json::from_str(&program::output(&mut command)?).context("could not read what the peer printed")
}

/// Runs the scenario's program of `benches/`, and what it is compared with; their figures by name.
pub(super) fn program(
    workspace: &Workspace,
    scenario: &Scenario,
    name: &str,
    folder: &Path,
) -> Result<BTreeMap<String, f64>> {
    let own = folder.join(format!("{}.data", scenario.name));
    fs::create_dir_all(&own).with_context(|| format!("could not make {}", own.display()))?;
    let figures = with_peer(workspace, scenario, name, &own);
    fs::remove_dir_all(&own).with_context(|| format!("could not remove {}", own.display()))?;
    figures
}

fn with_peer(
    workspace: &Workspace,
    scenario: &Scenario,
    name: &str,
    folder: &Path,
) -> Result<BTreeMap<String, f64>> {
    let mut command = program::cargo(
        &workspace.root,
        ["bench", "--quiet", "--package", &scenario.package, "--bench", name, "--"],
    );
    let place = folder.to_string_lossy();
    command.args(scenario.arguments.iter().map(|argument| argument.replace("{folder}", &place)));
    let mut figures = printed(&program::output(&mut command)?)?;
    let Some(script) = &scenario.against else { return Ok(figures) };
    let python = peers::python(workspace)?;
    let mut command = python.command(&workspace.root.join("benches/peers").join(script));
    for (name, theirs) in printed(&program::output(command.arg(folder))?)? {
        if let Some(ours) = figures.get(&name) {
            figures.insert(format!("of_peer_{name}"), ours / theirs);
        }
        figures.insert(format!("peer_{name}"), theirs);
    }
    Ok(figures)
}

/// A figure that could not be measured is printed as null and left out.
fn printed(text: &str) -> Result<BTreeMap<String, f64>> {
    let figures: BTreeMap<String, Option<f64>> =
        serde_json::from_str(text).with_context(|| format!("these are no figures: {}", text.trim()))?;
    Ok(figures.into_iter().filter_map(|(name, figure)| Some((name, figure?))).collect())
}

/// The file that the client wrote.
pub(super) fn written(arguments: &[String]) -> Option<PathBuf> {
    let place = arguments.iter().position(|argument| argument == "-o")?;
    arguments.get(place + 1).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_wrote_a_part_is_counted_as_if_it_had_written_all() {
        let run = PeerRun { seconds: 120.0, bytes: 100_000_001 }.of_more(1_000_000, 200_000);
        assert!((run.seconds - 600.0).abs() < 1e-9);
        assert_eq!(run.bytes, 500_000_005);
    }
}
