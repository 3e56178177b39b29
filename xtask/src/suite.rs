//! The one test command: it prepares what the tests need and runs all of them.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::console;
use crate::peers;
use crate::program;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Peers are prepared first, so that a failing installation shows at once; the tests run all the same.
pub(crate) fn run(workspace: &Workspace, long: bool) -> Result<()> {
    let peers = peers::prepare(workspace);
    let tests = cargo_test(workspace, long);
    let checks = peers.and_then(|ready| peers::check(workspace, &ready));
    match (tests, checks) {
        (Ok(()), Ok(())) => Ok(()),
        (Err(error), Ok(())) | (Ok(()), Err(error)) => Err(error),
        (Err(tests), Err(checks)) => bail!("{tests:#}; {checks:#}"),
    }
}

fn cargo_test(workspace: &Workspace, long: bool) -> Result<()> {
    let mut cargo = program::cargo(&workspace.root, ["test", "--workspace", "--no-fail-fast"]);
    cargo.stdin(Stdio::null()).stdout(Stdio::piped());
    if long {
        cargo.env("B24_TEST_LONG", "1");
    }
    console::note(format!("$ {}", program::shown(&cargo)));
    let mut child = cargo.spawn().context("could not start `cargo test`")?;
    let mut tally = Tally::default();
    let stdout = child.stdout.take().context("`cargo test` has no stdout")?;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("could not read the output of `cargo test`")?;
        let line = String::from_utf8_lossy(&line);
        tally.read(&line);
        console::line(line);
    }
    let status = child.wait().context("could not wait for `cargo test`")?;
    console::line(format!("tests: {tally}"));
    if !status.success() {
        bail!("`cargo test --workspace` failed ({status})");
    }
    if tally.passed == 0 {
        bail!("`cargo test --workspace` ran no test");
    }
    Ok(())
}
