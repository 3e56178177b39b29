//! Where invoices come from: the port that the register owns, and what flows through it.

pub mod portal;
pub mod raw_file;

use std::collections::BTreeMap;

use async_trait::async_trait;
use data_processor::RawInvoice;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::register::RowProblem;
use crate::{Basis, Error, Event, Period};

/// Receives progress.
pub type OnEvent<'a> = &'a mut (dyn FnMut(Event) + Send);

/// Delivers the invoices of a period, complete, in ascending order of their ids, window by window.
#[async_trait]
pub trait InvoiceSource: Send {
    /// Where the invoices come from and what the source knows about all of them.
    fn origin(&self) -> &Origin;

    /// The next window, or nothing after the last one.
    ///
    /// # Errors
    /// When the list of invoices cannot be continued. What is missing of a single invoice is a [`Gap`] instead.
    async fn next_window(&mut self, on_event: OnEvent<'_>) -> Result<Option<Vec<SourceItem>>, Error>;

    /// How many invoices the source itself kept out, because their dates say that nobody asked for them.
    fn kept_out(&self) -> u64;

    /// What is to be said of the whole register, once everything was delivered.
    fn remarks(&self) -> Vec<RowProblem> {
        Vec::new()
    }

    /// How many invoices of the period there are now, asked when fewer were delivered than were counted at the start.
    ///
    /// # Errors
    /// When the source cannot be asked.
    async fn recount(&mut self) -> Result<Option<u64>, Error>;

    /// What there is outside the period, asked when nothing was found in it.
    ///
    /// # Errors
    /// When the source cannot be asked.
    async fn outside(&mut self) -> Result<Option<Outside>, Error>;
}

/// One invoice of the source.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceItem {
    /// A complete invoice.
    Invoice(Box<RawInvoice>),
    /// An invoice of which something is missing.
    Gap(Gap),
}

impl SourceItem {
    /// The invoice's id, when it is known.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        match self {
            Self::Invoice(invoice) => Some(invoice.id),
            Self::Gap(gap) => gap.id,
        }
    }
}

/// An invoice that could not be fetched completely.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The invoice's id, when even that is known.
    pub id: Option<u64>,
    /// What is known of the invoice.
    pub known: Option<Box<RawInvoice>>,
    /// What is missing, and why.
    pub missing: Vec<Missing>,
}

/// One missing part of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// Which part.
    pub part: Part,
    /// Why it is missing, as the portal or the network said.
    pub reason: String,
    /// The same in Russian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub russian: Option<String>,
}

/// Why something is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) english: String,
    pub(crate) russian: String,
}

impl Missing {
    pub(crate) fn new(part: Part, reason: Reason) -> Self {
        Self { part, reason: reason.english, russian: Some(reason.russian) }
    }
}

/// A part of an invoice that is fetched on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The invoice itself (the row of the list).
    Header,
    /// Its product rows.
    Rows,
    /// Which requisites it uses.
    RequisiteLink,
    /// The requisites of client or seller.
    Requisites,
    /// Its payments.
    Payments,
}

/// Where invoices come from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The portal's identity (host and, unless standard, port); none for a file without a header.
    pub portal: Option<String>,
    /// On whose behalf the portal was read.
    pub user: Option<crate::PortalUser>,
    /// The period asked for.
    pub period: Option<Period>,
    /// The date that decides about the period.
    #[serde(default)]
    pub basis: Basis,
    /// How many invoices of the period the portal counted when the run began.
    pub counted: Option<u64>,
    /// Currencies the portal knows, with the digits of their minor unit.
    pub currencies: BTreeMap<String, u32>,
    /// The user fields that hold the dates of shipment and payment, by title.
    pub date_fields: Vec<String>,
}

/// What a portal holds outside an empty period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// Invoices in all.
    pub invoices: u64,
    /// First and last invoice date.
    pub invoice_dates: Option<(Date, Date)>,
    /// First and last shipment date.
    pub shipped: Option<(Date, Date)>,
    /// First and last payment date.
    pub paid: Option<(Date, Date)>,
}

impl Outside {
    /// Adds an invoice that was kept out.
    pub(crate) fn add(&mut self, invoice: &RawInvoice) {
        fn widen(range: &mut Option<(Date, Date)>, day: Option<Date>) {
            if let Some(day) = day {
                *range = Some(range.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
            }
        }
        let day = |text: &Option<String>| text.as_deref().and_then(data_processor::date::civil);
        self.invoices += 1;
        widen(&mut self.invoice_dates, day(&invoice.date));
        widen(&mut self.shipped, day(&invoice.shipped_on));
        widen(&mut self.paid, data_processor::paid_on(invoice).map(|(day, _)| day));
    }
}
