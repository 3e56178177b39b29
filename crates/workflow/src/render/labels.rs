//! The texts of workbooks and CSV in both languages, in one place.

use std::borrow::Cow;

use data_processor::PaidBy;
use rust_decimal::Decimal;

use super::presentation::{Label, Language};
use crate::Basis;
use crate::register::RowStatus;

pub(super) const SHEET_REGISTER: Label = Label("Реестр", "Register");
pub(super) const SHEET_LINES: Label = Label("Строки", "Rows");
pub(super) const SHEET_TOTALS: Label = Label("Итоги", "Totals");
pub(super) const SHEET_PROBLEMS: Label = Label("Проблемы", "Problems");
pub(super) const SHEET_ABOUT: Label = Label("Сведения", "About");
pub(super) const SHEET_BRIEF: Label = Label("Краткий", "Brief");
pub(super) const SHEET_FULL: Label = Label("Полный", "Full");

pub(super) const NO_VAT: Label = Label("Без НДС", "no VAT");
pub(super) const NO_ROWS: Label = Label("нет позиций", "no rows");
/// In place of the number of an invoice of which not even the id is known.
pub(super) const NOTHING_KNOWN: Label = Label("(не прочитан)", "(unreadable)");
pub(super) const PRIVATE_PERSON: Label = Label("физлицо", "private person");
pub(super) const MANUAL_DIFFERS: Label = Label("не по позициям", "not by rows");
pub(super) const SELLER_UNKNOWN: Label = Label("(организация не указана)", "(no company)");
pub(super) const OVER_SELLERS: Label = Label("По группе", "All companies");
pub(super) const CLIENT_UNKNOWN: Label = Label("(контрагент не указан)", "(no client)");
pub(super) const RESPONSIBLE_UNKNOWN: Label = Label("(ответственный не указан)", "(nobody responsible)");

pub(super) fn status(status: RowStatus) -> Label {
    match status {
        RowStatus::Paid => Label("оплачен", "paid"),
        RowStatus::Open => Label("не оплачен", "open"),
        RowStatus::Cancelled => Label("отменён", "cancelled"),
        RowStatus::Rejected => Label("отклонён", "rejected"),
        RowStatus::Gap => Label("не получен", "gap"),
        RowStatus::Undated => Label("без даты", "undated"),
    }
}

pub(super) fn severity(severity: &str) -> Label {
    match severity {
        "warning" => Label("предупреждение", "warning"),
        "gap" => Label("не получено", "not fetched"),
        _ => Label("ошибка", "error"),
    }
}

pub(super) fn paid_by(by: PaidBy) -> Label {
    match by {
        PaidBy::Field => Label("поле счёта", "field"),
        PaidBy::Payment => Label("оплата", "payment"),
        PaidBy::Stage => Label("по стадии", "by stage"),
    }
}

pub(super) fn basis(basis: Basis) -> Label {
    match basis {
        Basis::Invoice => Label("дата счёта", "invoice date"),
        Basis::Shipped => Label("дата отгрузки", "date of shipment"),
        Basis::Paid => Label("дата оплаты", "date of payment"),
    }
}

/// A rate as it is shown: `22 %`, «Без НДС».
pub(super) fn rate(rate: Option<Decimal>, language: Language) -> Cow<'static, str> {
    rate.map_or_else(|| NO_VAT.of(language).into(), |rate| format!("{rate} %").into())
}

/// Title and width of each column of the problems.
pub(super) const PROBLEM_COLUMNS: [(Label, f64); 10] = [
    (Label("Ответственный", "Responsible"), 24.0),
    (Label("Номер", "Number"), 14.0),
    (Label("Контрагент", "Client"), 32.0),
    (Label("Важность", "Severity"), 16.0),
    (Label("Причина", "Reason"), 48.0),
    (Label("Значение", "Value"), 24.0),
    (Label("Что сделать", "What to do"), 48.0),
    (Label("Поле", "Field"), 18.0),
    (Label("ID", "ID"), 9.0),
    (Label("Ссылка", "Link"), 44.0),
];
/// Those that are printed.
pub(super) const PROBLEM_COLUMNS_PRINTED: u16 = 7;

/// Title and width of each column of the product rows.
pub(super) const LINE_COLUMNS: [(Label, f64); 16] = [
    (Label("Номер", "Number"), 14.0),
    (Label("Дата счёта", "Invoice date"), 11.0),
    (Label("Контрагент", "Client"), 34.0),
    (Label("Наименование товара", "Product"), 46.0),
    (Label("Кол-во", "Quantity"), 11.0),
    (Label("Ед. изм.", "Unit"), 9.0),
    (Label("Цена", "Price"), 15.0),
    (Label("Ставка НДС", "VAT rate"), 11.0),
    (Label("Сумма с НДС", "Gross"), 16.0),
    (Label("НДС", "VAT"), 15.0),
    (Label("Сумма без НДС", "Net"), 16.0),
    (Label("Валюта", "Currency"), 9.0),
    (Label("Статус", "Status"), 13.0),
    (Label("ИНН", "INN"), 14.0),
    (Label("Наша организация", "Our company"), 26.0),
    (Label("ID счёта", "Invoice ID"), 10.0),
];
/// Those that are printed.
pub(super) const LINE_COLUMNS_PRINTED: u16 = 13;

