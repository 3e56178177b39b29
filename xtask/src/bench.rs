//! Benches: scenarios of `benches/`, measured on the sandbox with a release build. See docs/benchmarks.md.

mod beside;
mod figures;
mod measure;
mod raw;
mod rival;
mod scenario;
mod visits;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::console;
use crate::program;
use crate::workspace::Workspace;

/// Runs one scenario or all; a missed bar is an error, after all have run.
pub(crate) fn run(workspace: &Workspace, name: Option<&str>, json: Option<&Path>) -> Result<()> {
    let scenarios = scenario::load(&workspace.root.join("benches"), name)?;
    if json.is_some() && scenarios.len() > 1 {
        bail!("--json takes one scenario's figures: name the scenario");
    }
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    if scenarios.iter().any(|scenario| scenario.program.is_none()) {
        program::run(&mut program::cargo(&workspace.root, ["build", "--release", "--package", "cli"]))?;
    }

    let mut missed = Vec::new();
    for scenario in &scenarios {
        let figures = measure::run(workspace, scenario, &folder)
            .with_context(|| format!("scenario {} failed", scenario.name))?;
        console::line(figures.table(scenario));
        let default = folder.join(format!("{}.json", scenario.name));
        let file = json.unwrap_or(&default);
        fs::write(file, figures.json()?).with_context(|| format!("could not write {}", file.display()))?;
        console::note(format!("figures: {}", file.display()));
        if figures.misses(scenario) {
            missed.push(scenario.name.as_str());
        }
    }
    if !missed.is_empty() {
        bail!("bars missed: {}", missed.join(", "));
    }
    Ok(())
}
