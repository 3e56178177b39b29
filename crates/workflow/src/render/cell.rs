//! Cells that say exactly what the register says, or say that they cannot.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet, XlsxError};

/// Significant digits that a cell's double holds exactly.
const CELL_DIGITS: usize = 15;
/// Characters that a cell holds.
const CELL_CHARACTERS: usize = 32_767;

/// Whether a cell could hold what it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Exactly,
    /// A number with too many digits, written as text.
    AsText,
    /// A text that was too long.
    Cut,
}

/// Where a cell is and how it looks.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) row: u32,
    pub(super) column: u16,
    pub(super) format: &'a Format,
}

/// Writes a number; one with more digits than a cell holds is written as text.
pub(super) fn number(sheet: &mut Worksheet, place: Place<'_>, value: Decimal) -> Result<Held, XlsxError> {
    let text = value.to_string();
    let digits = value.normalize().mantissa().unsigned_abs().to_string().len();
    // Parsing the text gives the nearest double; every other way of converting may be one bit off.
    match text.parse::<f64>() {
        Ok(double) if digits <= CELL_DIGITS => {
            sheet.write_number_with_format(place.row, place.column, double, place.format)?;
            Ok(Held::Exactly)
        }
        _ => {
            sheet.write_string_with_format(place.row, place.column, &text, place.format)?;
            Ok(Held::AsText)
        }
    }
}

/// Writes a text as text, whatever it looks like.
pub(super) fn text(sheet: &mut Worksheet, place: Place<'_>, text: &str) -> Result<Held, XlsxError> {
    // The limit counts UTF-16 units.
    if text.encode_utf16().count() <= CELL_CHARACTERS {
        sheet.write_string_with_format(place.row, place.column, text, place.format)?;
        return Ok(Held::Exactly);
    }
    let mut units = 0;
    let kept: String = text
        .chars()
        .take_while(|character| {
            units += character.len_utf16();
            units < CELL_CHARACTERS
        })
        .collect();
    sheet.write_string_with_format(place.row, place.column, format!("{kept}…"), place.format)?;
    Ok(Held::Cut)
}

/// Writes a day as a real date; days before 1900, which a workbook does not know, as text.
pub(super) fn day(sheet: &mut Worksheet, place: Place<'_>, day: Date) -> Result<(), XlsxError> {
    let known = u16::try_from(day.year()).ok().filter(|year| *year >= 1900);
    let parts = known.zip(u8::try_from(day.month()).ok()).zip(u8::try_from(day.day()).ok());
    match parts {
        Some(((year, month), day)) => {
            let date = ExcelDateTime::from_ymd(year, month, day)?;
            sheet.write_datetime_with_format(place.row, place.column, &date, place.format)?;
        }
        None => {
            sheet.write_string_with_format(place.row, place.column, day.to_string(), place.format)?;
        }
    }
    Ok(())
}
