//! How a synchronisation that cannot go on ends the program.

use std::path::Path;

use workflow::sync::apply::ApplyError;
use workflow::sync::look_up::LookUpError;
use workflow::sync::plan::PlanError;
use workflow::sync::{Finding, Level, MappingError, SourceError, SyncError};

use super::Failure;
use crate::exit::Exit;

const GENERAL: &str = "read the reason above and run again";

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        let exit = match error {
            SyncError::Journal(error) | SyncError::Apply(ApplyError::Journal(error)) => return error.into(),
            SyncError::Portal(error) => return Self::from(*error),
            SyncError::Mapping(ref findings) | SyncError::Columns(ref findings) => {
                return unfit(&error, findings);
            }
            SyncError::Plan(ref error) => exit_of(error),
            SyncError::Apply(ApplyError::LookUp(ref error)) => exit_of_look_up(error),
            SyncError::Apply(ApplyError::ImportRefused(_)) => Exit::Refused,
            SyncError::Apply(_) => Exit::Bug,
            SyncError::NoRun(_) | SyncError::OtherSource { .. } => Exit::Usage,
            _ => Exit::Refused,
        };
        let hint = error.hint().unwrap_or_else(|| GENERAL.to_owned());
        Self::of_error(exit, error.code(), &error, hint)
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        SyncError::Source(error).into()
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let hint = error.hint().unwrap_or_else(|| GENERAL.to_owned());
        Self::of_error(exit_of(&error), error.code(), &error, hint)
    }
}

impl Failure {
    /// A file that is no mapping.
    pub(crate) fn of_mapping(path: &Path, error: &MappingError) -> Self {
        Self::of_library(Exit::Usage, error.code(), format!("reading the mapping {}", path.display()))
            .because(error)
            .advise(error.hint())
    }
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
