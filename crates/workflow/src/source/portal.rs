//! Invoices of a portal, complete: with stages, requisites, users and product rows.
//!
//! The request plan, for windows of 2,500 invoices: the list (one request), requisite links and users (one),
//! requisites by id (one), what the links did not settle (at most one), product rows (one command per invoice, 50 a
//! request), further pages of long invoices; payments of the paid invoices without a payment date (50 a request).

mod assemble;
pub(crate) mod look_up;
mod own;
mod parties;
mod payments;
mod query;
mod rows;
mod tables;

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use b24_client::crm::Invoice;
use b24_client::{Client, Guarded};
use futures::{Stream, StreamExt as _};

pub use tables::DateFields;

use self::assemble::Header;
use self::parties::Users;
use self::payments::Asking;
use self::query::Query;
use self::tables::Tables;
use super::{Gap, InvoiceSource, Missing, OnEvent, Origin, Outside, Part, SourceItem};
use crate::PortalUser;
use crate::register::texts::{self, reasons};
use crate::register::{Place, RowProblem, Selection};
use crate::{Basis, Error, Event};

/// Invoices of a window: what one batch of 50 pages of 50 rows delivers.
const WINDOW: usize = 2_500;

type Headers = Pin<Box<dyn Stream<Item = Result<Guarded<Invoice>, b24_client::Error>> + Send>>;

/// The invoices of a portal that a selection may ask for.
pub struct PortalInvoices {
    client: Client,
    origin: Origin,
    selection: Selection,
    tables: Tables,
    query: Query,
    users: Users,
    headers: Headers,
    kept_out: u64,
}

impl fmt::Debug for PortalInvoices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalInvoices").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl PortalInvoices {
    /// Reads the portal's directories and begins to list the invoices. `user` is who the webhook acts for, as `profile`
    /// told.
    ///
    /// Period, basis, stages and currencies are asked of the portal; the rest of the selection is left to the register.
    ///
    /// # Errors
    /// When the directories cannot be read, or a date field, stage, currency or own company that was asked for does not
    /// exist.
    pub async fn open(
        client: Client,
        user: PortalUser,
        selection: &Selection,
        date_fields: &DateFields,
    ) -> Result<Self, Error> {
        let mut tables = Tables::read(&client, date_fields).await?;
        let companies = &selection.my_companies;
        let (query, counted) = if Query::needs_stages(selection) {
            tables.read_stages(&client, None, companies).await?;
            let query = Query::new(selection, &tables)?;
            let counted = tables::count(&client, &query).await?;
            (query, counted)
        } else {
            let query = Query::new(selection, &tables)?;
            let counted = tables.read_stages(&client, Some(&query), companies).await?.unwrap_or(0);
            (query, counted)
        };
        let headers = Box::pin(client.list(query.list(&tables).expecting(counted)));
        let origin = Origin {
            portal: Some(client.portal().name().to_owned()),
            user: Some(user),
            period: selection.period,
            basis: selection.basis,
            counted: Some(counted),
            currencies: tables.currencies.clone(),
            date_fields: tables
                .date_fields()
                .map(|field| format!("{} ({})", field.label(), field.name))
                .collect(),
        };
        let (selection, users) = (selection.clone(), Users::default());
        Ok(Self { client, origin, selection, tables, query, users, headers, kept_out: 0 })
    }

    /// The next headers of the list; those that cannot be read are gaps at once.
    async fn headers(&mut self) -> Result<(Vec<Header>, Vec<SourceItem>), Error> {
        let address = self.client.portal().to_string();
        let mut invoices = Vec::new();
        let mut gaps = Vec::new();
        while invoices.len() + gaps.len() < WINDOW {
            let Some(row) = self.headers.next().await else { break };
            let row =
                row.map_err(|error| Error::Portal { what: "the list of invoices", source: Box::new(error) })?;
            match row {
                Guarded::Ok(invoice) => {
                    invoices.push(assemble::header(invoice, &self.tables, &self.query, &address));
                }
                Guarded::Malformed { raw, reason } => gaps.push(unreadable(&raw, reason)),
            }
        }
        Ok((invoices, gaps))
    }

    /// Drops the invoices whose dates say that nobody asked for them.
    fn keep(&mut self, headers: &mut Vec<Header>) {
        let before = headers.len();
        let selection = &self.selection;
        headers.retain(|header| {
            !header.missing.is_empty() || selection.place_in_time(&header.raw) != Place::Out
        });
        self.kept_out += (before - headers.len()) as u64;
    }
}

#[async_trait]
impl InvoiceSource for PortalInvoices {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn kept_out(&self) -> u64 {
        self.kept_out
    }

    async fn next_window(&mut self, on_event: OnEvent<'_>) -> Result<Option<Vec<SourceItem>>, Error> {
        let (mut headers, mut items) = self.headers().await?;
        if headers.is_empty() && items.is_empty() {
            return Ok(None);
        }
        let client = self.client.clone();
        // Where the date of payment decides, payments come first; otherwise they travel with the other look-ups.
        if self.selection.basis == Basis::Paid {
            let mut asking = Asking::of(headers.iter().map(|header| &header.raw));
            asking.ask(&client).await;
            asking.enter(&mut headers);
        }
        self.keep(&mut headers);
        on_event(Event::WindowOpened { invoices: (headers.len() + items.len()) as u64 });
        let records: Vec<Invoice> = headers.iter().map(|header| header.record.clone()).collect();
        let ids: Vec<u64> = records.iter().map(|invoice| invoice.id.get()).collect();
        let open = headers.iter().filter(|header| header.raw.payments.is_none() && header.missing.is_empty());
        let mut asking = if self.selection.basis == Basis::Paid {
            Asking::default()
        } else {
            Asking::of(open.map(|header| &header.raw))
        };
        let (directory, mut rows) = futures::join!(
            parties::look_up(&client, &records, &mut self.users, &mut asking),
            rows::of_invoices(&client, &ids, on_event)
        );
        asking.enter(&mut headers);
        items.extend(headers.into_iter().map(|header| {
            let rows = rows.remove(&header.raw.id).unwrap_or_else(|| Err(reasons::no_answer()));
            assemble::item(header, (&self.users, &directory, &self.tables.own), rows)
        }));
        Ok(Some(items))
    }

    fn remarks(&self) -> Vec<RowProblem> {
        self.users.lost().map(texts::names_missing).into_iter().collect()
    }

    async fn recount(&mut self) -> Result<Option<u64>, Error> {
        tables::count(&self.client, &self.query).await.map(Some)
    }

    async fn outside(&mut self) -> Result<Option<Outside>, Error> {
        tables::outside(&self.client, &self.tables).await.map(Some)
    }
}

/// A row of the list that cannot be read: its id, if at least that is there.
fn unreadable(raw: &str, why: String) -> SourceItem {
    let row: HashMap<String, b24_client::Token> = serde_json::from_str(raw).unwrap_or_default();
    let id = row.get("id").and_then(|id| id.text()?.parse().ok());
    SourceItem::Gap(Gap {
        id,
        known: None,
        missing: vec![Missing::new(Part::Header, reasons::invoice_unreadable(why))],
    })
}
