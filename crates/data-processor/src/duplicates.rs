//! Document numbers met before.

use std::collections::HashMap;

/// Remembers the numbers of processed invoices, so that a number used twice is noticed across the windows of a run.
#[derive(Debug, Clone, Default)]
pub struct Duplicates {
    first: HashMap<u64, u64>,
}
