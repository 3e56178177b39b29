//! Requisites and which of them a document uses.

use serde::Deserialize;

use crate::call::Call;
use crate::params::Params;
use crate::wire::Id;

/// Which requisites a document uses; 0 is "not chosen".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub struct RequisiteLink {
    /// The document's number.
    pub entity_id: Id,
    /// The client's requisite.
    #[serde(default)]
    pub requisite_id: Id,
    /// The seller's requisite.
    #[serde(default)]
    pub mc_requisite_id: Id,
}

/// A requisite: names and numbers of an organisation, an entrepreneur or a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE", default)]
#[non_exhaustive]
pub struct Requisite {
    /// Number of the requisite.
    pub id: Id,
    /// 3 contact, 4 company.
    pub entity_type_id: Id,
    /// Its contact or company.
    pub entity_id: Id,
    /// Name of the requisite itself.
    pub name: Option<String>,
    /// Order among the requisites of one owner.
    pub sort: Id,
    /// Name of an entrepreneur or person.
    pub rq_name: Option<String>,
    /// First name.
    pub rq_first_name: Option<String>,
    /// Last name.
    pub rq_last_name: Option<String>,
    /// Patronymic.
    pub rq_second_name: Option<String>,
    /// Short name of an organisation.
    pub rq_company_name: Option<String>,
    /// Full name of an organisation.
    pub rq_company_full_name: Option<String>,
    /// INN as typed.
    pub rq_inn: Option<String>,
    /// KPP as typed.
    pub rq_kpp: Option<String>,
    /// OGRN as typed.
    pub rq_ogrn: Option<String>,
    /// OGRNIP as typed.
    pub rq_ogrnip: Option<String>,
}

const SELECT: [&str; 15] = [
    "ID",
    "ENTITY_TYPE_ID",
    "ENTITY_ID",
    "NAME",
    "SORT",
    "RQ_NAME",
    "RQ_FIRST_NAME",
    "RQ_LAST_NAME",
    "RQ_SECOND_NAME",
    "RQ_COMPANY_NAME",
    "RQ_COMPANY_FULL_NAME",
    "RQ_INN",
    "RQ_KPP",
    "RQ_OGRN",
    "RQ_OGRNIP",
];

/// The requisite links of up to 50 invoices: a document has at most one, so they fit in one page.
#[must_use]
pub fn requisite_links(invoice_ids: &[u64]) -> Call<Vec<RequisiteLink>> {
    let filter =
        Params::new().set("=ENTITY_TYPE_ID", super::EntityType::SmartInvoice).set("@ENTITY_ID", invoice_ids);
    let order = Params::new().set("ENTITY_TYPE_ID", "ASC").set("ENTITY_ID", "ASC");
    Call::read("crm.requisite.link.list", Params::new().set("filter", filter).set("order", order))
}

/// Requisites by number, up to 50.
#[must_use]
pub fn requisites_by_id(ids: &[u64]) -> Call<Vec<Requisite>> {
    list(Params::new().set("@ID", ids))
}

/// Requisites of companies (4) or contacts (3). An owner can have several, so there may be a next page: see
/// [`Reply::next`](crate::Reply::next) and `set("start", next)`.
#[must_use]
pub fn requisites_of(entity_type: impl Into<u32>, entity_ids: &[u64]) -> Call<Vec<Requisite>> {
    list(Params::new().set("=ENTITY_TYPE_ID", entity_type.into()).set("@ENTITY_ID", entity_ids))
}

fn list(filter: Params) -> Call<Vec<Requisite>> {
    let params = Params::new()
        .set("filter", filter)
        .set("select", SELECT)
        .set("order", Params::new().set("ID", "ASC"));
    Call::read("crm.requisite.list", params)
}
