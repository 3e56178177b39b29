//! The columns of the register sheet, one table.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::register::{Amount, RegisterRow};
use crate::render::labels;

/// What a cell holds.
pub(super) enum Cell {
    Empty,
    Number(Decimal),
    Text(String),
    Day(Date),
}

/// How a column's cells look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Money,
    Day,
}

/// One column: its stable id, title, width, look and content.
pub(super) struct Column {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) width: f64,
    pub(super) kind: Kind,
    pub(super) cell: fn(&RegisterRow, u32) -> Cell,
}

pub(super) const COLUMNS: [Column; 22] = [
    column("n", "№ п/п", 7.0, Kind::Number, |_, line| Cell::Number(Decimal::from(line))),
    column("number", "Номер", 14.0, Kind::Text, |row, _| text(row.number.as_ref())),
    column("date", "Дата счёта", 12.0, Kind::Day, |row, _| day(row.date)),
    column("counterparty", "Контрагент", 38.0, Kind::Text, |row, _| {
        text(row.counterparty.as_ref())
    }),
    column("inn", "ИНН", 14.0, Kind::Text, |row, _| text(row.inn.as_ref())),
    column("kpp", "КПП", 11.0, Kind::Text, |row, _| text(row.kpp.as_ref())),
    column("my_company", "Наша организация", 30.0, Kind::Text, |row, _| {
        text(row.my_company.as_ref())
    }),
    column("my_inn", "ИНН нашей организации", 14.0, Kind::Text, |row, _| {
        text(row.my_inn.as_ref())
    }),
    column("gross", "Сумма с НДС", 16.0, Kind::Money, |row, _| amount(row.gross.as_ref())),
    column("net", "Сумма без НДС", 16.0, Kind::Money, |row, _| amount(row.net.as_ref())),
    column("rates", "Ставка НДС", 16.0, Kind::Text, |row, _| rates(row)),
    column("vat", "НДС", 15.0, Kind::Money, |row, _| amount(row.vat.as_ref())),
    column("portal_vat", "НДС портала", 15.0, Kind::Money, |row, _| {
        amount(row.portal_vat.as_ref())
    }),
    column("currency", "Валюта", 8.0, Kind::Text, |row, _| text(row.currency.as_ref())),
    column("shipped_on", "Дата отгрузки", 12.0, Kind::Day, |row, _| day(row.shipped_on)),
    column("paid_on", "Дата оплаты", 12.0, Kind::Day, |row, _| day(row.paid_on)),
    column("status", "Статус", 12.0, Kind::Text, |row, _| {
        Cell::Text(labels::status(row.status).to_owned())
    }),
    column("stage", "Стадия", 16.0, Kind::Text, |row, _| text(row.stage.as_ref())),
    column("responsible", "Ответственный", 22.0, Kind::Text, |row, _| {
        text(row.responsible.as_ref())
    }),
    column("problems", "Замечаний", 10.0, Kind::Number, |row, _| problems(row)),
    column("url", "Ссылка", 44.0, Kind::Text, |row, _| text(row.url.as_ref())),
    column("id", "ID", 9.0, Kind::Number, |row, _| {
        row.id.map_or(Cell::Empty, |id| Cell::Number(Decimal::from(id)))
    }),
];

/// The last column's index.
pub(super) fn last() -> u16 {
    u16::try_from(COLUMNS.len() - 1).unwrap_or(u16::MAX)
}

const fn column(
    id: &'static str,
    title: &'static str,
    width: f64,
    kind: Kind,
    cell: fn(&RegisterRow, u32) -> Cell,
) -> Column {
    Column { id, title, width, kind, cell }
}

fn text(text: Option<&String>) -> Cell {
    text.map_or(Cell::Empty, |text| Cell::Text(text.clone()))
}

fn day(day: Option<Date>) -> Cell {
    day.map_or(Cell::Empty, Cell::Day)
}

fn amount(amount: Option<&Amount>) -> Cell {
    amount.map_or(Cell::Empty, |amount| Cell::Number(amount.value))
}

/// The rates of the rows: `22 %`, `22 %, 10 %`, «Без НДС», «нет позиций».
fn rates(row: &RegisterRow) -> Cell {
    if row.gross.is_none() {
        return Cell::Empty;
    }
    if row.vat_by_rate.is_empty() {
        return Cell::Text(labels::NO_ROWS.to_owned());
    }
    let rates: Vec<String> = row.vat_by_rate.iter().map(|rate| labels::rate(rate.rate)).collect();
    Cell::Text(rates.join(", "))
}

fn problems(row: &RegisterRow) -> Cell {
    if row.problems.is_empty() { Cell::Empty } else { Cell::Number(Decimal::from(row.problems.len())) }
}
