//! The invoice register: fetched window by window, processed, summed up and handed to a renderer.

mod row;
mod summary;
pub(crate) mod texts;

use std::collections::BTreeMap;

use data_processor::{Duplicates, ProcessedBatch, Rules, Totals, process_next_batch};

pub use row::{Amount, Card, RateRow, RegisterRow, RowProblem, RowStatus};
pub use summary::{
    CounterpartyTotals, Counts, GroupTotals, ManualTotals, MonthTotals, RateTotals, Register, SliceTotals,
    TallyTotals, UndatedTotals,
};

use crate::output::OutputFile;
use crate::render::Renderer;
use crate::source::raw_file::RawWriter;
use crate::source::{InvoiceSource, OnEvent, SourceItem};
use crate::{Error, Event};

/// How many problems a register keeps to show; all of them are in the output and counted by code.
const PROBLEMS_SHOWN: usize = 100;

/// Makes a register: takes every window of the source, processes it and writes one row per invoice, in order of id.
///
/// The rows go to `renderer` and, unprocessed, to `raw`; neither file has its name before everything is written.
/// Memory does not grow with the number of invoices, except by what the source and the duplicate check hold.
///
/// # Errors
/// When the source cannot be continued or an output cannot be written. An invoice that is incomplete or malformed is
/// no error: it is a row with a problem.
pub async fn run(
    source: &mut dyn InvoiceSource,
    mut renderer: Renderer,
    mut raw: Option<RawWriter>,
    on_event: OnEvent<'_>,
) -> Result<Register, Error> {
    let rules = Rules { currencies: source.origin().currencies.clone() };
    let mut tally = Tally::default();
    if let Some(invoices) = source.origin().counted {
        on_event(Event::Expected { invoices });
    }
    while let Some(window) = source.next_window(on_event).await? {
        if let Some(raw) = &mut raw {
            raw.add(&window)?;
        }
        let written = window.len() as u64;
        for mut row in tally.rows_of(window, &rules) {
            renderer.row(&mut row)?;
            tally.note(row);
        }
        on_event(Event::Written { invoices: written });
    }
    let outside = if tally.counts.invoices == 0 { source.outside().await? } else { None };
    let mut register = Register {
        origin: source.origin().clone(),
        counts: tally.counts,
        totals: tally.totals.groups().iter().map(GroupTotals::of).collect(),
        group_totals: tally.totals.over_sellers().iter().map(GroupTotals::of).collect(),
        undated: tally.undated.over_sellers().iter().map(UndatedTotals::of).collect(),
        problems: tally.problems,
        shown: tally.shown,
        outside,
        output: None,
        raw: None,
    };
    register.raw = raw.map(RawWriter::commit).transpose()?;
    register.output = renderer.finish(&register)?.map(OutputFile::commit).transpose()?;
    Ok(register)
}

/// What accumulates over the windows.
#[derive(Default)]
struct Tally {
    counts: Counts,
    totals: Totals,
    undated: Totals,
    seen: Duplicates,
    problems: BTreeMap<&'static str, u64>,
    shown: Vec<(Option<u64>, RowProblem)>,
}

impl Tally {
    /// Processes a window; its rows in order of id, those without one last.
    fn rows_of(&mut self, window: Vec<SourceItem>, rules: &Rules) -> Vec<RegisterRow> {
        let mut rows = Vec::with_capacity(window.len());
        let mut complete = Vec::with_capacity(window.len());
        for item in window {
            match item {
                SourceItem::Invoice(invoice) => complete.push(*invoice),
                SourceItem::Gap(gap) => rows.push(RegisterRow::of_gap(&gap)),
            }
        }
        let ProcessedBatch { processed, rejected } = process_next_batch(complete, rules, &mut self.seen);
        for invoice in processed {
            let day = invoice.date();
            self.totals.add_on(&invoice, day);
            rows.push(RegisterRow::of_processed(invoice, day));
        }
        rows.extend(rejected.iter().map(RegisterRow::of_rejected));
        rows.sort_by_key(|row| row.id.unwrap_or(u64::MAX));
        rows
    }

    /// Counts a row that was written.
    fn note(&mut self, row: RegisterRow) {
        self.counts.add(&row);
        for problem in row.problems {
            *self.problems.entry(problem.code).or_default() += 1;
            // Rejections and gaps first: they are what makes a register incomplete.
            let urgent = problem.severity != "warning";
            if self.shown.len() < PROBLEMS_SHOWN {
                self.shown.push((row.id, problem));
            } else if urgent && let Some(slot) = self.shown.iter_mut().find(|(_, p)| p.severity == "warning")
            {
                *slot = (row.id, problem);
            }
        }
    }
}
