//! One file per command; here they are started and their answers printed.

mod batch;
mod call;
mod completions;
mod config;
mod demo;
mod doctor;
mod fields;
mod forget;
mod import;
mod index;
mod list;
mod login;
mod man;
mod report;
mod sandbox;
mod search;
mod sync;

use crate::args::{Args, Command, IndexCommand, SandboxCommand, SyncCommand};
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, Output};
use crate::settings::Environment;
use crate::{signals, telemetry};

/// Runs the command that was typed.
pub(crate) fn run(args: &Args) -> Exit {
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(failure) => {
            Output::new(&args.globals, false).failure(&failure, &<_>::default());
            return failure.exit();
        }
    };
    let logging = telemetry::start(environment.log());
    let context = Context::new(&args.globals, environment);
    let answered = logging.and_then(|()| runtime()).and_then(|runtime| {
        let answered = runtime.block_on(until_stopped(&context, &args.command));
        // A portal that does not answer must not keep an interrupted program alive.
        runtime.shutdown_background();
        answered
    });
    let printed = answered.and_then(|answer| {
        context.out.answer(&answer, &context.stats())?;
        Ok(answer.code())
    });
    printed.unwrap_or_else(|failure| {
        context.out.failure(&failure, &context.stats());
        failure.exit()
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(Code::Runtime, "starting")
            .because(error)
            .advise("check the limits of this user (threads, files)")
    })
}

async fn until_stopped(context: &Context, command: &Command) -> Result<Answer, Failure> {
    if let Command::Sandbox(SandboxCommand::Serve(args)) = command {
        return sandbox::serve(context, args).await;
    }
    if let Command::Sync(SyncCommand::Run(args)) = command
        && let Some(pause) = args.every
    {
        let ended = sync::every(context, args, pause).await;
        context.settle().await;
        return ended;
    }
    if let Command::Index(IndexCommand::Work(args)) = command {
        return index::work::run(context, args).await;
    }
    tokio::select! {
        // The command comes first: while it waits for a person's input, before its first request, Ctrl-C ends the
        // program at once.
        biased;
        answered = dispatch(context, command) => answered,
        Ok(()) = signals::stop_requested() => {
            context.settle().await;
            Err(Failure::interrupted())
        }
    }
}

async fn dispatch(context: &Context, command: &Command) -> Result<Answer, Failure> {
    match command {
        Command::Demo(args) => demo::run(context, args).await,
        Command::Config(command) => config::run(context, command).await,
        Command::Doctor => doctor::run(context).await,
        Command::Login => login::run(context).await,
        Command::Fields(args) => fields::run(context, args).await,
        Command::Report(command) => report::run(context, command).await,
        Command::Call(args) => call::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
        Command::Batch(args) => batch::run(context, args).await,
        Command::Import(args) => import::run(context, args).await,
        Command::Sync(command) => sync::run(context, command).await,
        Command::Index(command) => index::run(context, command).await,
        Command::Search(args) => search::run(context, args).await,
        Command::Forget(args) => forget::run(context, args),
        Command::Completions { shell } => completions::run(*shell),
        Command::Man { out } => man::run(context, out.as_deref()),
        Command::Sandbox(SandboxCommand::Serve(args)) => sandbox::serve(context, args).await,
    }
}
