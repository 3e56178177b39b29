//! The seed: a portal that looks like a real Russian group's, computed from a number.

/// How large a portal to make, and from which number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeedPlan {
    /// Everything follows from this number.
    pub(crate) seed: u64,
    /// Smart invoices in total.
    pub(crate) invoices: u32,
    /// Deals in total.
    pub(crate) deals: u32,
    /// Contacts in total; `None` makes as many as the invoices' clients need.
    pub(crate) contacts: Option<u32>,
}
