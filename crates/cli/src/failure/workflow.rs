//! Failures of the orchestrators: registers, imports, files of commands, the portal's structure.

use std::path::Path;

use workflow::Error;
use workflow::command_file::CommandFileError;
use workflow::import::ImportError;
use workflow::period::PeriodError;

use super::Failure;
use crate::exit::Exit;
use crate::input;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error {
            Error::Portal { source, .. } => return Self::from(*source),
            Error::StandardOutput(source) => return Self::stdout(&source),
            Error::PortalCall { ref source, .. } => Self::exit_of(source.kind()),
            Error::Import(ref error) if is_guard(error) => Exit::Refused,
            Error::RawFile { .. }
            | Error::Import(_)
            | Error::RawFileNewer { .. }
            | Error::OutputFormat { .. }
            | Error::FilterUnknown { .. }
            | Error::RegisterFile { .. }
            | Error::NoRegister { .. }
            | Error::NoRawInvoices { .. }
            | Error::Period(_) => Exit::Usage,
            Error::PortalBatch { .. } | Error::Workbook(_) => Exit::Bug,
            _ => Exit::Refused,
        };
        let hint = error.hint().unwrap_or_else(|| "read the reason above".to_owned());
        Self::of_error(exit, error.code(), &error, hint)
    }
}

impl Failure {
    /// A file of commands that cannot be sent.
    pub(crate) fn of_commands(path: &Path, error: &CommandFileError) -> Self {
        let attempted = format!("reading the commands from {}", input::name(path));
        Self::of_library(Exit::Usage, error.code(), attempted).because(error).advise(error.hint())
    }

    /// A period that cannot be understood.
    pub(crate) fn of_period(error: &PeriodError) -> Self {
        Self::of_library(Exit::Usage, error.code(), "reading the period")
            .because(error)
            .advise("for example `--period 2026`, `--period 2026-Q1` or `--from 01.01.2026 --to 31.03.2026`")
    }

    /// A day that cannot be understood.
    pub(crate) fn of_day(error: &PeriodError) -> Self {
        Self::of_library(Exit::Usage, error.code(), error.to_string())
            .advise("write it as 2026-03-31 or 31.03.2026")
    }
}

/// Whether something on this side refused although the command line is right.
fn is_guard(error: &ImportError) -> bool {
    matches!(
        error,
        ImportError::Foreign { .. }
            | ImportError::InUse { .. }
            | ImportError::InputChanged { .. }
            | ImportError::OutcomesNotWritable { .. }
    )
}
