//! `b24 config`.

mod edit;
mod init;
mod show;

use serde::Serialize;

use crate::args::ConfigCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

/// Runs `b24 config init|show|path`.
pub(super) async fn run(context: &Context, command: &ConfigCommand) -> Result<Answer, Failure> {
    match command {
        ConfigCommand::Init { force } => init::run(context, *force).await,
        ConfigCommand::Show => show::run(context),
        ConfigCommand::Path => path(context),
    }
}

/// Where things lie; works with a broken config file too.
fn path(context: &Context) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Paths {
        config: String,
        state: String,
    }
    let places = context.places()?;
    let paths =
        Paths { config: places.config.display().to_string(), state: places.state.display().to_string() };
    Answer::new(format!("config: {}\nstate:  {}\n", paths.config, paths.state), &paths)
}
