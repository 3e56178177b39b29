//! Product rows of a window: one command per invoice in full batches, further pages for the long invoices.

use std::collections::HashMap;

use b24_client::crm::{self, ProductRow};
use b24_client::{Client, Guarded, Reply};
use futures::StreamExt as _;

use super::look_up::reason;
use crate::Event;
use crate::source::OnEvent;

/// Commands of one request.
const COMMANDS: usize = 50;
/// Requests under way at a time; the limiter decides when each goes.
const REQUESTS: usize = 4;

/// The rows of an invoice, or why they could not be had completely.
pub(super) type Rows = Result<Vec<ProductRow>, String>;

/// The product rows of every invoice in `ids`.
pub(super) async fn of_invoices(client: &Client, ids: &[u64], on_event: OnEvent<'_>) -> HashMap<u64, Rows> {
    let mut all = HashMap::with_capacity(ids.len());
    let mut further = Vec::new();
    let requests: Vec<Vec<(u64, u64)>> =
        ids.chunks(COMMANDS).map(|ids| ids.iter().map(|id| (*id, 0)).collect()).collect();
    let mut requests =
        futures::stream::iter(requests).map(|pages| fetch(client.clone(), pages)).buffered(REQUESTS);
    while let Some(pages) = requests.next().await {
        on_event(Event::RowsFetched { invoices: pages.len() as u64 });
        for (id, page) in pages {
            all.insert(id, Ok(Vec::new()));
            further.extend(take(&mut all, id, page));
        }
    }
    while !further.is_empty() {
        let pages = std::mem::take(&mut further);
        for pages in pages.chunks(COMMANDS) {
            for (id, page) in fetch(client.clone(), pages.to_vec()).await {
                further.extend(take(&mut all, id, page));
            }
        }
    }
    all
}

type Page = Result<Reply<Vec<Guarded<ProductRow>>>, String>;

/// One request: a page of rows for each invoice.
async fn fetch(client: Client, pages: Vec<(u64, u64)>) -> Vec<(u64, Page)> {
    let mut batch = client.batch();
    let slots: Vec<_> =
        pages.into_iter().map(|(id, start)| (id, batch.add(crm::product_rows(id, start)))).collect();
    match batch.send().await {
        Ok(mut reply) => slots
            .into_iter()
            .map(|(id, slot)| (id, reply.page(slot).ok().map_err(|error| reason(&error))))
            .collect(),
        Err(error) => slots.into_iter().map(|(id, _)| (id, Err(reason(&error)))).collect(),
    }
}

/// Adds a page to an invoice's rows; gives the next page to fetch. Rows that contradict the portal's own total, or
/// cannot be read, make the invoice's rows incomplete as a whole.
fn take(all: &mut HashMap<u64, Rows>, id: u64, page: Page) -> Option<(u64, u64)> {
    let entry = all.entry(id).or_insert_with(|| Ok(Vec::new()));
    let Ok(rows) = entry else { return None };
    let page = match page {
        Ok(page) => page,
        Err(reason) => {
            *entry = Err(reason);
            return None;
        }
    };
    for row in page.result {
        match row {
            Guarded::Ok(row) => rows.push(row),
            Guarded::Malformed { reason, .. } => {
                *entry = Err(format!("a product row cannot be read: {reason}"));
                return None;
            }
        }
    }
    let have = rows.len() as u64;
    match (page.next, page.total) {
        (Some(next), _) if next >= have => Some((id, next)),
        (Some(_), _) => {
            *entry = Err("the portal gave the same page of product rows twice".to_owned());
            None
        }
        (None, Some(total)) if total != have => {
            *entry = Err(format!("the portal counts {total} product rows and delivered {have}"));
            None
        }
        (None, _) => None,
    }
}
