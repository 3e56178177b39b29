//! Why an orchestrator could not finish. Partial results travel in the register, not here.

use std::io;
use std::path::PathBuf;

use crate::Basis;
use crate::import::ImportError;
use crate::index::IndexError;
use crate::period::PeriodError;
use crate::sync::SourceError;

/// An error of an orchestrator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The portal did not deliver something the whole run needs.
    #[error("cannot read {what} from the portal")]
    Portal {
        /// What was asked for.
        what: &'static str,
        /// Why it did not come.
        source: Box<b24_client::Error>,
    },
    /// The portal refused or lost a call the whole run needs.
    #[error("cannot read {what} from the portal")]
    PortalCall {
        /// What was asked for.
        what: &'static str,
        /// Why it did not come.
        source: Box<b24_client::CallError>,
    },
    /// Calls could not be put together.
    #[error("cannot ask the portal for {what}")]
    PortalBatch {
        /// What was to be asked for.
        what: &'static str,
        /// Why not.
        source: Box<b24_client::BatchError>,
    },
    /// The field configured for a date does not exist.
    #[error("invoices have no field with the code or title `{asked}`")]
    DateFieldUnknown {
        /// The field asked for.
        asked: String,
    },
    /// Two fields have the title configured for a date.
    #[error("two fields of invoices are titled `{asked}`: {first} and {second}")]
    DateFieldAmbiguous {
        /// The title asked for.
        asked: String,
        /// Code of the first.
        first: String,
        /// Code of the second.
        second: String,
    },
    /// The portal has no field for the date that is to decide about the period.
    #[error("invoices have no field with the date of {}", if *basis == Basis::Paid { "payment" } else { "shipment" })]
    DateFieldMissing {
        /// The date that was to decide.
        basis: Basis,
    },
    /// The file holds other lines than raw invoices.
    #[error("`{}` {}, not the raw invoices of --save-raw", path.display(), if *register { "is a register" } else { "holds something else" })]
    NoRawInvoices {
        /// The file.
        path: PathBuf,
        /// Whether it is the register that was made of them.
        register: bool,
    },
    /// A stage, currency or own company that was asked for does not exist.
    #[error("the portal has no {what} `{asked}`")]
    FilterUnknown {
        /// `stage`, `currency` or `own company`.
        what: &'static str,
        /// What was asked for.
        asked: String,
        /// What there is.
        known: String,
    },
    /// The register has no column with this id.
    #[error("the register has no column `{asked}`")]
    ColumnUnknown {
        /// The id asked for.
        asked: String,
    },
    /// A column was asked for twice.
    #[error("the column `{asked}` is chosen twice")]
    ColumnRepeated {
        /// The id asked for.
        asked: String,
    },
    /// The output exists and replacing it was not asked for.
    #[error("`{}` exists already", path.display())]
    OutputExists {
        /// The output.
        path: PathBuf,
    },
    /// The output cannot be written.
    #[error("cannot write `{}`", path.display())]
    OutputNotWritable {
        /// The output.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    StandardOutput(#[source] io::Error),
    /// The output's format is not known from its name.
    #[error("`{}` names no known format; end it in .xlsx, .csv or .jsonl", path.display())]
    OutputFormat {
        /// The output.
        path: PathBuf,
    },
    /// The workbook could not be built.
    #[error("cannot build the workbook")]
    Workbook(#[source] rust_xlsxwriter::XlsxError),
    /// The file of raw invoices cannot be read.
    #[error("cannot read `{}`", path.display())]
    RawFile {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The first line of a file of raw invoices comes from a newer version.
    #[error("`{}` was saved by a newer version of b24 (format {found}, this one reads up to {known})", path.display())]
    RawFileNewer {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        found: u32,
        /// Newest format that this version reads.
        known: u32,
    },
    /// A register to compare cannot be read.
    #[error("cannot read `{}`", path.display())]
    RegisterFile {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file to compare is no register of b24.
    #[error("`{}` is no register that b24 wrote: {reason}", path.display())]
    NoRegister {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The period is malformed.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// Rows cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The records of a business system cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Texts cannot be indexed.
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl Error {
    /// The stable kebab code of this error, its area first.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Portal { source, .. } => source.code(),
            Self::PortalCall { source, .. } => source.code(),
            Self::PortalBatch { source, .. } => source.code(),
            Self::DateFieldUnknown { .. } => "register.date-field-unknown",
            Self::DateFieldAmbiguous { .. } => "register.date-field-ambiguous",
            Self::DateFieldMissing { .. } => "register.date-field-missing",
            Self::FilterUnknown { .. } => "register.filter-unknown",
            Self::ColumnUnknown { .. } => "register.column-unknown",
            Self::ColumnRepeated { .. } => "register.column-repeated",
            Self::OutputExists { .. } => "output.exists",
            Self::OutputNotWritable { .. } => "output.not-writable",
            Self::StandardOutput(_) => "output.stdout",
            Self::OutputFormat { .. } => "output.format-unknown",
            Self::Workbook(_) => "output.workbook",
            Self::RawFile { .. } | Self::RegisterFile { .. } => "input.not-readable",
            Self::NoRegister { .. } => "input.no-register",
            Self::NoRawInvoices { .. } => "input.no-raw-invoices",
            Self::RawFileNewer { .. } => "input.newer-version",
            Self::Period(error) => error.code(),
            Self::Import(error) => error.code(),
            Self::Source(error) => error.code(),
            Self::Index(error) => error.code(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Portal { source, .. } => source.hint(),
            Self::PortalCall { source, .. } => source.hint(),
            Self::DateFieldUnknown { .. } => Some(
                "`b24 fields invoice` lists the fields; correct [report] in the configuration".to_owned(),
            ),
            Self::DateFieldAmbiguous { .. } => Some("write the code instead of the title".to_owned()),
            Self::DateFieldMissing { .. } => Some(
                "name the field in [report] of the configuration; `b24 fields invoice` lists them".to_owned(),
            ),
            Self::FilterUnknown { known, .. } => Some(format!("it has {known}")),
            Self::ColumnUnknown { .. } => {
                let known: Vec<&str> = crate::render::Presentation::column_ids().collect();
                Some(format!("columns are: {}", known.join(", ")))
            }
            Self::ColumnRepeated { .. } => Some("name each column once".to_owned()),
            Self::OutputExists { .. } => Some("add --force to replace it, or choose another name".to_owned()),
            Self::OutputNotWritable { .. } => Some("choose a folder that you may write to".to_owned()),
            Self::RegisterFile { .. } => Some("check the path".to_owned()),
            Self::NoRegister { .. } => {
                Some("compare files that `b24 report invoices` wrote: .xlsx, .csv or .jsonl".to_owned())
            }
            Self::NoRawInvoices { .. } => {
                Some("give --input a file that `b24 report invoices --save-raw` wrote".to_owned())
            }
            Self::RawFile { .. } => Some("check the path given with --input".to_owned()),
            Self::RawFileNewer { .. } => Some("update b24".to_owned()),
            Self::Import(error) => Some(error.hint()),
            Self::Source(error) => Some(error.hint()),
            Self::Index(error) => error.hint().map(str::to_owned),
            Self::PortalBatch { .. }
            | Self::StandardOutput(_)
            | Self::OutputFormat { .. }
            | Self::Workbook(_)
            | Self::Period(_) => None,
        }
    }
}
