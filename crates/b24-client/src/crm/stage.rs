//! Funnels, stages and currencies.

use serde::Deserialize;

use crate::call::Call;
use crate::params::Params;
use crate::wire::{Id, Token};

/// A funnel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Category {
    /// Number of the funnel; 0 is the first funnel of deals.
    pub id: Id,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
}

/// A stage, or another value of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub struct Status {
    /// Its code, such as `DT31_3:P`.
    pub status_id: String,
    /// The directory, such as `SMART_INVOICE_STAGE_3`.
    #[serde(default)]
    pub entity_id: Option<String>,
    /// Name, as users see and change it.
    #[serde(default)]
    pub name: Option<String>,
    /// `S` success, `F` failure, `None` in progress.
    #[serde(default)]
    pub semantics: Option<String>,
    /// Order.
    #[serde(default)]
    pub sort: Id,
}

/// A currency of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub struct Currency {
    /// ISO code.
    pub currency: String,
    /// Name.
    #[serde(default)]
    pub full_name: Option<String>,
    /// Digits after the point.
    #[serde(default)]
    pub decimals: Token,
    /// Whether it is the portal's own currency (`Y`).
    #[serde(default)]
    pub base: Option<String>,
}

/// The funnels of an entity type.
#[must_use]
pub fn categories(entity_type: impl Into<u32>) -> Call<Vec<Category>> {
    Call::read("crm.category.list", Params::new().set("entityTypeId", entity_type.into()))
        .within("categories")
}

/// The values of a directory, such as the stages of a funnel: `SMART_INVOICE_STAGE_3`. Never paged.
#[must_use]
pub fn statuses(entity_id: &str) -> Call<Vec<Status>> {
    let params = Params::new()
        .set("filter", Params::new().set("ENTITY_ID", entity_id))
        .set("order", Params::new().set("SORT", "ASC"));
    Call::read("crm.status.list", params)
}

/// The currencies the portal knows. Never paged.
#[must_use]
pub fn currencies() -> Call<Vec<Currency>> {
    Call::read("crm.currency.list", Params::new())
}
