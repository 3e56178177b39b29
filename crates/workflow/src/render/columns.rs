//! The columns of the register, one table for workbooks and CSV.

use std::borrow::Cow;

use jiff::civil::Date;

use super::labels;
use super::presentation::{Label, Language};
use crate::Error;
use crate::register::{Amount, RegisterRow};

/// What a cell holds.
pub(super) enum Cell<'a> {
    Empty,
    Amount(Amount),
    Whole(u64),
    Text(Cow<'a, str>),
    Day(Date),
    /// A text that leads somewhere.
    Link(&'a str, Cow<'a, str>),
}

/// How a column's cells look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    Money,
    Day,
    Link,
}

type Content = fn(&RegisterRow, u64, Language) -> Cell<'_>;

/// One column: its stable id, title, width, look and content.
pub(super) struct Column {
    pub(super) id: &'static str,
    pub(super) title: Label,
    pub(super) width: f64,
    pub(super) kind: Kind,
    pub(super) cell: Content,
}

/// Columns in their order; the first [`PRINTED`] fit on a page.
pub(super) const ALL: [Column; 31] = [
    column("n", Label("№ п/п", "No."), 7.0, Kind::Whole, |_, line, _| Cell::Whole(line)),
    column("number", Label("Номер", "Number"), 14.0, Kind::Link, |row, _, _| number(row)),
    column("date", Label("Дата счёта", "Invoice date"), 11.0, Kind::Day, |row, _, _| day(row.date)),
    column("counterparty", Label("Контрагент", "Client"), 38.0, Kind::Text, |row, _, language| {
        client(row, language)
    }),
    column("inn", Label("ИНН", "INN"), 14.0, Kind::Text, |row, _, _| text(row.inn.as_ref())),
    column(
        "my_company",
        Label("Наша организация", "Our company"),
        26.0,
        Kind::Text,
        |row, _, _| text(row.my_company.as_ref()),
    ),
    column("gross", Label("Сумма с НДС", "Gross"), 16.0, Kind::Money, |row, _, _| amount(row.gross)),
    column("rates", Label("Ставка НДС", "VAT rate"), 12.0, Kind::Text, rates),
    column("vat", Label("НДС", "VAT"), 15.0, Kind::Money, |row, _, _| amount(row.vat)),
    column("net", Label("Сумма без НДС", "Net"), 16.0, Kind::Money, |row, _, _| amount(row.net)),
    column("currency", Label("Валюта", "Currency"), 9.0, Kind::Text, |row, _, _| {
        text(row.currency.as_ref())
    }),
    column("shipped_on", Label("Дата отгрузки", "Shipped on"), 11.0, Kind::Day, |row, _, _| {
        day(row.shipped_on)
    }),
    column("paid_on", Label("Дата оплаты", "Paid on"), 11.0, Kind::Day, |row, _, _| {
        day(row.paid_on)
    }),
    column("status", Label("Статус", "Status"), 13.0, Kind::Text, |row, _, language| {
        Cell::Text(labels::status(row.status).of(language).into())
    }),
    column("kpp", Label("КПП", "KPP"), 11.0, Kind::Text, |row, _, _| text(row.kpp.as_ref())),
    column(
        "my_inn",
        Label("ИНН нашей организации", "INN of our company"),
        14.0,
        Kind::Text,
        |row, _, _| text(row.my_inn.as_ref()),
    ),
    column(
        "my_kpp",
        Label("КПП нашей организации", "KPP of our company"),
        13.0,
        Kind::Text,
        |row, _, _| text(row.my_kpp.as_ref()),
    ),
    column(
        "portal_vat",
        Label("НДС портала", "VAT of the portal"),
        15.0,
        Kind::Money,
        |row, _, _| amount(row.portal_vat),
    ),
    column("difference", Label("Разница", "Difference"), 13.0, Kind::Money, |row, _, _| {
        amount(row.difference)
    }),
    column(
        "header_minus_rows",
        Label("Сумма счёта − сумма позиций", "Amount − sum of rows"),
        15.0,
        Kind::Money,
        |row, _, _| amount(row.header_minus_rows),
    ),
    column("manual", Label("Сумма вручную", "Typed amount"), 12.0, Kind::Text, manual),
    column("paid_sum", Label("Оплачено", "Paid"), 16.0, Kind::Money, |row, _, _| {
        amount(row.paid_sum)
    }),
    column("remainder", Label("Остаток", "Remainder"), 16.0, Kind::Money, |row, _, _| {
        amount(row.remainder)
    }),
    column("paid_by", Label("Откуда дата оплаты", "Payment date from"), 14.0, Kind::Text, paid_by),
    column("stage", Label("Стадия", "Stage"), 16.0, Kind::Text, |row, _, _| text(row.stage.as_ref())),
    column(
        "responsible",
        Label("Ответственный", "Responsible"),
        24.0,
        Kind::Text,
        |row, _, _| text(row.responsible.as_ref()),
    ),
    column("deal", Label("Сделка", "Deal"), 9.0, Kind::Whole, |row, _, _| whole(row.deal_id)),
    column("problems", Label("Замечаний", "Problems"), 11.0, Kind::Whole, |row, _, _| {
        whole(Some(row.problems.len() as u64).filter(|count| *count > 0))
    }),
    column("month", Label("Месяц", "Month"), 11.0, Kind::Day, |row, _, _| day(row.month)),
    column("url", Label("Ссылка", "Link"), 44.0, Kind::Text, |row, _, _| text(row.url.as_ref())),
    column("id", Label("ID", "ID"), 9.0, Kind::Whole, |row, _, _| whole(row.id)),
];

