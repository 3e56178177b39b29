//! What a written register says, read back: titles as column ids, labels as the values behind them.

use rust_decimal::Decimal;

use super::columns::{self, Kind};
use super::labels;
use super::presentation::Label;
use crate::parse_day;
use crate::register::RowStatus;

const STATUSES: [RowStatus; 5] =
    [RowStatus::Paid, RowStatus::Open, RowStatus::Cancelled, RowStatus::Rejected, RowStatus::Gap];
const SOURCES: [data_processor::PaidBy; 3] =
    [data_processor::PaidBy::Field, data_processor::PaidBy::Payment, data_processor::PaidBy::Stage];

/// A sheet that holds the rows of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sheet {
    /// The layout `register`, on one or several sheets.
    Register,
    /// The first sheet of the layout `brief`.
    Brief,
}

impl Sheet {
    /// By its name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let begins = |label: Label| name.starts_with(label.0) || name.starts_with(label.1);
        if begins(labels::SHEET_REGISTER) {
            Some(Self::Register)
        } else if begins(labels::SHEET_BRIEF) {
            Some(Self::Brief)
        } else {
            None
        }
    }

    /// The id of a column by its title.
    pub(crate) fn column(self, title: &str) -> Option<&'static str> {
        /// The columns of the brief sheet, in their order.
        const BRIEF: [&str; 8] =
            ["number", "inn", "counterparty", "gross", "portal_vat", "date", "shipped_on", "paid_on"];
        let is = |label: &Label| label.0 == title || label.1 == title;
        match self {
            Self::Register => column_id(title),
            Self::Brief => {
                let mut titles = labels::BRIEF_COLUMNS.iter().zip(BRIEF);
                titles.find(|((label, _), _)| is(label)).map(|(_, id)| id)
            }
        }
    }
}

/// The id of a column of the register by its title or by the id itself. The encoding of Windows has no minus sign.
pub(crate) fn column_id(title: &str) -> Option<&'static str> {
    let title = title.trim();
    let is = |text: &str| text == title || text.replace('−', "-") == title;
    let mut all = columns::ALL.iter();
    all.find(|column| column.id == title || is(column.title.0) || is(column.title.1)).map(|column| column.id)
}

/// The Russian title of a column.
pub(crate) fn column_name(id: &str) -> Option<&'static str> {
    columns::ALL.iter().find(|column| column.id == id).map(|column| column.title.0)
}

/// The value behind a written text, the same for every format; empty texts and words for "nothing" are none.
pub(crate) fn value(id: &str, text: &str) -> Option<String> {
    let text = text.trim();
    let kind = columns::ALL.iter().find(|column| column.id == id).map(|column| column.kind);
    let is = |label: Label| label.0 == text || label.1 == text;
    let found = match id {
        "status" => {
            STATUSES.into_iter().find(|status| is(labels::status(*status))).map(|s| s.as_str().to_owned())
        }
        "paid_by" => SOURCES.into_iter().find(|by| is(labels::paid_by(*by))).map(|by| by.as_str().to_owned()),
        "manual" => Some(if text.is_empty() || text == "false" { String::new() } else { "yes".to_owned() }),
        "rates" => Some(rates(text)),
        "number" if text.starts_with("(ID ") || is(labels::NOTHING_KNOWN) => Some(String::new()),
        "counterparty" => Some(without_mark(text).to_owned()),
        "portal_vat" if is(labels::BRIEF_NO_VAT) => Some("0".to_owned()),
        _ => match kind {
            Some(Kind::Money | Kind::Whole) => number(text),
            Some(Kind::Day) => parse_day(text).ok().map(|day| day.to_string()),
            _ => None,
        },
    };
    let kept = || text.chars().filter(|character| !character.is_control()).collect();
    Some(found.unwrap_or_else(kept)).filter(|text| !text.is_empty())
}

/// Digits, with a comma or a point, without needless zeros.
fn number(text: &str) -> Option<String> {
    let number: Decimal = text.replace(',', ".").parse().ok()?;
    Some(number.normalize().to_string())
}

fn without_mark(name: &str) -> &str {
    let marks = [labels::PRIVATE_PERSON.0, labels::PRIVATE_PERSON.1];
    let without = |mark: &str| name.strip_suffix(')')?.strip_suffix(mark)?.strip_suffix(" (");
    marks.into_iter().find_map(without).unwrap_or(name)
}

/// `22 %, Без НДС` and `22:1220.00/220.00 none:50.00/0.00` are both `22, none`.
fn rates(text: &str) -> String {
    if text == labels::NO_ROWS.0 || text == labels::NO_ROWS.1 {
        return String::new();
    }
    let parts: Vec<&str> =
        if text.contains(':') { text.split_whitespace().collect() } else { text.split(", ").collect() };
    let rate = |part: &str| {
        if part == labels::NO_VAT.0 || part == labels::NO_VAT.1 {
            return "none".to_owned();
        }
        part.split(':').next().unwrap_or(part).trim_end_matches('%').trim().to_owned()
    };
    parts.into_iter().map(rate).collect::<Vec<_>>().join(", ")
}
