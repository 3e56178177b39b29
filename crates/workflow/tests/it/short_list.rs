//! A source whose list ends early.

use async_trait::async_trait;
use workflow::register::{self, Outputs, Selection};
use workflow::render::Renderer;
use workflow::source::{InvoiceSource, OnEvent, Origin, Outside, SourceItem};
use workflow::{Error, Register};

use crate::raw_register::invoice;

/// Delivers one invoice, counted so many at the start and so many at the end.
struct Short {
    origin: Origin,
    at_the_end: u64,
    item: Option<SourceItem>,
}

#[async_trait]
impl InvoiceSource for Short {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    async fn next_window(&mut self, _: OnEvent<'_>) -> Result<Option<Vec<SourceItem>>, Error> {
        Ok(self.item.take().map(|item| vec![item]))
    }

    fn kept_out(&self) -> u64 {
        0
    }

    async fn recount(&mut self) -> Result<Option<u64>, Error> {
        Ok(Some(self.at_the_end))
    }

    async fn outside(&mut self) -> Result<Option<Outside>, Error> {
        Ok(None)
    }
}

async fn register(counted: u64, at_the_end: u64) -> Register {
    let item = serde_json::from_str(&invoice(1, "2026-02-01", "122")).unwrap();
    let origin = Origin { counted: Some(counted), ..Origin::default() };
    let mut source = Short { origin, at_the_end, item: Some(item) };
    let outputs = Outputs::one(Renderer::json_lines(Box::new(std::io::sink())));
    register::run(&mut source, &Selection::default(), outputs, None, &mut |_| {}).await.unwrap()
}

#[tokio::test]
async fn a_list_shorter_than_what_the_portal_still_counts_is_not_complete() {
    let register = register(3, 3).await;
    assert!(!register.is_complete());
    assert_eq!((register.counts.paid, register.counts.gaps), (1, 1));
    assert!(register.shown.iter().any(|(_, p)| p.message.contains("counts 3 invoices and delivered 1")));
}

#[tokio::test]
async fn invoices_deleted_while_they_were_read_are_a_difference_and_nothing_missing() {
    let register = register(3, 1).await;
    assert!(register.is_complete());
    assert_eq!(register.difference_to_count(), Some(-2));
}
