//! CI, tests, tidiness, benches and releases of the workspace: `cargo xtask --help` lists them.

mod behaviours;
mod bench;
mod ci;
mod console;
mod faults;
mod http;
mod memory;
mod peers;
mod portal;
mod program;
mod release;
mod suite;
mod tally;
mod tidy;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "CI, tests, tidiness, benches and releases of the workspace")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that must hold before a change lands: format, clippy, tidy, docs, all tests.
    Ci,
    /// All tests: unit, property, integration, end-to-end, doc tests, then the peer checks.
    Test {
        /// Also the long ones (the tests read `B24_TEST_LONG`).
        #[arg(long)]
        long: bool,
    },
    /// The peer checks alone: programs written by others against the sandbox and the workbooks.
    Peers,
    /// Writes the tests of every behaviour into docs/peer-behaviours.md.
    Behaviours,
    /// Runs the fault matrix against the sandbox and writes its column into docs/fault-matrix.md.
    Faults,
    /// Layers, names, file lengths, forgotten module files.
    Tidy,
    /// Measures the scenarios of `benches/` and compares them with their bars.
    Bench {
        /// One scenario; without it, all.
        name: Option<String>,
        /// Where the figures go; without it, `target/bench/NAME.json`.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Checks that VERSION can be released; sets, commits and tags it with `--execute`.
    Release {
        /// The version, such as 0.2.0.
        version: String,
        /// Really do it; without it nothing is changed.
        #[arg(long)]
        execute: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::note(format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let workspace = Workspace::load()?;
    match task {
        Task::Ci => ci::run(&workspace),
        Task::Test { long } => suite::run(&workspace, long),
        Task::Peers => peers::run_alone(&workspace),
        Task::Behaviours => behaviours::run(&workspace),
        Task::Faults => faults::run(&workspace),
        Task::Tidy => tidy::run(&workspace),
        Task::Bench { name, json } => bench::run(&workspace, name.as_deref(), json.as_deref()),
        Task::Release { version, execute } => release::run(&workspace, &version, execute),
    }
}
