//! The register from source to output.

mod raw_register;
mod workbook;
