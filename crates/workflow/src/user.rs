//! Whose eyes a portal is seen with.

use std::fmt;

use b24_client::crm::Profile;
use serde::{Deserialize, Serialize};

/// The user that a webhook or an application acts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalUser {
    /// User id.
    pub id: u64,
    /// First and last name.
    pub name: String,
    /// Whether the user administers the portal. Anyone else sees only what rights allow, in lists and totals alike.
    pub administrator: bool,
}

impl From<&Profile> for PortalUser {
    fn from(profile: &Profile) -> Self {
        let name = [profile.name.as_deref(), profile.last_name.as_deref()];
        let name: Vec<&str> =
            name.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect();
        Self { id: profile.id.get(), name: name.join(" "), administrator: profile.admin }
    }
}

/// `user 1 Иван Петров, administrator`
impl fmt::Display for PortalUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rights = if self.administrator {
            "administrator"
        } else {
            "not an administrator: completeness cannot be checked"
        };
        match self.name.as_str() {
            "" => write!(f, "user {}, {rights}", self.id),
            name => write!(f, "user {} {name}, {rights}", self.id),
        }
    }
}