/// Title and width of each column of the totals.
pub(super) const TOTALS_COLUMNS: [(Label, f64); 9] = [
    (Label("Наша организация", "Our company"), 30.0),
    (Label("ИНН", "INN"), 14.0),
    (Label("Валюта", "Currency"), 9.0),
    (Label("Раздел", "Section"), 18.0),
    (Label("Показатель", "Figure"), 44.0),
    (Label("Счетов", "Invoices"), 10.0),
    (Label("Сумма с НДС", "Gross"), 18.0),
    (Label("Сумма без НДС", "Net"), 18.0),
    (Label("НДС", "VAT"), 18.0),
];

/// The column that says in which total an invoice enters.
pub(super) const TOTAL_GROUP: Label = Label("Номер итога", "Total no.");
pub(super) const TOTAL: Label = Label("Всего (без отменённых)", "Total (without cancelled)");
pub(super) const IN_SELECTION: Label = Label("Итого по отобранным строкам", "Total of the rows shown");
pub(super) const INVOICES_SHOWN: Label = Label("Отобрано счетов", "Invoices shown");
pub(super) const SUM_TOTAL: Label = Label("Итого", "Sum");
pub(super) const SECTION_TOTAL: Label = Label("Всего", "Total");
pub(super) const SECTION_STATUS: Label = Label("По оплате", "By payment");
pub(super) const SECTION_RATE: Label = Label("По ставкам НДС", "By VAT rate");
pub(super) const SECTION_MONTH: Label = Label("По месяцам", "By month");
pub(super) const SECTION_CLIENT: Label = Label("По контрагентам", "By client");
pub(super) const TOTAL_PAID: Label = Label("оплачено", "paid");
pub(super) const TOTAL_OPEN: Label = Label("не оплачено", "open");
pub(super) const TOTAL_WITHOUT_ROWS: Label =
    Label("счета без товарных позиций (НДС неизвестен)", "invoices without rows (VAT unknown)");
pub(super) const TOTAL_DIFFERENCE: Label = Label("сумма счёта − сумма позиций", "amount − sum of rows");
pub(super) const TOTAL_MANUAL: Label =
    Label("Справочно: суммы вручную, не по позициям", "Note: amounts typed by hand, not by rows");
pub(super) const TOTAL_CANCELLED: Label = Label("Отменено (в итоги не входит)", "Cancelled (in no total)");
pub(super) const TOTAL_UNDATED: Label = Label("Без даты, в итоги не входит", "Undated, in no total");
pub(super) const CHART_MONTHS: Label = Label("Сумма с НДС по месяцам", "Gross by month");
pub(super) const CHART_RATES: Label = Label("НДС по ставкам", "VAT by rate");

/// Title and width of each column of the brief sheet.
pub(super) const BRIEF_COLUMNS: [(Label, f64); 8] = [
    (Label("Номер", "Number"), 14.0),
    (Label("ИНН", "INN"), 14.0),
    (Label("Контрагент", "Client"), 42.0),
    (Label("Сумма", "Amount"), 16.0),
    (Label("НДС", "VAT"), 15.0),
    (Label("Дата счёта", "Invoice date"), 12.0),
    (Label("Дата отгрузки", "Shipped on"), 14.0),
    (Label("Дата оплаты", "Paid on"), 13.0),
];
/// Title and width of each column of the full sheet.
pub(super) const FULL_COLUMNS: [(Label, f64); 8] = [
    (Label("Номер", "Number"), 14.0),
    (Label("ИНН", "INN"), 14.0),
    (Label("Контрагент", "Client"), 38.0),
    (Label("Наименование товара", "Product"), 46.0),
    (Label("Кол-во", "Quantity"), 11.0),
    (Label("Цена", "Price"), 15.0),
    (Label("Сумма", "Amount"), 16.0),
    (Label("Сумма НДС", "VAT"), 15.0),
];
/// Users of the earlier system want the word instead of a zero.
pub(super) const BRIEF_NO_VAT: Label = Label("нет", "no");
pub(super) const BRIEF_ALL: Label = Label("Всего счетов на сумму:", "All invoices:");
pub(super) const BRIEF_WITHOUT_VAT: Label = Label("Счетов без НДС на сумму:", "Invoices without VAT:");
pub(super) const BRIEF_WITH_VAT: Label = Label("Счетов с НДС на сумму:", "Invoices with VAT:");
pub(super) const BRIEF_VAT: Label = Label("Всего НДС в счетах:", "VAT of all invoices:");
pub(super) const BRIEF_CANCELLED: Label =
    Label("Отменённых счетов (в суммы не входят):", "Cancelled (in no sum):");
