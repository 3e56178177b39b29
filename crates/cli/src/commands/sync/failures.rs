//! How a synchronisation that cannot go on ends the program.

use workflow::sync::apply::ApplyError;
use workflow::sync::look_up::LookUpError;
use workflow::sync::plan::PlanError;
use workflow::sync::{Finding, Level, SyncError};

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
        SyncError::Mapping(findings) | SyncError::Columns(findings) => return unfit(error, findings),
        SyncError::Plan(error) => exit_of(error),
        SyncError::Apply(ApplyError::LookUp(error)) => exit_of_look_up(error),
        SyncError::Apply(ApplyError::ImportRefused(_)) => Exit::Refused,
        SyncError::Apply(_) => Exit::Bug,
        SyncError::NoRun(_) | SyncError::OtherSource { .. } => Exit::Usage,
        _ => Exit::Refused,
    };
    failure(exit, error.code(), error, error.hint())
}

/// Findings that are told in one line.
const TOLD: usize = 3;

/// A mapping that does not fit: what is wrong with its lines, and where all of it is listed.
fn unfit(error: &SyncError, findings: &[Finding]) -> Failure {
    let wrong: Vec<&Finding> = findings.iter().filter(|finding| finding.level == Level::Error).collect();
    let mut said: Vec<String> = wrong.iter().take(TOLD).map(|finding| told(finding)).collect();
    if wrong.len() > TOLD {
        said.push(format!("and {} more", wrong.len() - TOLD));
    }
    let attempted = match error {
        SyncError::Columns(_) => "the mapping does not fit the source",
        _ => "the mapping does not fit the portal",
    };
    Failure::of_library(Exit::Refused, error.code(), attempted)
        .because(said.join("; "))
        .advise("correct the mapping, then prove it: b24 sync check MAPPING.toml")
}

fn told(finding: &Finding) -> String {
    match finding.line {
        Some(line) => format!("line {line}: {} ({})", finding.message, finding.hint),
        None => format!("{} ({})", finding.message, finding.hint),
    }
}

/// A failure of a plan.
pub(super) fn of_plan(error: &PlanError) -> Failure {
    failure(exit_of(error), error.code(), error, error.hint())
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
