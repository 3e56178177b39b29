//! References from one command of a batch to the result of an earlier one.

/// The result of an earlier command, or a value inside it. Made by [`Slot::at`](crate::Slot::at).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    pub(crate) batch: u64,
    pub(crate) index: usize,
    pub(crate) path: String,
}
