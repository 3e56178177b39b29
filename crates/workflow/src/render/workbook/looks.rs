//! How cells look. A colour never stands alone: each has a column that says the same.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline, XlsxError};

use crate::register::{RegisterRow, RowStatus};
use crate::render::sheet::{Palette, StyleId};

/// Invoices that are not paid.
pub(in crate::render) const UNPAID: Color = Color::RGB(0x00FF_C0CB);
/// Invoices without VAT.
pub(in crate::render) const WITHOUT_VAT: Color = Color::RGB(0x00D3_D3D3);
/// Invoices that could not be processed.
const BROKEN: Color = Color::RGB(0x00FF_D966);
const HEADER: Color = Color::RGB(0x00FC_E4D6);
const SUBTLE: Color = Color::RGB(0x00F2_F2F2);
const GRID: Color = Color::RGB(0x00BF_BFBF);
const LINK: Color = Color::RGB(0x0005_63C1);

// Stored in invariant form; a Russian Excel shows it as `120 000,00` and `31.03.2026`.
pub(in crate::render) const MONEY: &str = "#,##0.00";
pub(in crate::render) const DAY: &str = "dd.mm.yyyy";
pub(in crate::render) const QUANTITY: &str = "#,##0.###";
/// With [`QUANTITY`], a whole number would end in a lonely decimal mark.
pub(in crate::render) const WHOLE_QUANTITY: &str = "#,##0";

/// What a cell of a large sheet shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Text,
    Wrapped,
    Centred,
    Whole,
    Money,
    Day,
    Link,
    Quantity,
    WholeQuantity,
}

/// The background of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shade {
    Plain,
    Unpaid,
    WithoutVat,
    Broken,
    Cancelled,
}

const FACES: [Face; 9] = [
    Face::Text,
    Face::Wrapped,
    Face::Centred,
    Face::Whole,
    Face::Money,
    Face::Day,
    Face::Link,
    Face::Quantity,
    Face::WholeQuantity,
];
const SHADES: [Shade; 5] = [Shade::Plain, Shade::Unpaid, Shade::WithoutVat, Shade::Broken, Shade::Cancelled];

impl Shade {
    pub(super) fn of(row: &RegisterRow) -> Self {
        match row.status {
            RowStatus::Rejected | RowStatus::Gap | RowStatus::Undated => Self::Broken,
            RowStatus::Open => Self::Unpaid,
            RowStatus::Cancelled => Self::Cancelled,
            RowStatus::Paid if has_no_vat(row) => Self::WithoutVat,
            RowStatus::Paid => Self::Plain,
        }
    }

    fn on(self, format: Format) -> Format {
        match self {
            Self::Plain => format,
            Self::Unpaid => format.set_background_color(UNPAID),
            Self::WithoutVat => format.set_background_color(WITHOUT_VAT),
            Self::Broken => format.set_background_color(BROKEN),
            Self::Cancelled => format.set_font_color(Color::Gray).set_font_strikethrough(),
        }
    }
}

/// Whether every row of the invoice says «Без НДС».
fn has_no_vat(row: &RegisterRow) -> bool {
    !row.vat_by_rate.is_empty() && row.vat_by_rate.iter().all(|rate| rate.rate.is_none())
}

/// A cell of the problems.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remark {
    /// Whether it makes the register incomplete.
    pub(super) urgent: bool,
    /// Whether it is the first of its responsible person.
    pub(super) first: bool,
    pub(super) link: bool,
}

/// The styles of the large sheets.
#[derive(Debug)]
pub(super) struct Looks {
    palette: Palette,
    ids: Vec<StyleId>,
    cells: usize,
    remarks: usize,
    header: usize,
    total: usize,
}

impl Looks {
    pub(super) fn new() -> Result<Self, XlsxError> {
        Self::with(|_| ()).map(|(looks, ())| looks)
    }

