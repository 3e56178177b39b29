//! Which invoices the portal is asked for.
//!
//! For a period of shipment or payment the list asks for the invoices with that date *or* their own date inside it: the
//! second kind contains those that lack the deciding date. What belongs nowhere is dropped by its dates.

use b24_client::crm::{Field, Invoice};
use b24_client::{Call, Guarded, List, Params, crm};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::tables::Tables;
use crate::register::Selection;
use crate::{Basis, Error, Period};

/// A filter with the way user fields are named in it.
pub(super) struct Query {
    filter: Params,
    /// User fields go by their original names, in conditions and rows.
    original: bool,
}

impl Query {
    /// Whether the portal's stages must be known to ask for what was selected.
    pub(super) fn needs_stages(selection: &Selection) -> bool {
        !selection.stages.is_empty() || selection.basis == Basis::Paid && selection.period.is_some()
    }

    /// # Errors
    /// When the portal has no such stage or currency, or no field with the deciding date.
    pub(super) fn new(selection: &Selection, tables: &Tables) -> Result<Self, Error> {
        let deciding = match selection.basis {
            Basis::Invoice => None,
            Basis::Shipped => {
                let field = tables.shipped.as_ref();
                Some(field.ok_or(Error::DateFieldMissing { basis: selection.basis })?)
            }
            Basis::Paid => tables.paid.as_ref(),
        };
        let original =
            selection.period.is_some() && deciding.is_some_and(|field| needs_original(&field.name));
        let mut filter = match (selection.period, selection.basis) {
            (None, _) => Params::new(),
            (Some(period), Basis::Invoice) => within("begindate", period),
            (Some(period), basis) => {
                let mut any = Params::new().set("logic", "OR").set("0", within("begindate", period));
                if let Some(field) = deciding {
                    let name = if original { &field.upper_name } else { &field.name };
                    any.put("1", within(name, period));
                }
                if basis == Basis::Paid {
                    // Without the field, payments or the stage tell the date, and no condition can.
                    any.put("2", Params::new().set("@stageId", tables.success_stages()));
                }
                Params::new().set("0", any)
            }
        };
        if !selection.stages.is_empty() {
            filter.put("@stageId", tables.stage_ids(&selection.stages)?);
        }
        if !selection.currencies.is_empty() {
            filter.put("@currencyId", tables.currency_codes(&selection.currencies)?);
        }
        Ok(Self { filter, original })
    }

    /// The list of them, with the two date fields.
    pub(super) fn list(&self, tables: &Tables) -> List<Guarded<Invoice>> {
        if !self.original {
            return crm::invoices(
                self.filter.clone(),
                &tables.date_fields().map(|f| &f.name).collect::<Vec<_>>(),
            );
        }
        // With original names and a `select` of its own the portal returns user fields only; without one, all of them.
        let params = Params::new()
            .set("entityTypeId", crm::EntityType::SmartInvoice)
            .set("filter", self.filter.clone())
            .set("useOriginalUfNames", "Y");
        List::new("crm.item.list", params)
    }

    /// How many there are.
    pub(super) fn count(&self) -> Call<Vec<crm::Row>> {
        let call = crm::invoice_count(self.filter.clone());
        if self.original { call.set("useOriginalUfNames", "Y") } else { call }
    }

    /// The name of a user field in the rows of the list.
    pub(super) fn name<'a>(&self, field: &'a Field) -> &'a str {
        if self.original { &field.upper_name } else { &field.name }
    }
}

/// Both ends included. The next day as an open end holds for date and for date-and-time fields alike.
fn within(field: &str, period: Period) -> Params {
    let after = period.to().checked_add(1.day()).unwrap_or(Date::MAX);
    Params::new()
        .set(format!(">={field}"), period.from().to_string())
        .set(format!("<{field}"), after.to_string())
}

/// Portals refuse a condition with a prefix on a user field whose name keeps capitals (`ufCrm_SMART_INVOICE_177…`): the
/// way back to the original name starts from `uf`, which the prefix hides. Original names need no way back.
fn needs_original(name: &str) -> bool {
    name.strip_prefix("ufCrm_").is_some_and(|rest| rest.contains(|letter: char| letter.is_ascii_uppercase()))
}

/// The first and the last date of a user field, as two calls; rows name it by its original name.
pub(super) fn ends_of(field: &Field) -> [Call<Vec<crm::Row>>; 2] {
    ["ASC", "DESC"].map(|direction| {
        let params = Params::new()
            .set("entityTypeId", crm::EntityType::SmartInvoice)
            .set("filter", Params::new().set(format!(">={}", field.upper_name), "1970-01-01"))
            .set("order", Params::new().set(field.upper_name.as_str(), direction))
            .set("useOriginalUfNames", "Y");
        Call::read("crm.item.list", params).within("items")
    })
}
