//! Puts an invoice together from what the portal answered; the only place that knows wire records and raw invoices.

use b24_client::crm::{EntityType, Field, Invoice, ProductRow};
use data_processor::Token;
use data_processor::raw::{RawInvoice, RawRow};

use super::own::OwnCompanies;
use super::parties::{Directory, Parties, Users};
use super::query::Query;
use super::rows::Rows;
use super::tables::Tables;
use crate::source::{Gap, Missing, Part, SourceItem};

/// An invoice of which the details are still to come: the record for look-ups, and what it says already.
pub(super) struct Header {
    pub(super) record: Invoice,
    pub(super) raw: RawInvoice,
    pub(super) missing: Vec<Missing>,
}

/// The complete invoice, or a gap that says what is missing of it.
pub(super) fn item(
    header: Header,
    (users, directory, own): (&Users, &Directory, &OwnCompanies),
    rows: Rows,
) -> SourceItem {
    let Header { record, mut raw, mut missing } = header;
    raw.responsible = users.user(record.assigned_by_id);
    let parties = directory.parties(&record);
    match parties {
        Ok(Parties { seller, counterparty, notes }) => {
            raw.seller = seller;
            raw.seller.iter_mut().for_each(|seller| own.entitle(seller));
            raw.counterparty = counterparty;
            raw.notes.extend(notes);
        }
        Err(parts) => missing.extend(parts),
    }
    match rows {
        Ok(rows) => raw.rows = rows.into_iter().map(row).collect(),
        Err(reason) => missing.push(Missing::new(Part::Rows, reason)),
    }
    if missing.is_empty() {
        SourceItem::Invoice(Box::new(raw))
    } else {
        SourceItem::Gap(Gap { id: Some(raw.id), known: Some(Box::new(raw)), missing })
    }
}

/// What the list alone tells of an invoice.
pub(super) fn header(record: Invoice, tables: &Tables, query: &Query, address: &str) -> Header {
    let invoice = record.clone();
    let day = |field: &Option<Field>| {
        let token = invoice.user_field(query.name(field.as_ref()?))?;
        token.text().filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned)
    };
    let raw = RawInvoice {
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
        moved_at: invoice.moved_time,
        url: Some(EntityType::SmartInvoice.card(address, invoice.id.get())),
        deal_id: invoice.deal_id.some(),
        ..RawInvoice::default()
    };
    Header { record, raw, missing: Vec::new() }
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
pub(super) fn token(token: &b24_client::Token) -> Token {
    Token::from_json(token.as_json()).unwrap_or_default()
}
