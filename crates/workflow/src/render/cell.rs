//! Cells of small sheets that say exactly what the register says, or say that they cannot.

use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::sheet::fitting;

/// Significant digits that a cell's double holds exactly.
const CELL_DIGITS: usize = 15;

/// Where a cell is and how it looks.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) row: u32,
    pub(super) column: u16,
    pub(super) format: &'a Format,
}

/// Whether a cell holds the number exactly.
pub(super) fn fits(value: Decimal) -> bool {
    value.normalize().mantissa().unsigned_abs().to_string().len() <= CELL_DIGITS
}

/// Writes a number; one with more digits than a cell holds is written as text.
pub(super) fn number(sheet: &mut Worksheet, place: Place<'_>, value: Decimal) -> Result<(), XlsxError> {
    let text = value.to_string();
    // Parsing the text gives the nearest double; every other way of converting may be one bit off.
    match text.parse::<f64>() {
        Ok(double) if fits(value) => {
            sheet.write_number_with_format(place.row, place.column, double, place.format)?
        }
        _ => sheet.write_string_with_format(place.row, place.column, &text, place.format)?,
    };
    Ok(())
}

/// Writes a text as text, whatever it looks like.
pub(super) fn text(sheet: &mut Worksheet, place: Place<'_>, text: &str) -> Result<(), XlsxError> {
    let (kept, _) = fitting(text);
    sheet.write_string_with_format(place.row, place.column, kept, place.format)?;
    Ok(())
}
