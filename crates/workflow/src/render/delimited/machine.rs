//! CSV for machines: UTF-8, commas, decimal points, ISO dates, one header row of stable column ids.

use jiff::civil::Date;

use super::harmless;
use crate::register::{Amount, RateRow, RegisterRow, RowStatus};

pub(super) const COLUMNS: [&str; 21] = [
    "id",
    "number",
    "date",
    "shipped_on",
    "paid_on",
    "status",
    "stage",
    "currency",
    "gross",
    "net",
    "vat",
    "vat_by_rate",
    "portal_vat",
    "counterparty",
    "inn",
    "kpp",
    "my_company",
    "my_inn",
    "responsible",
    "url",
    "problems",
];

pub(super) fn record(row: &RegisterRow) -> [String; COLUMNS.len()] {
    let problems: Vec<&str> = row.problems.iter().map(|problem| problem.code).collect();
    [
        row.id.map(|id| id.to_string()).unwrap_or_default(),
        text(row.number.as_deref()),
        day(row.date),
        day(row.shipped_on),
        day(row.paid_on),
        status(row.status).to_owned(),
        text(row.stage.as_deref()),
        text(row.currency.as_deref()),
        amount(row.gross.as_ref()),
        amount(row.net.as_ref()),
        amount(row.vat.as_ref()),
        rates(&row.vat_by_rate),
        amount(row.portal_vat.as_ref()),
        text(row.counterparty.as_deref()),
        text(row.inn.as_deref()),
        text(row.kpp.as_deref()),
        text(row.my_company.as_deref()),
        text(row.my_inn.as_deref()),
        text(row.responsible.as_deref()),
        text(row.url.as_deref()),
        problems.join(" "),
    ]
}

fn text(text: Option<&str>) -> String {
    text.map(harmless).unwrap_or_default()
}

fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn amount(amount: Option<&Amount>) -> String {
    amount.map(Amount::text).unwrap_or_default()
}

/// `22:1220.00/220.00 none:50.00/0.00`: rate, gross of its rows, VAT within.
fn rates(rates: &[RateRow]) -> String {
    let one = |row: &RateRow| {
        let rate = row.rate.map_or_else(|| "none".to_owned(), |rate| rate.to_string());
        format!("{rate}:{}/{}", row.gross.text(), row.vat.text())
    };
    rates.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn status(status: RowStatus) -> &'static str {
    match status {
        RowStatus::Paid => "paid",
        RowStatus::Open => "open",
        RowStatus::Cancelled => "cancelled",
        RowStatus::Rejected => "rejected",
        RowStatus::Gap => "gap",
        RowStatus::Undated => "undated",
    }
}
