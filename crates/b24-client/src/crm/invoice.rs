//! Smart invoices.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::EntityType;
use super::row::Row;
use crate::call::Call;
use crate::list::List;
use crate::params::Params;
use crate::wire::{Guarded, Id, Token};

/// What a register needs of an invoice. `id` must be selected: the portal does not add it.
const SELECT: &[&str] = &[
    "id",
    "title",
    "accountNumber",
    "begindate",
    "closedate",
    "stageId",
    "companyId",
    "contactId",
    "mycompanyId",
    "currencyId",
    "opportunity",
    "taxValue",
    "isManualOpportunity",
    "assignedById",
    "movedTime",
    "parentId2",
];

/// A smart invoice as the portal writes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Row")]
#[non_exhaustive]
pub struct Invoice {
    /// Number of the record.
    pub id: Id,
    /// Number on the document.
    pub number: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Date of the invoice, wire text.
    pub begindate: Option<String>,
    /// Pay-before date, wire text.
    pub closedate: Option<String>,
    /// Stage, such as `DT31_3:P`.
    pub stage_id: Option<String>,
    /// Client company.
    pub company_id: Id,
    /// Client person.
    pub contact_id: Id,
    /// Seller.
    pub my_company_id: Id,
    /// Currency.
    pub currency: Option<String>,
    /// Total, tax included.
    pub opportunity: Token,
    /// Tax contained in the total, by the rows.
    pub tax_value: Token,
    /// Whether the total was typed by hand.
    pub manual: bool,
    /// Responsible user.
    pub assigned_by_id: Id,
    /// Last change of stage, wire text.
    pub moved_time: Option<String>,
    /// Deal it belongs to.
    pub deal_id: Id,
    /// Everything else that was selected, user fields above all, by its name on the wire.
    pub user_fields: BTreeMap<String, Token>,
}

impl Invoice {
    /// A user field by its name on the wire, such as `ufCrm_1772717712`; `None` when it was not selected.
    #[must_use]
    pub fn user_field(&self, name: &str) -> Option<&Token> {
        self.user_fields.get(name)
    }
}

impl TryFrom<Row> for Invoice {
    type Error = String;

    fn try_from(mut row: Row) -> Result<Self, String> {
        let id = row.take_id("id")?;
        if id.some().is_none() {
            return Err("id is missing".to_owned());
        }
        Ok(Self {
            id,
            number: row.take_text("accountNumber"),
            title: row.take_text("title"),
            begindate: row.take_text("begindate"),
            closedate: row.take_text("closedate"),
            stage_id: row.take_text("stageId"),
            company_id: row.take_id("companyId")?,
            contact_id: row.take_id("contactId")?,
            my_company_id: row.take_id("mycompanyId")?,
            currency: row.take_text("currencyId"),
            opportunity: row.take("opportunity"),
            tax_value: row.take("taxValue"),
            manual: row.take_flag("isManualOpportunity"),
            assigned_by_id: row.take_id("assignedById")?,
            moved_time: row.take_text("movedTime"),
            deal_id: row.take_id("parentId2")?,
            user_fields: row.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
        })
    }
}

/// The invoices that match a filter, with these user fields (names on the wire) beside the known ones.
#[must_use]
pub fn invoices<S: AsRef<str>>(filter: Params, user_fields: &[S]) -> List<Guarded<Invoice>> {
    let select: Vec<&str> = SELECT.iter().copied().chain(user_fields.iter().map(AsRef::as_ref)).collect();
    let params = Params::new()
        .set("entityTypeId", EntityType::SmartInvoice)
        .set("select", select)
        .set("filter", filter);
    List::new("crm.item.list", params)
}

/// The first page of invoices that match a filter, ids only: [`Reply::total`](crate::Reply::total) counts them all.
#[must_use]
pub fn invoice_count(filter: Params) -> Call<Vec<Row>> {
    let params = Params::new()
        .set("entityTypeId", EntityType::SmartInvoice)
        .set("select", ["id"])
        .set("filter", filter)
        .set("order", Params::new().set("id", "ASC"));
    Call::read("crm.item.list", params).within("items")
}
