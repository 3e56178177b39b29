//! Failures of an export into a file.

use std::io;

use workflow::export::ExportError;

use super::Failure;
use crate::code::Code;
use crate::exit::Exit;

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Params(error) => Self::from(*error),
            ExportError::Format { path } => {
                Self::new(Code::Usage, format!("choosing the format of {}", path.display()))
                    .advise("give a file that ends in .jsonl or .csv")
            }
            ExportError::FieldUnknown { ref field, ref close } => {
                let unchecked =
                    format!("`-p 'filter[{field}]=…'` or `-p 'select[]={field}'` is sent unchecked");
                let meant = close.as_ref().map_or_else(
                    || "`b24 fields ENTITY` lists the fields".to_owned(),
                    |close| format!("write it as {close}"),
                );
                Self::of_library(Exit::Usage, error.code(), format!("looking for the field `{field}`"))
                    .because("the portal has no such field, and would drop it without a word")
                    .advise(format!("{meant}; {unchecked}"))
            }
            ExportError::Exists { path } => Self::new(Code::Exists, format!("writing {}", path.display()))
                .because("the file exists already")
                .advise("choose another name, or replace it with --force"),
            ExportError::Interrupted { path } => {
                Self::new(Code::Exists, format!("writing {}", path.display()))
                    .because("an interrupted export into this file is there")
                    .advise("go on with --resume, or begin anew with --force")
            }
            ExportError::Foreign { path, differs } => {
                Self::new(Code::Resume, format!("going on with {}", path.display())).because(differs).advise(
                    "repeat the command it was begun with, or begin anew with --force instead of --resume",
                )
            }
            ExportError::State { path, reason } => {
                Self::new(Code::Resume, format!("reading {}", path.display()))
                    .because(reason)
                    .advise("begin anew with --force instead of --resume")
            }
            ExportError::Short { path } => {
                let reason = "it is shorter than its state says; begin anew with --force";
                Self::file(format!("writing {}", path.display()), &io::Error::other(reason))
            }
            ExportError::Read { path, source } => Self::file(format!("reading {}", path.display()), &source),
            ExportError::Write { path, source } => Self::file(format!("writing {}", path.display()), &source),
            ExportError::Remove { path, source } => {
                Self::file(format!("removing {}", path.display()), &source)
            }
            ExportError::Writer(source) => Self::stdout(&source),
            ExportError::Row { reason } => Self::new(Code::Bug, "writing a row as CSV").because(reason),
            ExportError::Portal { source, kept } => Self::from(*source).resumable(kept),
            error => Self::new(Code::Bug, "exporting the rows").because(error),
        }
    }
}

impl Failure {
    /// Adds how to go on after the rows that were kept.
    fn resumable(self, kept: Option<u64>) -> Self {
        let Some(rows) = kept else { return self };
        let advice = self.advice().unwrap_or_default();
        let advice = format!("{advice}; then repeat the command with --resume: {rows} rows are kept");
        self.advise(advice)
    }
}
