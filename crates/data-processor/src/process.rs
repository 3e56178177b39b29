//! The entry point: a batch of raw invoices in, every one of them out.

use crate::duplicates::Duplicates;
use crate::invoice::ProcessedInvoice;
use crate::problem::{Problem, Problems};
use crate::raw::RawInvoice;
use crate::rules::Rules;

mod assembly;
mod reading;
mod rows;

/// The result of a batch: processed and rejected together are the input, each in input order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcessedBatch {
    /// Invoices that are valid, with their warnings.
    pub processed: Vec<ProcessedInvoice>,
    /// Invoices that could not be read, with every reason.
    pub rejected: Vec<RejectedInvoice>,
}

/// An invoice that could not be processed: untouched, with all its problems, not only the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedInvoice {
    /// The invoice as it came.
    pub raw: RawInvoice,
    /// Rejections, and the warnings that were found on the way.
    pub problems: Vec<Problem>,
}

/// Processes a batch. Never fails and never drops: processed + rejected = input. Makes no request.
///
/// A document number used twice by one seller is noticed within this batch; [`process_next_batch`] notices it across
/// batches.
#[must_use]
pub fn process_invoice_batch(batch: Vec<RawInvoice>, rules: &Rules) -> ProcessedBatch {
    process_next_batch(batch, rules, &mut Duplicates::default())
}

/// Processes one window of a longer run: as [`process_invoice_batch`], with the numbers met so far.
#[must_use]
pub fn process_next_batch(batch: Vec<RawInvoice>, rules: &Rules, seen: &mut Duplicates) -> ProcessedBatch {
    let mut result = ProcessedBatch { processed: Vec::with_capacity(batch.len()), rejected: Vec::new() };
    for raw in batch {
        let mut problems = Problems::default();
        match reading::read(&raw, rules, &mut problems) {
            Some(facts) => result.processed.push(assembly::assemble(raw, facts, problems, seen)),
            None => result.rejected.push(RejectedInvoice { raw, problems: problems.into_vec() }),
        }
    }
    result
}
