//! Companies and contacts.

use serde::Deserialize;

use crate::call::Call;
use crate::params::Params;
use crate::wire::Id;

/// A company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Company {
    /// Number of the company.
    #[serde(rename = "ID")]
    pub id: Id,
    /// Name.
    #[serde(rename = "TITLE", default)]
    pub title: Option<String>,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Contact {
    /// Number of the contact.
    #[serde(rename = "ID")]
    pub id: Id,
    /// First name.
    #[serde(rename = "NAME", default)]
    pub name: Option<String>,
    /// Patronymic.
    #[serde(rename = "SECOND_NAME", default)]
    pub second_name: Option<String>,
    /// Last name.
    #[serde(rename = "LAST_NAME", default)]
    pub last_name: Option<String>,
}

/// Companies by number, up to 50.
#[must_use]
pub fn companies_by_id(ids: &[u64]) -> Call<Vec<Company>> {
    Call::read("crm.company.list", page(Params::new().set("@ID", ids), &["ID", "TITLE"]))
}

/// Contacts by number, up to 50.
#[must_use]
pub fn contacts_by_id(ids: &[u64]) -> Call<Vec<Contact>> {
    let select = ["ID", "NAME", "SECOND_NAME", "LAST_NAME"];
    Call::read("crm.contact.list", page(Params::new().set("@ID", ids), &select))
}

/// The portal's own companies, up to 50.
#[must_use]
pub fn my_companies() -> Call<Vec<Company>> {
    Call::read("crm.company.list", page(Params::new().set("IS_MY_COMPANY", "Y"), &["ID", "TITLE"]))
}

/// One page without counting: at most 50 rows can match.
fn page(filter: Params, select: &[&str]) -> Params {
    Params::new()
        .set("filter", filter)
        .set("select", select)
        .set("order", Params::new().set("ID", "ASC"))
        .set("start", -1)
}
