//! How the sheets look: widths, heights of wrapped rows, heads that stay, filters, print.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

/// Height of a line and of the tallest row, in points.
const LINE: f64 = 15.0;
const TALLEST: f64 = 405.0;

/// A4.
const PAPER: u8 = 9;

/// Formats of cells.
pub(super) struct Faces {
    pub(super) title: Format,
    pub(super) head: Format,
    pub(super) value: Format,
    pub(super) text: Format,
    /// Of rows that a person has to look at.
    pub(super) alarm: Format,
    pub(super) alarm_number: Format,
    pub(super) link: Format,
}

impl Faces {
    pub(super) fn new() -> Self {
        let text = Format::new().set_align(FormatAlign::Top).set_text_wrap();
        let head = text.clone().set_bold().set_background_color(Color::RGB(0x00FC_E4D6));
        let text =
            text.set_border_bottom(FormatBorder::Thin).set_border_bottom_color(Color::RGB(0x00D9_D9D9));
        let alarm = text.clone().set_background_color(Color::RGB(0x00FF_E0E0));
        Self {
            title: Format::new().set_bold().set_font_size(14),
            head: head.set_align(FormatAlign::Left),
            value: text.clone().set_align(FormatAlign::Left),
            alarm_number: alarm.clone().set_align(FormatAlign::Left),
            alarm,
            link: text.clone().set_hyperlink(),
            text,
        }
    }
}

/// A sheet of rows with a head: the head and the first columns stay, `printed` columns are printed on A4, one page wide.
pub(super) fn begin(
    sheet: &mut Worksheet,
    columns: &[(&str, f64)],
    kept: u16,
    faces: &Faces,
) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, kept)?.set_landscape().set_paper_size(PAPER).set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3).set_footer("&L&A&RСтраница &P из &N");
    sheet.set_repeat_rows(0, 0)?;
    for (column, (title, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, *title, &faces.head)?;
    }
    Ok(())
}

/// Ends a sheet of rows whose last row is `last`: it can be filtered, and all but its last column is printed.
pub(super) fn end(sheet: &mut Worksheet, columns: usize, last: u32) -> Result<(), XlsxError> {
    let column = u16::try_from(columns.saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last, column)?;
    sheet.set_print_area(0, 0, last, column.saturating_sub(1)).map(drop)
}

/// The first sheet: two columns on an upright page.
pub(super) fn upright(sheet: &mut Worksheet, columns: &[(&str, f64)]) -> Result<(), XlsxError> {
    for (column, (_, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_portrait().set_paper_size(PAPER).set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&RСтраница &P из &N");
    Ok(())
}

/// How tall a row must be for its wrapped texts: no program measures them when it opens a file.
pub(super) fn height(texts: &[(u16, &str)], columns: &[(&str, f64)]) -> f64 {
    let tall = |(column, text): &(u16, &str)| {
        let width = columns.get(usize::from(*column)).map_or(10.0, |(_, width)| *width);
        text.split('\n').map(|line| pieces(line, width)).sum::<f64>()
    };
    (texts.iter().map(tall).fold(1.0, f64::max) * LINE).min(TALLEST)
}

/// Lines that a text without line ends takes; words do not break, so a line is never quite full.
fn pieces(line: &str, width: f64) -> f64 {
    let (mut lines, mut used) = (1.0, 0.0);
    #[expect(clippy::cast_precision_loss, reason = "no cell has more characters than a double can count")]
    for word in line.split(' ').map(|word| word.chars().count() as f64) {
        if used > 0.0 && used + 1.0 + word > width {
            lines += 1.0;
            used = 0.0;
        }
        if used > 0.0 {
            used += 1.0;
        }
        lines += (word / width).floor();
        used += word % width;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::height;

    #[test]
    fn a_row_is_as_tall_as_its_longest_cell() {
        let columns = [("", 20.0), ("", 12.0)];
        let lines = |text: &str| height(&[(0, ""), (1, text)], &columns) / super::LINE;
        assert!((lines("коротко") - 1.0).abs() < 0.1);
        assert!((lines("одна\nдве\nтри") - 3.0).abs() < 0.1);
        assert!((lines("слово слово слово слово") - 2.0).abs() < 0.1);
        assert!(lines(&"x".repeat(40)) > 3.0, "a word that is longer than its column");
        assert!((lines(&"слово ".repeat(10_000)) - 27.0).abs() < 0.1, "no row is taller than a sheet allows");
    }
}
