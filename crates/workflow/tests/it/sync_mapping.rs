//! Mappings: read, resolved against a portal, checked, applied to records.

mod checked;
mod facts;
mod fixtures;
mod phones;
mod read;
mod records;
mod values;
