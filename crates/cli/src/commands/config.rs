//! `b24 config`.

use serde::Serialize;

use crate::args::ConfigCommand;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

pub(super) fn run(context: &Context, command: &ConfigCommand) -> Result<Answer, Failure> {
    match command {
        ConfigCommand::Init { force: _ } | ConfigCommand::Show => {
            Err(Failure::new(Code::Usage, "not built yet"))
        }
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
