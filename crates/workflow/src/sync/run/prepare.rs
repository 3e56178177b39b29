//! What a synchronisation has to know before it begins.

use b24_client::crm::{self, Profile};
use jiff::SignedDuration;

use super::{Session, SyncError};
use crate::Error;
use crate::sync::facts::{FactsAnswer, PortalFacts};
use crate::sync::mapping::Resolved;
use crate::sync::value::RowFormat;

/// How long fields and stages are taken as they were read.
const KEEP: SignedDuration = SignedDuration::from_hours(24);

/// Name under which the journal keeps them.
pub(super) const FACTS: &str = "portal";

/// What a synchronisation has to know before it begins.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The mapping on this portal.
    pub rules: Resolved,
    /// The portal's fields, funnels, users.
    pub facts: PortalFacts,
    /// The webhook's user.
    pub profile: Profile,
}

impl Session<'_> {
    /// Reads user, fields and stages of the portal, the latter once a day, and what the mapping means there. A mapping
    /// that does not fit what is remembered is judged by what the portal says now.
    ///
    /// # Errors
    /// The portal does not answer, or the mapping does not fit it.
    pub async fn prepare(&self, format: &RowFormat) -> Result<Prepared, SyncError> {
        let kept = self.journal.facts(FACTS, KEEP, (self.now)())?;
        let kept = kept.and_then(|text| serde_json::from_str::<PortalFacts>(&text).ok());
        if let Some(facts) = kept
            && let Ok(rules) = self.mapping.resolve(&facts, format)
        {
            let profile = self.client.call(crm::profile()).await.map_err(|error| {
                Box::new(Error::Portal { what: "the webhook's user", source: Box::new(error) })
            })?;
            (self.on_user)(&profile);
            return Ok(Prepared { rules, facts, profile });
        }
        self.prepare_anew(format).await
    }

    /// The same with the portal's fields as they are now.
    pub(super) async fn prepare_anew(&self, format: &RowFormat) -> Result<Prepared, SyncError> {
        let FactsAnswer { facts, profile } = PortalFacts::read(&self.client).await.map_err(Box::new)?;
        (self.on_user)(&profile);
        let rules = self.mapping.resolve(&facts, format).map_err(SyncError::Mapping)?;
        let text = serde_json::to_string(&facts).unwrap_or_default();
        self.journal.keep_facts(FACTS, &text, (self.now)())?;
        Ok(Prepared { rules, facts, profile })
    }
}
