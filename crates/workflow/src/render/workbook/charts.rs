//! Native charts of the totals sheet.

use rust_xlsxwriter::{
    Chart, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartSolidFill, ChartType, Color,
    Worksheet, XlsxError,
};

use super::totals::Block;
use crate::render::labels;
use crate::render::presentation::Language;

/// Rows of the sheet that the charts cover.
pub(super) const ROWS: u32 = 17;

/// Column of the titles, of the gross amount and of the VAT.
const TITLE: u16 = 4;
const GROSS: u16 = 6;
const VAT: u16 = 8;

const BLUE: Color = Color::RGB(0x0044_72C4);
const ORANGE: Color = Color::RGB(0x00ED_7D31);

/// Puts both charts side by side; `whose` sums they show.
pub(super) fn insert(
    sheet: &mut Worksheet,
    row: u32,
    whose: &str,
    rates: Block,
    months: Block,
    language: Language,
) -> Result<(), XlsxError> {
    let name = labels::SHEET_TOTALS.of(language);
    let title = |label: &str| format!("{label}: {whose}");
    let mut by_month = chart(name, &title(labels::CHART_MONTHS.of(language)), months, GROSS, BLUE);
    by_month.set_width(760).set_height(330);
    sheet.insert_chart_with_offset(row, 0, &by_month, 4, 0)?;
    let mut by_rate = chart(name, &title(labels::CHART_RATES.of(language)), rates, VAT, ORANGE);
    by_rate.set_width(520).set_height(330);
    sheet.insert_chart_with_offset(row, TITLE, &by_rate, 258, 0)?;
    Ok(())
}

fn chart(sheet: &str, title: &str, (first, last): Block, values: u16, colour: Color) -> Chart {
    let mut chart = Chart::new(ChartType::Column);
    chart
        .add_series()
        .set_categories((sheet, first, TITLE, last, TITLE))
        .set_values((sheet, first, values, last, values))
        .set_gap(60)
        .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(colour)));
    chart.title().set_name(title).set_font(ChartFont::new().set_size(11).set_bold());
    chart.legend().set_hidden().set_position(ChartLegendPosition::Bottom);
    chart.x_axis().set_font(ChartFont::new().set_size(8));
    chart
        .y_axis()
        .set_num_format("#,##0")
        .set_font(ChartFont::new().set_size(8))
        .set_major_gridlines_line(ChartLine::new().set_color(Color::RGB(0x00D9_D9D9)));
    chart
}
