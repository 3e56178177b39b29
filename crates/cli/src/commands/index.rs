//! `b24 index`: the embedding queue.

mod add;
mod crm;
pub(super) mod part;
mod purge;
mod retry;
mod status;
mod why;
pub(super) mod work;

use crate::args::IndexCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

pub(super) async fn run(context: &Context, command: &IndexCommand) -> Result<Answer, Failure> {
    match command {
        IndexCommand::Add(args) => add::run(context, args).await,
        IndexCommand::Crm(args) => crm::run(context, args).await,
        IndexCommand::Work(args) => work::run(context, args).await,
        IndexCommand::Status => status::run(context),
        IndexCommand::Retry(args) => retry::run(context, args),
        IndexCommand::Purge(args) => purge::run(context, args),
        IndexCommand::Why(args) => why::run(context, args),
    }
}
