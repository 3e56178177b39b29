//! The invoice register: fetched window by window, processed, summed up and handed to a renderer.

mod outputs;
mod row;
mod selection;
mod summary;
mod tally;
pub(crate) mod texts;

use std::task::Poll;

use data_processor::{Duplicates, ProcessedBatch, RawInvoice, Rules, process_next_batch};

pub use outputs::{OpenRenderer, Outputs};
pub use row::{Amount, Card, RateRow, RegisterRow, RowProblem, RowStatus, Russian};
pub use selection::Selection;
pub use summary::{
    CounterpartyTotals, Counts, GroupTotals, ManualTotals, MonthTotals, RateTotals, Register, SliceTotals,
    TallyTotals, UndatedTotals,
};

use self::outputs::Part;
pub(crate) use self::selection::{Place, is_company, is_stage, same};
use self::tally::Tally;
use crate::output::OutputFile;
use crate::source::raw_file::RawWriter;
use crate::source::{Gap, InvoiceSource, Missing, OnEvent, Origin, Outside, SourceItem};
use crate::{Error, Event};

/// Makes a register: takes every window of the source, processes what the selection asks for and writes one row per
/// invoice, in order of id.
///
/// The rows go to `outputs` and, unprocessed, to `raw`; no file has its name before everything is written. Memory does
/// not grow with the number of invoices, except by what the source and the duplicate check hold and by the totals of
/// every client.
///
/// # Errors
/// When the source cannot be continued or an output cannot be written. An invoice that is incomplete or malformed is
/// no error: it is a row with a problem.
pub async fn run(
    source: &mut dyn InvoiceSource,
    selection: &Selection,
    outputs: Outputs,
    mut raw: Option<RawWriter>,
    on_event: OnEvent<'_>,
) -> Result<Register, Error> {
    let rules = Rules { currencies: source.origin().currencies.clone() };
    let mut making =
        Making { selection, rules, outputs, seen: Duplicates::default(), outside: None, kept_out: 0 };
    if let Some(invoices) = source.origin().counted {
        on_event(Event::Expected { invoices });
    }
    let mut delivered = 0;
    while let Some(window) = source.next_window(on_event).await? {
        if let Some(raw) = &mut raw {
            raw.add(&window)?;
        }
        let written = window.len() as u64;
        delivered += written;
        making.write(window)?;
        on_event(Event::Written { invoices: written });
        breathe().await;
    }
    if let Some(short) = short(source, delivered).await? {
        making.write(vec![short])?;
    }
    let Making { outputs, outside, kept_out, .. } = making;
    let (mut whole, parts) = outputs.close();
    whole.counts.kept_out = kept_out + source.kept_out();
    let nothing = whole.counts.invoices == 0;
    let outside = if nothing { source.outside().await?.or(outside) } else { None };
    let remarks = source.remarks();
    let mut register = Register { remarks, outside, ..Register::of(source.origin(), selection, whole) };
    let raw_name = raw.as_ref().map(|raw| raw.path().to_owned());
    let mut files: Vec<OutputFile> = raw.map(RawWriter::finish).transpose()?.into_iter().collect();
    files.extend(finish(parts, &register)?);
    let mut names = OutputFile::commit_all(files)?;
    register.outputs = names.split_off(usize::from(raw_name.is_some()));
    register.raw = raw_name;
    Ok(register)
}

/// A list that ends early says nothing about it. When fewer invoices came than were counted, the source is asked once
/// more: what was deleted meanwhile is gone from its count, what it still counts is missing here.
async fn short(source: &mut dyn InvoiceSource, delivered: u64) -> Result<Option<SourceItem>, Error> {
    let delivered = delivered + source.kept_out();
    if source.origin().counted.is_none_or(|counted| counted <= delivered) {
        return Ok(None);
    }
    let counted = source.recount().await?.filter(|counted| *counted > delivered);
    Ok(counted.map(|counted| {
        let reason = texts::reasons::invoices_differ(counted, delivered);
        let missing = vec![Missing::new(crate::source::Part::Header, reason)];
        SourceItem::Gap(Gap { id: None, known: None, missing })
    }))
}

