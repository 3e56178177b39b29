//! Rows of a file become records of a portal, each at most once.
//!
//! Before a request is sent its rows stand in the outcome file as an intent, synced to disk. What came of them is
//! appended; when the run ends the file holds one line per row of the input. A run that finds an outcome file continues
//! from it: rows with an outcome are not sent again, rows with an intent alone are looked up by their key. *Found*
//! counts at once, *absent* only from a look-up made long enough after nobody could be executing the row any more.

mod dispatch;
mod entry;
mod failure;
mod ledger;
mod look_up;
mod mapping;
mod rows;
mod scan;
mod tally;
mod verb;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use b24_client::{CallError, Client, Params};
use jiff::{SignedDuration, Timestamp};

pub use entry::RowOutcome;
pub use failure::ImportError;
pub use scan::Forecast;
pub use tally::Tally;
pub use verb::Verb;

pub use crate::sending::Now;
use crate::{Error, fields};
use ledger::Ledger;
use rows::Rows;
use verb::RowMethod;

/// A row whose look-up proved that it was not executed is sent again so often.
const MOST_ROUNDS: u32 = 3;

/// What to import.
#[derive(Debug, Clone)]
pub struct Order {
    /// The method, ending in `.add` or `.update`.
    pub method: String,
    /// The rows: CSV, or JSON lines by the name's end.
    pub input: PathBuf,
    /// Columns and the fields they are sent as.
    pub map: Vec<(String, String)>,
    /// Parameters of every call beside `fields` and `id`.
    pub params: Params,
    /// The field with the record's key in the system the rows come from.
    pub key: Option<String>,
    /// The outcome file.
    pub outcomes: PathBuf,
    /// Rows to send at most.
    pub limit: Option<u64>,
    /// Whether to send rows again that the portal rejected before.
    pub retry_rejected: bool,
    /// How long after its answer was lost a request may still be executed.
    pub settle_after: SignedDuration,
    /// Whether the webhook's user sees every record: otherwise one that is not found may be there all the same.
    pub sees_everything: bool,
}

/// One step of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportEvent {
    /// So many further rows have an outcome.
    Settled {
        /// Rows settled with this step.
        rows: u64,
    },
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Rows are perhaps still being executed: call [`Import::step`] again at this moment.
    WaitUntil(Timestamp),
    /// Nothing more can be done in this run.
    Done,
}

/// An import that goes on.
pub struct Import {
    client: Client,
    order: Order,
    method: RowMethod,
    known: Option<BTreeSet<String>>,
    ledger: Ledger,
    /// Rows whose key stands in an earlier row, by line; and that row's line.
    repeated: HashMap<u64, u64>,
    /// Rows proved not to be executed by a look-up, which are sent in any case.
    resend: HashSet<u64>,
    /// Rows that no look-up of this run can settle.
    hopeless: HashSet<u64>,
    swept: bool,
    rounds: u32,
    stopped: Option<CallError>,
    tally: Tally,
}

/// Says what a run would do. Nothing is written, and only the portal's fields are read.
///
/// # Errors
/// Everything that would keep the run from beginning.
pub async fn forecast(client: &Client, order: &Order) -> Result<Forecast, Error> {
    let method = RowMethod::parse(&order.method)?;
    let known = known_fields(client, &method, order).await?;
    let ledger = Ledger::read(&order.outcomes, &client.identity(), &order.method)?;
    let (forecast, _) = scan::scan(order, &method, known, &ledger)?;
    Ok(forecast)
}

/// Checks method and mapping without the portal.
///
/// # Errors
/// A method that takes no rows, an input that cannot be read.
pub fn check(order: &Order) -> Result<Verb, Error> {
    let method = RowMethod::parse(&order.method)?;
    Rows::open(order, method.verb, None)?;
    Ok(method.verb)
}

impl Import {
    /// Begins, or continues from the outcome file. Nothing is sent yet but the question for the portal's fields.
    ///
    /// # Errors
    /// A wrong method, input, mapping or key; an outcome file of another portal or method, or used by another run; rows
    /// that were changed after they were sent.
    pub async fn open(client: Client, order: Order, now: Timestamp) -> Result<(Self, Forecast), Error> {
        let method = RowMethod::parse(&order.method)?;
        let known = known_fields(&client, &method, &order).await?;
        let portal = client.identity();
        // Read first: a run that cannot begin leaves no file.
        scan::scan(&order, &method, known.clone(), &Ledger::read(&order.outcomes, &portal, &order.method)?)?;
        let ledger = Ledger::open(&order.outcomes, &portal, &order.method, now)?;
        let (forecast, repeated) = scan::scan(&order, &method, known.clone(), &ledger)?;
        let import = Self {
            client,
            order,
            method,
            known,
            ledger,
            repeated,
            resend: HashSet::new(),
            hopeless: HashSet::new(),
            swept: false,
            rounds: 0,
            stopped: None,
            tally: Tally::default(),
        };
        Ok((import, forecast))
    }

    /// Does what can be done now: looks up what was perhaps executed, sends what was not.
    ///
    /// # Errors
    /// The input cannot be read or the outcome file not be written; what was sent before is in the outcome file.
    pub async fn step(
        &mut self,
        now: Now<'_>,
        on_event: &mut (dyn FnMut(ImportEvent) + Send),
    ) -> Result<Step, Error> {
        loop {
            let due = self.look_up(now).await?;
            if self.stopped.is_some() {
                return Ok(Step::Done);
            }
            if self.swept && self.resend.is_empty() {
                return Ok(due.map_or(Step::Done, Step::WaitUntil));
            }
            self.rounds += u32::from(self.swept);
            if self.rounds > MOST_ROUNDS {
                return Ok(Step::Done);
            }
            self.sweep(now, on_event).await?;
            self.swept = true;
            self.resend.clear();
            if self.stopped.is_some() {
                return Ok(Step::Done);
            }
        }
    }

    /// Ends the run: the outcome file gets one line per row.
    ///
    /// # Errors
    /// The outcome file cannot be written; the next run can continue from what is there.
    pub fn finish(self) -> Result<(Tally, Option<CallError>), Error> {
        let mut tally = self.tally;
        tally.count(&self.ledger);
        let rows = Rows::open(&self.order, self.method.verb, None)?;
        self.ledger.tidy(rows)?;
        Ok((tally, self.stopped))
    }

    fn rows(&self) -> Result<Rows, ImportError> {
        Rows::open(&self.order, self.method.verb, self.known.clone())
    }
}

/// The names of the portal's fields, for methods whose fields can be asked for.
async fn known_fields(
    client: &Client,
    method: &RowMethod,
    order: &Order,
) -> Result<Option<BTreeSet<String>>, Error> {
    let fields = fields::of_method(client, &method.sibling("fields"), &order.params)
        .await
        .map_err(|error| Error::Portal { what: "the fields of the records", source: Box::new(error) })?;
    Ok(fields.map(|fields| fields.iter().map(|field| field.name.clone()).collect()))
}

impl std::fmt::Debug for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Rows are personal data.
        f.debug_struct("Import").field("method", &self.method.name).finish_non_exhaustive()
    }
}
