//! Why a plan cannot be made, read or used.

/// A failure of planning. What concerns single records is in their entries.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Calls could not be put together.
    #[error("cannot ask the portal for {what}")]
    PortalBatch {
        /// What was to be asked for.
        what: &'static str,
        /// Why not.
        source: Box<b24_client::BatchError>,
    },
    /// No call can succeed at the moment.
    #[error("cannot look up {what}")]
    PortalCall {
        /// What was asked for.
        what: &'static str,
        /// Why.
        source: Box<b24_client::CallError>,
    },
    /// The portal answers with deals that were not asked for.
    #[error("the portal does not filter deals by {field}: it answered with deals of other keys")]
    KeyFilterIgnored {
        /// Upper-case name of the field.
        field: String,
    },
}

impl PlanError {
    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PortalBatch { source, .. } => source.code(),
            Self::PortalCall { source, .. } => source.code(),
            Self::KeyFilterIgnored { .. } => "sync.key-filter-ignored",
        }
    }

    /// What to do, where there is something better than running again.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::KeyFilterIgnored { .. } => {
                Some("check that the field exists and that the webhook's user may see it: b24 sync check")
            }
            _ => None,
        }
    }
}
