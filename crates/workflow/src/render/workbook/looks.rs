//! How cells look. A colour never stands alone: each has a column that says the same.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use super::columns::Kind;
use crate::register::{RegisterRow, RowStatus};

/// Invoices that are not paid.
const UNPAID: Color = Color::RGB(0x00FF_C0CB);
/// Invoices without VAT.
const WITHOUT_VAT: Color = Color::RGB(0x00D3_D3D3);
/// Invoices that could not be processed.
const BROKEN: Color = Color::RGB(0x00FF_D966);

/// The formats of one kind of cell, per background.
#[derive(Debug)]
struct Shades {
    plain: Format,
    unpaid: Format,
    without_vat: Format,
    broken: Format,
}

impl Shades {
    fn of(format: &Format) -> Self {
        Self {
            plain: format.clone(),
            unpaid: format.clone().set_background_color(UNPAID),
            without_vat: format.clone().set_background_color(WITHOUT_VAT),
            broken: format.clone().set_background_color(BROKEN),
        }
    }

    fn of_row(&self, row: &RegisterRow) -> &Format {
        match row.status {
            RowStatus::Rejected | RowStatus::Gap => &self.broken,
            RowStatus::Open => &self.unpaid,
            RowStatus::Paid | RowStatus::Cancelled
                if !row.vat_by_rate.is_empty() && row.vat_by_rate.iter().all(|rate| rate.rate.is_none()) =>
            {
                &self.without_vat
            }
            RowStatus::Paid | RowStatus::Cancelled | RowStatus::Undated => &self.plain,
        }
    }
}

/// Every format of the workbook.
#[derive(Debug)]
pub(super) struct Looks {
    header: Format,
    text: Shades,
    number: Shades,
    money: Shades,
    day: Shades,
    bold_text: Format,
    bold_money: Format,
    wrapped: Format,
    wrapped_broken: Format,
}

impl Looks {
    pub(super) fn new() -> Self {
        let grid = Format::new().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00BF_BFBF));
        // Stored in invariant form; a Russian Excel shows it as `120 000,00` and `31.03.2026`.
        let text = grid.clone().set_num_format("@");
        let money = grid.clone().set_num_format("#,##0.00");
        let wrapped = text.clone().set_text_wrap().set_align(FormatAlign::Top);
        Self {
            header: grid
                .clone()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter)
                .set_background_color(Color::RGB(0x00FC_E4D6)),
            bold_text: text.clone().set_bold(),
            bold_money: money.clone().set_bold(),
            text: Shades::of(&text),
            number: Shades::of(&grid.clone().set_num_format("0")),
            money: Shades::of(&money),
            day: Shades::of(&grid.set_num_format("dd.mm.yyyy")),
            wrapped_broken: wrapped.clone().set_background_color(BROKEN),
            wrapped,
        }
    }

    pub(super) fn header(&self) -> &Format {
        &self.header
    }

    /// A cell of the register sheet.
    pub(super) fn cell(&self, kind: Kind, row: &RegisterRow) -> &Format {
        let shades = match kind {
            Kind::Text => &self.text,
            Kind::Number => &self.number,
            Kind::Money => &self.money,
            Kind::Day => &self.day,
        };
        shades.of_row(row)
    }

    /// A cell of the problems sheet.
    pub(super) fn problem(&self, urgent: bool) -> &Format {
        if urgent { &self.wrapped_broken } else { &self.wrapped }
    }

    /// A text outside the register sheet.
    pub(super) fn text(&self, bold: bool) -> &Format {
        if bold { &self.bold_text } else { &self.text.plain }
    }

    /// An amount outside the register sheet.
    pub(super) fn money(&self, bold: bool) -> &Format {
        if bold { &self.bold_money } else { &self.money.plain }
    }

    /// A count outside the register sheet.
    pub(super) fn count(&self) -> &Format {
        &self.number.plain
    }
}
