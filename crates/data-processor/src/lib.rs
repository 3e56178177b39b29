#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic)]

pub mod date;
mod duplicates;
mod invoice;
pub mod money;
mod number;
mod party;
mod payment;
mod problem;
mod process;
pub mod raw;
mod registration;
mod rules;
pub mod totals;
mod vat;

pub use duplicates::Duplicates;
pub use invoice::{Line, ProcessedInvoice, Status};
pub use money::Currency;
pub use party::Party;
pub use payment::{PaidBy, paid_on};
pub use problem::{Problem, ProblemCode, Severity};
pub use process::{ProcessedBatch, RejectedInvoice, process_invoice_batch, process_next_batch};
pub use raw::{RawInvoice, Token};
pub use rules::Rules;
pub use totals::{Group, Totals};
pub use vat::{RateLine, VatRate};
