//! Product rows of a window: one command per invoice in full batches, further pages for the long invoices.

use std::collections::HashMap;

use b24_client::crm::{self, ProductRow};
use b24_client::{Client, Guarded, Reply};
use futures::StreamExt as _;

use crate::Event;
use crate::register::texts::reasons;
use crate::source::{OnEvent, Reason};

/// Commands of one request.
const COMMANDS: usize = 50;
/// Requests under way at a time; the limiter decides when each goes.
const REQUESTS: usize = 4;

/// The rows of an invoice, or why they could not be had completely.
pub(super) type Rows = Result<Vec<ProductRow>, Reason>;

/// An invoice and the offset of a page of its rows.
type Asked = (u64, u64);

/// The product rows of every invoice in `ids`.
pub(super) async fn of_invoices(client: &Client, ids: &[u64], on_event: OnEvent<'_>) -> HashMap<u64, Rows> {
    let mut collected: HashMap<u64, Collected> = HashMap::with_capacity(ids.len());
    let mut pages: Vec<Asked> = ids.iter().map(|id| (*id, 0)).collect();
    // The first page of an invoice tells how many there are, so all others can be asked for together.
    while !pages.is_empty() {
        let requests: Vec<Vec<Asked>> = pages.chunks(COMMANDS).map(<[Asked]>::to_vec).collect();
        let mut answers =
            futures::stream::iter(requests).map(|pages| fetch(client.clone(), pages)).buffered(REQUESTS);
        let mut further = Vec::new();
        while let Some(answer) = answers.next().await {
            let first = answer.iter().filter(|((_, start), _)| *start == 0).count() as u64;
            for ((id, start), page) in answer {
                let pages = collected.entry(id).or_default().take(start, page);
                further.extend(pages.into_iter().map(|start| (id, start)));
            }
            on_event(Event::RowsFetched { invoices: first });
        }
        pages = further;
    }
    collected.into_iter().map(|(id, collected)| (id, collected.rows())).collect()
}

type Page = Result<Reply<Vec<Guarded<ProductRow>>>, Reason>;

/// One request: a page of rows for each invoice.
async fn fetch(client: Client, pages: Vec<Asked>) -> Vec<(Asked, Page)> {
    let mut batch = client.batch();
    let slots: Vec<_> =
        pages.into_iter().map(|(id, start)| ((id, start), batch.add(crm::product_rows(id, start)))).collect();
    match batch.send().await {
        Ok(mut reply) => slots
            .into_iter()
            .map(|(asked, slot)| (asked, reply.page(slot).ok().map_err(|error| reasons::no_result(&error))))
            .collect(),
        Err(error) => slots.into_iter().map(|(asked, _)| (asked, Err(reasons::not_sent(&error)))).collect(),
    }
}

/// The rows of one invoice while its pages come in, in order.
#[derive(Default)]
struct Collected {
    rows: Vec<ProductRow>,
    total: Option<u64>,
    /// The highest offset that was asked for.
    planned: u64,
    fault: Option<Reason>,
}

impl Collected {
    /// Adds a page; gives the offsets of pages to fetch. Rows that contradict the portal's own total, or cannot be read,
    /// make the invoice's rows incomplete as a whole.
    fn take(&mut self, start: u64, page: Page) -> Vec<u64> {
        if self.fault.is_some() {
            return Vec::new();
        }
        match self.add(start, page) {
            Ok(further) => further,
            Err(fault) => {
                self.fault = Some(fault);
                Vec::new()
            }
        }
    }

    fn add(&mut self, start: u64, page: Page) -> Result<Vec<u64>, Reason> {
        let page = page?;
        if start != self.rows.len() as u64 {
            return Err(reasons::pages_do_not_join(start));
        }
        for row in page.result {
            match row {
                Guarded::Ok(row) => self.rows.push(row),
                Guarded::Malformed { reason, .. } => {
                    return Err(reasons::row_unreadable(&reason));
                }
            }
        }
        self.total = page.total.or(self.total);
        let have = self.rows.len() as u64;
        let Some(next) = page.next else { return Ok(Vec::new()) };
        if next < have || next <= start {
            return Err(reasons::same_page());
        }
        if next <= self.planned {
            return Ok(Vec::new());
        }
        let end = page.total.unwrap_or(0).max(next + 1);
        let step = usize::try_from(next - start).unwrap_or(usize::MAX);
        let further: Vec<u64> = (next..end).step_by(step).collect();
        self.planned = further.last().copied().unwrap_or(next);
        Ok(further)
    }

    fn rows(self) -> Rows {
        let have = self.rows.len() as u64;
        match (self.fault, self.total) {
            (Some(fault), _) => Err(fault),
            (None, Some(total)) if total != have => Err(reasons::rows_differ(total, have)),
            _ => Ok(self.rows),
        }
    }
}
