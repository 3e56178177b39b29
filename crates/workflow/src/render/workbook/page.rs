//! How sheets are printed.

use rust_xlsxwriter::{Worksheet, XlsxError};

/// A4 landscape, one page wide, the rows of titles frozen and repeated, pages numbered.
pub(in crate::render) fn set_up(sheet: &mut Worksheet, titles: u32) -> Result<(), XlsxError> {
    const A4: u8 = 9;
    sheet
        .set_landscape()
        .set_paper_size(A4)
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3)
        .set_freeze_panes(titles, 0)?
        .set_repeat_rows(titles.saturating_sub(1), titles.saturating_sub(1))?;
    Ok(())
}

/// What the sheet is, above and below each page.
pub(in crate::render) fn set_titles(sheet: &mut Worksheet, title: &str, remark: &str) {
    // An ampersand would begin a code.
    let (title, remark) = (title.replace('&', "&&"), remark.replace('&', "&&"));
    sheet.set_header(format!("&L&9{title}&R&9&A")).set_footer(format!("&L&8{remark}&R&8&P / &N"));
}
