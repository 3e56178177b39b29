//! How a synchronisation that cannot go on ends the program.

use std::path::Path;

use workflow::sync::apply::ApplyError;
use workflow::sync::plan::PlanError;
use workflow::sync::{MappingError, SourceError, SyncError};

use super::Failure;
use crate::exit::Exit;

const GENERAL: &str = "read the reason above and run again";

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        let exit = match error {
            SyncError::Journal(error) | SyncError::Apply(ApplyError::Journal(error)) => return error.into(),
            SyncError::Portal(error) => return Self::from(*error),
            SyncError::Plan(ref error) => exit_of(error),
            SyncError::Apply(ApplyError::LookUp(ref error)) => exit_of(error),
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
        Self::of_error(exit_of(&error), error.code(), &error, error.hint().unwrap_or(GENERAL))
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
        PlanError::PortalCall { source, .. } => Failure::exit_of(source.kind()),
        PlanError::PortalBatch { .. } | PlanError::Encode(_) | PlanError::Workbook(_) => Exit::Bug,
        PlanError::NoPlan { .. } | PlanError::Newer { .. } => Exit::Usage,
        _ => Exit::Refused,
    }
}
