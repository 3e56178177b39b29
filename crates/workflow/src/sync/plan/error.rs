//! Why a plan cannot be made, read or used.

use std::io;
use std::path::PathBuf;

use crate::sync::look_up::LookUpError;

/// A failure of planning. What concerns single records is in their entries.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The portal cannot be asked.
    #[error(transparent)]
    LookUp(#[from] LookUpError),
    /// The file cannot be created or named.
    #[error(transparent)]
    Output(Box<crate::Error>),
    /// The plan cannot be written.
    #[error("cannot write the plan `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// An entry cannot be written as JSON.
    #[error("cannot write an entry of the plan")]
    Encode(#[source] serde_json::Error),
    /// The workbook cannot be made.
    #[error("cannot build the workbook of the plan")]
    Workbook(#[source] rust_xlsxwriter::XlsxError),
    /// The plan cannot be read.
    #[error("cannot read the plan `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The file is something else.
    #[error("`{}` is no plan that b24 saved", path.display())]
    NoPlan {
        /// The file.
        path: PathBuf,
    },
    /// The plan comes from a newer version.
    #[error("`{}` was saved by a newer version of b24 (format {found}, this one reads up to {known})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format this version reads.
        known: u32,
    },
    /// The plan is incomplete or was changed.
    #[error("`{}` is not the plan that was saved: {reason}", path.display())]
    Torn {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// The plan was made for another portal.
    #[error("the plan was made for the portal {planned}, this one is {now}")]
    OtherPortal {
        /// The plan's portal.
        planned: String,
        /// This one.
        now: String,
    },
    /// The mapping is not the one the plan was made with.
    #[error("the mapping was changed after the plan was made")]
    MappingChanged,
    /// The portal's fields are not those the plan was made with.
    #[error("fields, stages or enumerations of the portal were changed after the plan was made")]
    FieldsChanged,
}

impl PlanError {
    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::LookUp(error) => error.code(),
            Self::Output(source) => source.code(),
            Self::Write { .. } | Self::Encode(_) | Self::Workbook(_) => "sync.plan-not-writable",
            Self::Read { .. } => "sync.plan-not-readable",
            Self::NoPlan { .. } => "sync.plan-unknown-file",
            Self::Newer { .. } => "sync.plan-newer",
            Self::Torn { .. } => "sync.plan-torn",
            Self::OtherPortal { .. } => "sync.plan-other-portal",
            Self::MappingChanged => "sync.plan-mapping-changed",
            Self::FieldsChanged => "sync.plan-fields-changed",
        }
    }

    /// What to do, where there is something better than running again.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::LookUp(error) => return error.hint().map(str::to_owned),
            Self::Output(source) => return source.hint(),
            Self::Read { .. } => "check the path",
            Self::NoPlan { .. } => "give the file that `b24 sync plan MAPPING -o plan.json` saved",
            Self::Newer { .. } => "use the version that saved it, or make the plan anew: b24 sync plan",
            Self::Write { .. } => "check the disk and the folder, then plan again",
            Self::Torn { .. } | Self::OtherPortal { .. } | Self::MappingChanged | Self::FieldsChanged => {
                "make the plan anew: b24 sync plan"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
