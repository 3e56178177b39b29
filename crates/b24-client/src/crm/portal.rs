//! The portal, the webhook's user and its scopes.

use serde::Deserialize;

use crate::call::Call;
use crate::params::Params;
use crate::wire::Id;

/// The user of the webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// Number of the user.
    #[serde(rename = "ID")]
    pub id: Id,
    /// First name.
    #[serde(rename = "NAME", default)]
    pub name: Option<String>,
    /// Last name.
    #[serde(rename = "LAST_NAME", default)]
    pub last_name: Option<String>,
    /// Whether the user is an administrator and so sees everything.
    #[serde(rename = "ADMIN", default)]
    pub admin: bool,
}

/// What `app.info` tells a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AppScope {
    /// Scopes of the webhook.
    #[serde(rename = "SCOPE", default)]
    pub scope: Vec<String>,
    /// The portal's plan, such as `ru_nfr`.
    #[serde(rename = "LICENSE", default)]
    pub license: Option<String>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Number of the user.
    #[serde(rename = "ID")]
    pub id: Id,
    /// First name.
    #[serde(rename = "NAME", default)]
    pub name: Option<String>,
    /// Last name.
    #[serde(rename = "LAST_NAME", default)]
    pub last_name: Option<String>,
}

/// The user of the webhook: works with any scope, so it is the best sign of life.
#[must_use]
pub fn profile() -> Call<Profile> {
    Call::read("profile", Params::new())
}

/// The scopes of the webhook.
#[must_use]
pub fn scope() -> Call<Vec<String>> {
    Call::read("scope", Params::new())
}

/// The portal's clock, ISO 8601 with its offset.
#[must_use]
pub fn server_time() -> Call<String> {
    Call::read("server.time", Params::new())
}

/// Scopes and plan.
#[must_use]
pub fn app_info() -> Call<AppScope> {
    Call::read("app.info", Params::new())
}

/// Users by number, up to 50.
#[must_use]
pub fn users_by_id(ids: &[u64]) -> Call<Vec<User>> {
    let params =
        Params::new().set("FILTER", Params::new().set("ID", ids)).set("SORT", "ID").set("ORDER", "ASC");
    Call::read("user.get", params)
}
