//! Invoices of a portal, complete: with stages, requisites, users and product rows.
//!
//! The request plan, for windows of 2,500 invoices: the list (one request), requisite links and users (one),
//! requisites by id (one), what the links did not settle (at most one), product rows (one command per invoice, 50 a
//! request), further pages of long invoices.

mod assemble;
mod look_up;
mod parties;
mod rows;
mod tables;

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use b24_client::crm::{self, Invoice};
use b24_client::{Client, Guarded, Params};
use futures::{Stream, StreamExt as _};
use jiff::ToSpan as _;
use jiff::civil::Date;

pub use tables::DateFields;

use self::parties::Users;
use self::tables::Tables;
use super::{Gap, InvoiceSource, Missing, OnEvent, Origin, Outside, Part, PortalUser, SourceItem};
use crate::{Error, Event, Period};

/// Invoices of a window: what one batch of 50 pages of 50 rows delivers.
const WINDOW: usize = 2_500;

type Headers = Pin<Box<dyn Stream<Item = Result<Guarded<Invoice>, b24_client::Error>> + Send>>;

/// The invoices of a portal that are dated inside a period.
pub struct PortalInvoices {
    client: Client,
    origin: Origin,
    tables: Tables,
    users: Users,
    headers: Headers,
}

impl fmt::Debug for PortalInvoices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalInvoices").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl PortalInvoices {
    /// Reads the portal's directories and begins to list the invoices of the period. `user` is who the webhook acts
    /// for, as `profile` told.
    ///
    /// # Errors
    /// When the directories cannot be read, or a date field that was asked for does not exist.
    pub async fn open(
        client: Client,
        user: PortalUser,
        period: Period,
        date_fields: &DateFields,
    ) -> Result<Self, Error> {
        let tables = Tables::read(&client, in_period(period), date_fields).await?;
        let names: Vec<&str> =
            [&tables.shipped, &tables.paid].into_iter().flatten().map(|field| field.name.as_str()).collect();
        let list = crm::invoices(in_period(period), &names).expecting(tables.counted);
        let headers = Box::pin(client.list(list));
        let labels = [&tables.shipped, &tables.paid].into_iter().flatten();
        let origin = Origin {
            portal: Some(client.portal().name().to_owned()),
            user: Some(user),
            period: Some(period),
            counted: Some(tables.counted),
            currencies: tables.currencies.clone(),
            date_fields: labels.map(|field| format!("{} ({})", field.label(), field.name)).collect(),
        };
        Ok(Self { client, origin, tables, users: Users::default(), headers })
    }

    /// The next headers of the list; those that cannot be read are gaps at once.
    async fn headers(&mut self) -> Result<(Vec<Invoice>, Vec<SourceItem>), Error> {
        let mut invoices = Vec::new();
        let mut gaps = Vec::new();
        while invoices.len() + gaps.len() < WINDOW {
            let Some(row) = self.headers.next().await else { break };
            let row =
                row.map_err(|error| Error::Portal { what: "the list of invoices", source: Box::new(error) })?;
            match row {
                Guarded::Ok(invoice) => invoices.push(invoice),
                Guarded::Malformed { raw, reason } => gaps.push(unreadable(&raw, reason)),
            }
        }
        Ok((invoices, gaps))
    }
}

#[async_trait]
impl InvoiceSource for PortalInvoices {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    async fn next_window(&mut self, on_event: OnEvent<'_>) -> Result<Option<Vec<SourceItem>>, Error> {
        let (invoices, mut items) = self.headers().await?;
        if invoices.is_empty() && items.is_empty() {
            return Ok(None);
        }
        on_event(Event::WindowOpened { invoices: (invoices.len() + items.len()) as u64 });
        let ids: Vec<u64> = invoices.iter().map(|invoice| invoice.id.get()).collect();
        let client = self.client.clone();
        let (directory, mut rows) = futures::join!(
            parties::look_up(&client, &invoices, &mut self.users),
            rows::of_invoices(&client, &ids, on_event)
        );
        let address = client.portal().to_string();
        items.extend(invoices.into_iter().map(|invoice| {
            let rows = rows.remove(&invoice.id.get()).unwrap_or_else(|| Err("no answer".to_owned()));
            assemble::item(invoice, &self.tables, &self.users, &directory, rows, &address)
        }));
        Ok(Some(items))
    }

    async fn outside(&mut self) -> Result<Option<Outside>, Error> {
        tables::outside(&self.client).await.map(Some)
    }
}

/// Invoices dated inside the period, both ends included. The next day as an open end holds for date and for
/// date-and-time fields alike.
fn in_period(period: Period) -> Params {
    let after = period.to().checked_add(1.day()).unwrap_or(Date::MAX);
    Params::new().set(">=begindate", period.from().to_string()).set("<begindate", after.to_string())
}

/// A row of the list that cannot be read: its id, if at least that is there.
fn unreadable(raw: &str, reason: String) -> SourceItem {
    let row: HashMap<String, b24_client::Token> = serde_json::from_str(raw).unwrap_or_default();
    let id = row.get("id").and_then(|id| id.text()?.parse().ok());
    SourceItem::Gap(Gap { id, known: None, missing: vec![Missing { part: Part::Header, reason }] })
}
