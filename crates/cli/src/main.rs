//! b24: the command line for people who run a Bitrix24 portal.

mod args;
mod ask;
mod clock;
mod code;
mod commands;
mod context;
mod exit;
mod failure;
mod guard;
mod input;
mod memory;
mod output;
mod progress;
mod secret;
mod session;
mod settings;
mod signals;
mod telemetry;

use std::process::ExitCode;

fn main() -> ExitCode {
    guard::catching_bugs(|| match args::parse() {
        Ok(args) => commands::run(&args),
        Err(exit) => exit,
    })
    .into()
}
