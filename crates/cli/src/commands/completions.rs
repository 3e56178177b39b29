//! `b24 completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer};

/// Prints the completion script.
pub(super) fn run(shell: Shell) -> Result<Answer, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "b24", &mut script);
    output::data(&String::from_utf8_lossy(&script))?;
    Ok(Answer::printed(Exit::Done))
}
