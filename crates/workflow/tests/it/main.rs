//! The register from source to output.

mod portal_register;
mod raw_register;
mod workbook;
