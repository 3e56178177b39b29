//! The formats of a workbook and the numbers they have in its style sheet.

use std::io::Cursor;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::splice;

/// The number of a format in the style sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::render) struct StyleId(pub(super) u32);

/// Formats in a fixed order. The library numbers formats in the order of their first use, so a row of cells that uses
/// them all, first thing in the first sheet, gives them the same numbers in every workbook made from the palette.
#[derive(Debug, Default)]
pub(in crate::render) struct Palette {
    formats: Vec<Format>,
}

/// The row of the first sheet that uses every format; it is replaced with all the sheet's data.
const TEMPLATE_ROW: u32 = 1;

impl Palette {
    /// Adds a format; its place among [`Palette::ids`].
    pub(in crate::render) fn add(&mut self, format: Format) -> usize {
        self.formats.push(format);
        self.formats.len() - 1
    }

    /// Writes the cells that number the formats; to be called before anything else uses a format.
    pub(in crate::render) fn template(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        for (column, format) in (0..).zip(&self.formats) {
            sheet.write_blank(TEMPLATE_ROW, column, format)?;
        }
        Ok(())
    }

    /// The numbers of the formats, in their order.
    pub(in crate::render) fn ids(&self) -> Result<Vec<StyleId>, XlsxError> {
        let mut probe = Workbook::new();
        self.template(probe.add_worksheet())?;
        let stubs = splice::stubs(Cursor::new(probe.save_to_buffer()?), 1)?;
        let ids = stubs.first().map(|stub| styles(&stub.data)).unwrap_or_default();
        if ids.len() == self.formats.len() {
            return Ok(ids);
        }
        Err(XlsxError::ParameterError("the library did not number every format".to_owned()))
    }
}

/// The styles of the template's cells.
pub(super) fn styles(data: &str) -> Vec<StyleId> {
    let template = format!("<row r=\"{}\"", TEMPLATE_ROW + 1);
    let Some((_, row)) = data.split_once(&template) else { return Vec::new() };
    let row = row.split_once("</row>").map_or(row, |(row, _)| row);
    row.split("<c ")
        .skip(1)
        .filter_map(|cell| cell.split_once("s=\"")?.1.split_once('"')?.0.parse().ok().map(StyleId))
        .collect()
}
