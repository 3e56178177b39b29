//! `b24 man`.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;
use serde::Serialize;

use crate::args::Args;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer};

/// Prints the main page, or writes one page per command into a folder.
pub(super) fn run(context: &Context, folder: Option<&Path>) -> Result<Answer, Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        Man::new(Args::command()).render(&mut page).map_err(|error| Failure::stdout(&error))?;
        output::data(&String::from_utf8_lossy(&page))?;
        return Ok(Answer::printed(Exit::Done));
    };
    let attempted = || format!("writing manual pages into {}", folder.display());
    fs::create_dir_all(folder).map_err(|error| Failure::file(attempted(), &error))?;
    clap_mangen::generate_to(Args::command(), folder).map_err(|error| Failure::file(attempted(), &error))?;
    context.out.note(format!("manual pages are in {}", folder.display()));
    Answer::new(String::new(), &Written { folder: folder.display().to_string() })
}

/// Where the pages are.
#[derive(Serialize)]
struct Written {
    folder: String,
}
