//! Why a look-up cannot be made at all.

/// A look-up that nothing can answer. What concerns single records is a [`Sight`](crate::sync::Sight).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookUpError {
    /// Calls could not be put together.
    #[error("cannot ask the portal for {what}")]
    Batch {
        /// What was to be asked for.
        what: &'static str,
        /// Why not.
        source: Box<b24_client::BatchError>,
    },
    /// No call can succeed at the moment.
    #[error("cannot look up {what}")]
    Call {
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

impl LookUpError {
    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Batch { source, .. } => source.code(),
            Self::Call { source, .. } => source.code(),
            Self::KeyFilterIgnored { .. } => "sync.key-filter-ignored",
        }
    }

    /// What to do, where there is something better than running again.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Batch { .. } | Self::Call { .. } => None,
            Self::KeyFilterIgnored { .. } => {
                Some("check that the field exists and that the webhook's user may see it: b24 sync check")
            }
        }
    }
}
