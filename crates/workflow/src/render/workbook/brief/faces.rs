//! Colours, borders and formats of the earlier system.

use std::collections::HashMap;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::register::{RegisterRow, RowStatus};
use crate::render::sheet::Palette;
use crate::render::workbook::looks::{DAY, MONEY, QUANTITY, UNPAID, WHOLE_QUANTITY, WITHOUT_VAT};

const BRIEF_HEADER: Color = Color::RGB(0x00FC_E4D6);
const FULL_HEADER: Color = Color::RGB(0x00C6_E0B4);
const ZEBRA: Color = Color::RGB(0x00F2_F2F2);

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Text,
    Money,
    Day,
    Quantity,
    Whole,
    /// «нет» instead of an amount.
    Word,
}

/// The background of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fill {
    None,
    Unpaid,
    WithoutVat,
    Cancelled,
    Zebra,
}

/// The border below a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Bottom {
    Grid,
    /// Between invoices.
    Group,
    /// Around the data.
    Frame,
}

/// Where in the frame a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Left,
    Middle,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    kind: Kind,
    fill: Fill,
    side: Side,
    first: bool,
    bottom: Bottom,
}

/// Columns of both sheets.
const COLUMNS: usize = 8;

const KINDS: [Kind; 6] = [Kind::Text, Kind::Money, Kind::Day, Kind::Quantity, Kind::Whole, Kind::Word];
const FILLS: [Fill; 5] = [Fill::None, Fill::Unpaid, Fill::WithoutVat, Fill::Cancelled, Fill::Zebra];

impl Fill {
    /// Unpaid comes before without VAT.
    pub(super) fn of(row: &RegisterRow) -> Self {
        match row.status {
            RowStatus::Open => Self::Unpaid,
            RowStatus::Cancelled => Self::Cancelled,
            RowStatus::Paid if row.portal_vat.is_none_or(|vat| vat.value.is_zero()) => Self::WithoutVat,
            _ => Self::None,
        }
    }
}

/// The places of the formats in the palette.
#[derive(Debug)]
pub(super) struct BriefFaces {
    cells: HashMap<Key, usize>,
    headers: [usize; 2],
    sums: [usize; 4],
}

impl BriefFaces {
    pub(super) fn new(palette: &mut Palette) -> Self {
        let headers = [BRIEF_HEADER, FULL_HEADER].map(|fill| {
            let header = Format::new().set_bold().set_background_color(fill).set_border(FormatBorder::Thin);
            palette.add(header.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter))
        });
        let title = Format::new().set_align(FormatAlign::Right);
        let value = Format::new().set_bold().set_num_format(MONEY).set_align(FormatAlign::Right);
        let red = |format: &Format| format.clone().set_font_color(Color::Red);
        let sums = [title.clone(), red(&title), value.clone(), red(&value)].map(|format| palette.add(format));
        let mut cells = HashMap::new();
        for key in keys() {
            cells.insert(key, palette.add(format(key)));
        }
        Self { cells, headers, sums }
    }

    pub(super) fn brief_header(&self) -> usize {
        self.headers[0]
    }

    pub(super) fn full_header(&self) -> usize {
        self.headers[1]
    }

    pub(super) fn sum_title(&self, vat: bool) -> usize {
        self.sums[usize::from(vat)]
    }

    pub(super) fn sum(&self, vat: bool) -> usize {
        self.sums[2 + usize::from(vat)]
    }

    pub(super) fn brief(&self, column: usize, kind: Kind, fill: Fill, first: bool, bottom: Bottom) -> usize {
        self.cell(Key { kind, fill, side: side(column), first, bottom })
    }

    pub(super) fn full(&self, column: usize, kind: Kind, shaded: bool, first: bool, bottom: Bottom) -> usize {
        let fill = if shaded { Fill::Zebra } else { Fill::None };
        self.cell(Key { kind, fill, side: side(column), first, bottom })
    }

    fn cell(&self, key: Key) -> usize {
        // Every key is there; see `keys`.
        self.cells.get(&key).copied().unwrap_or_default()
    }
}

fn keys() -> impl Iterator<Item = Key> {
    KINDS.into_iter().flat_map(|kind| {
        FILLS.into_iter().flat_map(move |fill| {
            [Side::Left, Side::Middle, Side::Right].into_iter().flat_map(move |side| {
                [false, true].into_iter().flat_map(move |first| {
                    [Bottom::Grid, Bottom::Group, Bottom::Frame].into_iter().map(move |bottom| Key {
                        kind,
                        fill,
                        side,
                        first,
                        bottom,
                    })
                })
            })
        })
    })
}

fn side(column: usize) -> Side {
    match column {
        0 => Side::Left,
        last if last + 1 == COLUMNS => Side::Right,
        _ => Side::Middle,
    }
}

fn format(key: Key) -> Format {
    let format = Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
    let format = match key.kind {
        Kind::Text => format.set_num_format("@").set_text_wrap(),
        Kind::Money => format.set_num_format(MONEY),
        Kind::Day => format.set_num_format(DAY).set_align(FormatAlign::Center),
        Kind::Quantity => format.set_num_format(QUANTITY),
        Kind::Whole => format.set_num_format(WHOLE_QUANTITY),
        Kind::Word => format.set_align(FormatAlign::Center),
    };
    let format = match key.fill {
        Fill::None => format,
        Fill::Unpaid => format.set_background_color(UNPAID),
        Fill::WithoutVat => format.set_background_color(WITHOUT_VAT),
        Fill::Cancelled => format.set_font_color(Color::Gray).set_font_strikethrough(),
        Fill::Zebra => format.set_background_color(ZEBRA),
    };
    let format = match key.side {
        Side::Left => format.set_border_left(FormatBorder::Thick),
        Side::Middle => format,
        Side::Right => format.set_border_right(FormatBorder::Thick),
    };
    let format = if key.first { format.set_border_top(FormatBorder::Thick) } else { format };
    match key.bottom {
        Bottom::Grid => format,
        Bottom::Group => format.set_border_bottom(FormatBorder::Medium),
        Bottom::Frame => format.set_border_bottom(FormatBorder::Thick),
    }
}