/// Lets the program look at something else between two windows: a file is read without ever waiting, and an
/// interruption would not be noticed before its end.
async fn breathe() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Completes the outputs: the only one speaks of the whole register, one of several of its own part.
fn finish(parts: Vec<Part>, whole: &Register) -> Result<Vec<OutputFile>, Error> {
    let one = parts.len() == 1;
    let mut files = Vec::new();
    for Part { renderer, tally } in parts {
        let file = if one {
            renderer.finish(whole)?
        } else {
            // The portal counted all of them together.
            let origin = Origin { counted: None, ..whole.origin.clone() };
            let remarks = whole.remarks.clone();
            renderer.finish(&Register { remarks, ..Register::of(&origin, &whole.selection, tally) })?
        };
        files.extend(file);
    }
    Ok(files)
}

/// A register in the making.
struct Making<'a> {
    selection: &'a Selection,
    rules: Rules,
    outputs: Outputs,
    seen: Duplicates,
    /// What the selection kept out, for an empty register to explain itself.
    outside: Option<Outside>,
    kept_out: u64,
}

/// A window sorted by what becomes of its invoices.
#[derive(Default)]
struct Sorted {
    chosen: Vec<RawInvoice>,
    undated: Vec<RawInvoice>,
    rows: Vec<RegisterRow>,
}

impl Making<'_> {
    /// Processes a window and writes its rows in order of id, those without one last.
    fn write(&mut self, window: Vec<SourceItem>) -> Result<(), Error> {
        let Sorted { chosen, undated, mut rows } = self.sorted(window);
        let ProcessedBatch { processed, rejected } = process_next_batch(chosen, &self.rules, &mut self.seen);
        for invoice in processed {
            let day = self.selection.day(&invoice).unwrap_or(invoice.date());
            self.outputs.tally_of(&invoice)?.totals.add_on(&invoice, day);
            rows.push(RegisterRow::of_processed(invoice, day));
        }
        rows.extend(rejected.iter().map(RegisterRow::of_rejected));
        let ProcessedBatch { processed, rejected } = process_next_batch(undated, &self.rules, &mut self.seen);
        for invoice in processed {
            self.outputs.tally_of(&invoice)?.undated.add(&invoice);
            rows.push(RegisterRow::of_undated(invoice, self.selection.basis));
        }
        rows.extend(rejected.iter().map(RegisterRow::of_rejected));
        rows.sort_by_key(|row| row.id.unwrap_or(u64::MAX));
        rows.into_iter().try_for_each(|row| self.outputs.write(row))
    }

    fn sorted(&mut self, window: Vec<SourceItem>) -> Sorted {
        let mut sorted = Sorted { chosen: Vec::with_capacity(window.len()), ..Sorted::default() };
        for item in window {
            match item {
                SourceItem::Invoice(invoice) => match self.selection.place(&invoice) {
                    Place::In => sorted.chosen.push(*invoice),
                    Place::Undated => sorted.undated.push(*invoice),
                    Place::Out => self.keep_out(&invoice),
                },
                SourceItem::Gap(gap) => match gap.known.as_deref() {
                    Some(known) if self.selection.place_of_gap(&gap, known) == Place::Out => {
                        self.keep_out(known);
                    }
                    _ => sorted.rows.push(RegisterRow::of_gap(&gap)),
                },
            }
        }
        sorted
    }

    fn keep_out(&mut self, invoice: &RawInvoice) {
        self.kept_out += 1;
        self.outside.get_or_insert_default().add(invoice);
    }
}

impl Register {
    fn of(origin: &Origin, selection: &Selection, tally: Tally) -> Self {
        let period = selection.period.or(origin.period);
        let basis = if selection.period.is_some() { selection.basis } else { origin.basis };
        Self {
            origin: Origin { period, basis, ..origin.clone() },
            selection: selection.clone(),
            counts: tally.counts,
            totals: tally.totals.groups().iter().map(GroupTotals::of).collect(),
            group_totals: tally.totals.over_sellers().iter().map(GroupTotals::of).collect(),
            undated: tally.undated.over_sellers().iter().map(UndatedTotals::of).collect(),
            problems: tally.problems,
            shown: tally.shown,
            remarks: Vec::new(),
            outside: None,
            outputs: Vec::new(),
            raw: None,
        }
    }
}
