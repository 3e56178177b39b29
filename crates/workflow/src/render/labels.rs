//! The Russian texts of the workbook, in one place so that they can be translated.

use crate::register::RowStatus;

pub(super) const SHEET_REGISTER: &str = "Реестр";
pub(super) const SHEET_TOTALS: &str = "Итоги";
pub(super) const SHEET_PROBLEMS: &str = "Проблемы";
pub(super) const SHEET_ABOUT: &str = "Сведения";

pub(super) const NO_VAT: &str = "Без НДС";
pub(super) const NO_ROWS: &str = "нет позиций";

pub(super) fn status(status: RowStatus) -> &'static str {
    match status {
        RowStatus::Paid => "оплачен",
        RowStatus::Open => "не оплачен",
        RowStatus::Cancelled => "отменён",
        RowStatus::Rejected => "отклонён",
        RowStatus::Gap => "не получен",
        RowStatus::Undated => "без даты",
    }
}

pub(super) fn severity(severity: &str) -> &'static str {
    match severity {
        "warning" => "предупреждение",
        "gap" => "не получено",
        _ => "ошибка",
    }
}

/// Title and width of each column of the problems sheet.
pub(super) const PROBLEM_COLUMNS: [(&str, f64); 10] = [
    ("ID", 9.0),
    ("Номер", 14.0),
    ("Контрагент", 34.0),
    ("Ответственный", 22.0),
    ("Важность", 16.0),
    ("Причина", 60.0),
    ("Значение", 24.0),
    ("Что сделать", 60.0),
    ("Поле", 20.0),
    ("Ссылка", 44.0),
];

/// Title and width of each column of the totals sheet.
pub(super) const TOTALS_COLUMNS: [(&str, f64); 8] = [
    ("Наша организация", 36.0),
    ("ИНН", 14.0),
    ("Валюта", 9.0),
    ("Показатель", 40.0),
    ("Счетов", 10.0),
    ("Сумма с НДС", 18.0),
    ("Сумма без НДС", 18.0),
    ("НДС", 18.0),
];

pub(super) const TOTAL: &str = "Всего (без отменённых)";
pub(super) const TOTAL_PAID: &str = "в том числе оплачено";
pub(super) const TOTAL_OPEN: &str = "в том числе не оплачено";
pub(super) const TOTAL_WITHOUT_ROWS: &str = "без товарных позиций (НДС неизвестен)";
pub(super) const TOTAL_DIFFERENCE: &str = "разница: сумма счёта − сумма позиций";
pub(super) const TOTAL_CANCELLED: &str = "Отменено (в итоги не входит)";
pub(super) const SELLER_UNKNOWN: &str = "(организация не указана)";

/// A rate as it is shown: `22 %`, «Без НДС».
pub(super) fn rate(rate: Option<rust_decimal::Decimal>) -> String {
    rate.map_or_else(|| NO_VAT.to_owned(), |rate| format!("{rate} %"))
}

/// The row of a rate on the totals sheet.
pub(super) fn rate_total(rate: Option<rust_decimal::Decimal>) -> String {
    rate.map_or_else(|| "позиции без НДС".to_owned(), |rate| format!("позиции с НДС {rate} %"))
}
