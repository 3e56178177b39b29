//! Large sheets: written row by row as `SpreadsheetML` and compressed at once in a thread of their own.
//!
//! The workbook library makes everything else: styles, tables, charts, page set-up, and a stub of each large sheet whose
//! data is replaced. Its own constant-memory mode writes the XML to a file first and compresses it afterwards in the
//! same thread, which takes several times as long (docs/benchmarks.md).

mod number;
mod palette;
mod part;
mod row_xml;
mod series;
mod splice;
mod text;

pub(super) use self::palette::{Palette, StyleId};
pub(super) use self::row_xml::RowXml;
pub(super) use self::series::{Series, SheetRows, range, sheet_name};
pub(super) use self::splice::{Stub, splice};
pub(super) use self::text::{Held, fitting, lines};
