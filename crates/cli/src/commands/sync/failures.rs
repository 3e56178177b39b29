//! How a synchronisation that cannot go on ends the program.

use workflow::sync::SyncError;
use workflow::sync::apply::ApplyError;
use workflow::sync::look_up::LookUpError;
use workflow::sync::plan::PlanError;

use super::of_journal;
use crate::commands::report::of_workflow;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// A failure of a session.
pub(super) fn of_sync(error: &SyncError) -> Failure {
    let exit = match error {
        SyncError::Journal(error) | SyncError::Apply(ApplyError::Journal(error)) => return of_journal(error),
        SyncError::Portal(error) => return of_workflow(error),
        SyncError::Plan(error) => exit_of(error),
        SyncError::Apply(ApplyError::LookUp(error)) => exit_of_look_up(error),
        SyncError::Apply(ApplyError::ImportRefused(_)) => Exit::Refused,
        SyncError::Apply(_) => Exit::Bug,
        SyncError::NoRun(_) | SyncError::OtherSource { .. } => Exit::Usage,
        _ => Exit::Refused,
    };
    failure(exit, error.code(), error, error.hint())
}

/// A failure of a plan.
pub(super) fn of_plan(error: &PlanError) -> Failure {
    failure(exit_of(error), error.code(), error, error.hint().map(str::to_owned))
}

fn exit_of(error: &PlanError) -> Exit {
    match error {
        PlanError::LookUp(error) => exit_of_look_up(error),
        PlanError::Encode(_) | PlanError::Workbook(_) => Exit::Bug,
        PlanError::NoPlan { .. } | PlanError::Newer { .. } => Exit::Usage,
        _ => Exit::Refused,
    }
}

fn exit_of_look_up(error: &LookUpError) -> Exit {
    match error {
        LookUpError::Call { source, .. } => Failure::exit_of(source.kind()),
        LookUpError::Batch { .. } => Exit::Bug,
        _ => Exit::Refused,
    }
}

fn failure(exit: Exit, code: &'static str, error: &dyn std::error::Error, hint: Option<String>) -> Failure {
    let failure = Failure::of_library(exit, code, error.to_string());
    let failure = match error.source() {
        Some(cause) => failure.because(output::chain(cause)),
        None => failure,
    };
    failure.advise(hint.unwrap_or_else(|| "read the reason above and run again".to_owned()))
}