    /// The same with formats of another layout.
    pub(super) fn with<T>(more: impl FnOnce(&mut Palette) -> T) -> Result<(Self, T), XlsxError> {
        let mut palette = Palette::default();
        let header = palette.add(header());
        let cells = header + 1;
        for face in FACES {
            for shade in SHADES {
                palette.add(shade.on(faced(face)));
            }
        }
        let remarks = cells + FACES.len() * SHADES.len();
        for bits in 0..8 {
            palette.add(remark(Remark { urgent: bits & 4 > 0, first: bits & 2 > 0, link: bits & 1 > 0 }));
        }
        let total = remarks + 8;
        for face in [Face::Text, Face::Whole, Face::Money] {
            palette.add(faced(face).set_bold().set_background_color(SUBTLE));
        }
        let added = more(&mut palette);
        Ok((Self { ids: palette.ids()?, palette, cells, remarks, header, total }, added))
    }

    pub(super) fn palette(&self) -> &Palette {
        &self.palette
    }

    pub(super) fn ids(&self) -> &[StyleId] {
        &self.ids
    }

    pub(super) fn header(&self) -> StyleId {
        self.ids[self.header]
    }

    /// A cell of an invoice or of one of its rows.
    pub(super) fn cell(&self, face: Face, shade: Shade) -> StyleId {
        self.ids[self.cells + face as usize * SHADES.len() + shade as usize]
    }

    pub(super) fn remark(&self, remark: Remark) -> StyleId {
        let bits = usize::from(remark.urgent) * 4 + usize::from(remark.first) * 2 + usize::from(remark.link);
        self.ids[self.remarks + bits]
    }

    pub(super) fn total_text(&self) -> StyleId {
        self.ids[self.total]
    }

    pub(super) fn total_whole(&self) -> StyleId {
        self.ids[self.total + 1]
    }

    pub(super) fn total_money(&self) -> StyleId {
        self.ids[self.total + 2]
    }
}

fn grid() -> Format {
    Format::new().set_border(FormatBorder::Thin).set_border_color(GRID).set_align(FormatAlign::Top)
}

/// A header of any sheet.
pub(in crate::render) fn header() -> Format {
    grid()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(HEADER)
}

fn faced(face: Face) -> Format {
    match face {
        Face::Text => grid().set_num_format("@"),
        Face::Wrapped => grid().set_num_format("@").set_text_wrap(),
        Face::Centred => grid().set_num_format("@").set_text_wrap().set_align(FormatAlign::Center),
        Face::Whole => grid().set_num_format("0").set_align(FormatAlign::Center),
        Face::Money => grid().set_num_format(MONEY),
        Face::Day => grid().set_num_format(DAY).set_align(FormatAlign::Center),
        Face::Link => linked(grid()),
        Face::Quantity => grid().set_num_format(QUANTITY),
        Face::WholeQuantity => grid().set_num_format(WHOLE_QUANTITY),
    }
}

fn linked(format: Format) -> Format {
    format.set_font_color(LINK).set_underline(FormatUnderline::Single)
}

fn remark(remark: Remark) -> Format {
    let format = grid().set_text_wrap();
    let format = if remark.link { linked(format) } else { format.set_num_format("@") };
    let format = if remark.urgent { format.set_background_color(BROKEN) } else { format };
    if remark.first {
        format.set_border_top(FormatBorder::Medium).set_border_top_color(Color::Gray)
    } else {
        format
    }
}

/// A cell of a small sheet.
#[derive(Debug)]
pub(super) struct Plain {
    pub(super) text: Format,
    pub(super) wrapped: Format,
    pub(super) whole: Format,
    pub(super) money: Format,
}

impl Plain {
    pub(super) fn new() -> Self {
        let text = faced(Face::Text);
        Self {
            wrapped: text.clone().set_text_wrap(),
            text,
            whole: grid().set_num_format("#,##0"),
            money: faced(Face::Money),
        }
    }

    pub(super) fn bold() -> Self {
        let Self { text, wrapped, whole, money } = Self::new();
        let bold = |format: Format| format.set_bold().set_background_color(SUBTLE);
        Self { text: bold(text), wrapped: bold(wrapped), whole: bold(whole), money: bold(money) }
    }
}
