//! Puts an invoice together from what the portal answered; the only place that knows wire records and raw invoices.

use b24_client::crm::{Field, Invoice, ProductRow};
use data_processor::Token;
use data_processor::raw::{RawInvoice, RawRow};

use super::parties::{Directory, Parties, Users};
use super::rows::Rows;
use super::tables::Tables;
use crate::source::{Gap, Missing, Part, SourceItem};

/// The complete invoice, or a gap that says what is missing of it.
pub(super) fn item(
    invoice: Invoice,
    tables: &Tables,
    users: &Users,
    directory: &Directory,
    rows: Rows,
    address: &str,
) -> SourceItem {
    let parties = directory.parties(&invoice);
    let mut raw = header(invoice, tables, users, address);
    let mut missing = Vec::new();
    match parties {
        Ok(Parties { seller, counterparty, notes }) => {
            raw.seller = seller;
            raw.counterparty = counterparty;
            raw.notes = notes;
        }
        Err(parts) => missing.extend(parts),
    }
    match rows {
        Ok(rows) => raw.rows = rows.into_iter().map(row).collect(),
        Err(reason) => missing.push(Missing { part: Part::Rows, reason }),
    }
    if missing.is_empty() {
        SourceItem::Invoice(Box::new(raw))
    } else {
        SourceItem::Gap(Gap { id: Some(raw.id), known: Some(Box::new(raw)), missing })
    }
}

fn header(invoice: Invoice, tables: &Tables, users: &Users, address: &str) -> RawInvoice {
    let day = |field: &Option<Field>| {
        let token = invoice.user_field(&field.as_ref()?.name)?;
        token.text().filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned)
    };
    RawInvoice {
        id: invoice.id.get(),
        shipped_on: day(&tables.shipped),
        paid_on: day(&tables.paid),
        number: invoice.number,
        title: invoice.title,
        date: invoice.begindate,
        due: invoice.closedate,
        stage: tables.stage(invoice.stage_id.as_deref()),
        currency: invoice.currency,
        opportunity: token(&invoice.opportunity),
        tax_value: token(&invoice.tax_value),
        manual: invoice.manual,
        responsible: users.user(invoice.assigned_by_id),
        url: Some(format!("{address}/crm/type/31/details/{}/", invoice.id)),
        deal_id: invoice.deal_id.some(),
        ..RawInvoice::default()
    }
}

fn row(row: ProductRow) -> RawRow {
    RawRow {
        id: row.id.get(),
        name: row.name,
        price: token(&row.price),
        quantity: token(&row.quantity),
        tax_rate: token(&row.tax_rate),
        tax_included: row.tax_included,
        discount_sum: token(&row.discount_sum),
        measure: row.measure,
    }
}

/// The same JSON text as the other crate's type.
fn token(token: &b24_client::Token) -> Token {
    Token::from_json(token.as_json()).unwrap_or_default()
}
