//! The tables of columns, one file per entity, in the key order of a full row.

pub(crate) mod company;
pub(crate) mod contact;
pub(crate) mod deal;
pub(crate) mod invoice;
pub(crate) mod lead;
