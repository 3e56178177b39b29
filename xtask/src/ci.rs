//! What must hold before a change lands. CI and a developer run the same command.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::console;
use crate::program;
use crate::suite;
use crate::tidy;
use crate::workspace::Workspace;

/// Runs every step, also after a failed one, and says at the end which failed.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let steps: [(&str, Step); 6] = [
        ("format", format),
        ("clippy", clippy),
        ("tidy", tidy::run),
        ("docs", docs),
        ("deny", deny),
        ("test", |workspace| suite::run(workspace, false)),
    ];
    let mut failed = Vec::new();
    let mut summary = Vec::new();
    for (name, step) in steps {
        let started = Instant::now();
        let outcome = step(workspace);
        let seconds = started.elapsed().as_secs();
        match outcome {
            Ok(()) => summary.push(format!("ci: {name}: ok in {seconds} s")),
            Err(error) => {
                summary.push(format!("ci: {name}: FAILED after {seconds} s: {error:#}"));
                failed.push(name);
            }
        }
    }
    summary.iter().for_each(console::line);
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

type Step = fn(&Workspace) -> Result<()>;

fn format(workspace: &Workspace) -> Result<()> {
    program::run(&mut program::cargo(&workspace.root, ["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    program::run(&mut program::cargo(&workspace.root, arguments))
}

fn docs(workspace: &Workspace) -> Result<()> {
    let mut cargo = program::cargo(&workspace.root, ["doc", "--no-deps", "--workspace"]);
    program::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Licences, sources and bans need no network. Advisories do, and they change without any change of ours:
/// `cargo deny check advisories` is run by hand before a release.
fn deny(workspace: &Workspace) -> Result<()> {
    if !program::exists("cargo-deny", "--version") {
        console::note("deny: skipped, cargo-deny is not installed (`cargo install cargo-deny --locked`)");
        return Ok(());
    }
    program::run(&mut program::cargo(
        &workspace.root,
        ["deny", "--offline", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"],
    ))
}