/// How many of [`ALL`] are printed: more would not be readable on a page.
const PRINTED: usize = 14;

/// Columns whose cells are never empty.
const ANCHORS: [&str; 2] = ["n", "status"];

/// The columns that are shown.
#[derive(Clone)]
pub(super) struct Columns {
    chosen: Vec<&'static Column>,
    pub(super) printed: usize,
    /// Columns that a workbook needs beside those that were asked for.
    added: usize,
}

impl std::fmt::Debug for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|column| column.id)).finish()
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self { chosen: ALL.iter().collect(), printed: PRINTED, added: 0 }
    }
}

impl Columns {
    /// The columns with these ids; all of them are printed.
    pub(super) fn chosen<T: AsRef<str>>(ids: &[T]) -> Result<Self, Error> {
        let known = |id: &str| ALL.iter().find(|column| column.id == id);
        let mut chosen: Vec<&'static Column> = Vec::new();
        for id in ids.iter().map(AsRef::as_ref) {
            let column = known(id).ok_or_else(|| Error::ColumnUnknown { asked: id.to_owned() })?;
            if chosen.iter().any(|earlier| earlier.id == column.id) {
                return Err(Error::ColumnRepeated { asked: id.to_owned() });
            }
            chosen.push(column);
        }
        if chosen.is_empty() {
            return Ok(Self::default());
        }
        let printed = chosen.len();
        // Totals need a column whose cells are never empty.
        if !chosen.iter().any(|column| ANCHORS.contains(&column.id)) {
            chosen.extend(known(ANCHORS[1]));
        }
        Ok(Self { added: chosen.len() - printed, chosen, printed })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'static Column> {
        self.chosen.iter().copied()
    }

    /// Those that were asked for.
    pub(super) fn asked(&self) -> impl Iterator<Item = &'static Column> {
        self.iter().take(self.len() - self.added)
    }

    pub(super) fn len(&self) -> usize {
        self.chosen.len()
    }

    /// Where a column stands whose cells are never empty.
    pub(super) fn anchor(&self) -> usize {
        ANCHORS.iter().find_map(|id| self.place(id)).unwrap_or(0)
    }

    /// Where a column stands.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.chosen.iter().position(|column| column.id == id)
    }
}

const fn column(id: &'static str, title: Label, width: f64, kind: Kind, cell: Content) -> Column {
    Column { id, title, width, kind, cell }
}

fn text(text: Option<&String>) -> Cell<'_> {
    text.map_or(Cell::Empty, |text| Cell::Text(text.as_str().into()))
}

fn day<'a>(day: Option<Date>) -> Cell<'a> {
    day.map_or(Cell::Empty, Cell::Day)
}

fn amount<'a>(amount: Option<Amount>) -> Cell<'a> {
    amount.map_or(Cell::Empty, Cell::Amount)
}

fn whole<'a>(number: Option<u64>) -> Cell<'a> {
    number.map_or(Cell::Empty, Cell::Whole)
}

/// An invoice without a number is still reachable by its card.
fn number(row: &RegisterRow) -> Cell<'_> {
    let shown = match (&row.number, row.id) {
        (Some(number), _) => number.as_str().into(),
        (None, Some(id)) => format!("(ID {id})").into(),
        (None, None) => return Cell::Empty,
    };
    match &row.url {
        Some(url) => Cell::Link(url, shown),
        None if row.number.is_some() => Cell::Text(shown),
        None => Cell::Empty,
    }
}

fn client(row: &RegisterRow, language: Language) -> Cell<'_> {
    match &row.counterparty {
        Some(name) if row.is_private_person => {
            Cell::Text(format!("{name} ({})", labels::PRIVATE_PERSON.of(language)).into())
        }
        name => text(name.as_ref()),
    }
}

/// The rates of the rows: `22 %`, `22 %, 10 %`, «Без НДС», «нет позиций».
fn rates(row: &RegisterRow, _: u64, language: Language) -> Cell<'_> {
    if row.gross.is_none() {
        return Cell::Empty;
    }
    Cell::Text(match row.vat_by_rate.as_slice() {
        [] => labels::NO_ROWS.of(language).into(),
        [only] => labels::rate(only.rate, language),
        several => {
            let rates: Vec<_> = several.iter().map(|rate| labels::rate(rate.rate, language)).collect();
            rates.join(", ").into()
        }
    })
}

fn manual(row: &RegisterRow, _: u64, language: Language) -> Cell<'_> {
    if row.manual_differs { Cell::Text(labels::MANUAL_DIFFERS.of(language).into()) } else { Cell::Empty }
}

fn paid_by(row: &RegisterRow, _: u64, language: Language) -> Cell<'_> {
    row.paid_by.map_or(Cell::Empty, |by| Cell::Text(labels::paid_by(by).of(language).into()))
}
