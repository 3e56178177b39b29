//! The texts that the register adds to those of `data-processor`, in one place so that they can be translated.

pub(crate) mod reasons;

use std::borrow::Cow;

use super::RowProblem;
use super::row::Russian;
use crate::Basis;
use crate::render::column_name;
use crate::source::{Part, Reason};

/// What is said about a missing part of an invoice.
pub(crate) struct MissingText {
    pub(crate) code: &'static str,
    pub(crate) field: &'static str,
    pub(crate) message: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) russian: (&'static str, &'static str),
}

const RETRY: &str = "make the register again; if it stays, ask the portal's administrator";
const RETRY_RU: &str = "сформируйте реестр ещё раз; если не поможет, обратитесь к администратору портала";

pub(crate) fn missing(part: Part) -> MissingText {
    let (code, field, message, russian) = match part {
        Part::Payments => {
            ("register.gap-payments", "payments", "its payments are missing", "не получены платежи")
        }
        Part::Header => ("register.gap-header", "invoice", "the invoice cannot be read", "счёт не прочитан"),
        Part::Rows => {
            ("register.gap-rows", "rows", "its product rows are missing", "не получены товарные позиции")
        }
        Part::RequisiteLink => (
            "register.gap-requisite-link",
            "requisite_link",
            "which requisites it uses is unknown",
            "не получена привязка реквизитов",
        ),
        Part::Requisites => (
            "register.gap-requisites",
            "requisites",
            "requisites of a party are missing",
            "не получены реквизиты стороны",
        ),
    };
    MissingText { code, field, message, hint: RETRY, russian: (russian, RETRY_RU) }
}

/// What is said about an invoice without the date that decides about the period.
pub(crate) fn undated(basis: Basis) -> RowProblem {
    let (code, field, message, reason) = match basis {
        Basis::Shipped => {
            ("register.not-shipped", "shipped_on", "the invoice has no date of shipment", "нет даты отгрузки")
        }
        Basis::Paid | Basis::Invoice => {
            ("register.not-paid", "paid_on", "the invoice has no date of payment", "нет даты оплаты")
        }
    };
    RowProblem {
        code,
        severity: "warning",
        field: field.to_owned(),
        value: None,
        message: message.to_owned(),
        hint: "it is dated inside the period and in no total; fill in the date when it is known".to_owned(),
        russian: Russian {
            field: field_name(field).into_owned(),
            value: None,
            reason: reason.to_owned(),
            remedy: "дата счёта — в периоде, но в итоги счёт не вошёл; заполните дату, когда она известна"
                .to_owned(),
        },
    }
}

/// The portal did not tell the names of the responsible people.
pub(crate) fn names_missing(reason: &Reason) -> RowProblem {
    RowProblem {
        code: "register.names-missing",
        severity: "warning",
        field: "responsible".to_owned(),
        value: None,
        message: format!(
            "the names of the responsible people are missing, their numbers stand instead: {}",
            reason.english
        ),
        hint: "give the webhook the right `user_brief` (or `user`)".to_owned(),
        russian: Russian {
            field: field_name("responsible").into_owned(),
            value: None,
            reason: format!(
                "имена ответственных не получены, вместо них — номера пользователей: {}",
                reason.russian
            ),
            remedy: "дайте вебхуку право user_brief (или user)".to_owned(),
        },
    }
}

/// A cell would lose digits of the amount.
pub(crate) const CELL_PRECISION: &str = "register.cell-precision";
/// The text is longer than a cell holds.
pub(crate) const CELL_TEXT_CUT: &str = "register.cell-text-cut";
/// The encoding of the CSV has no such character.
pub(crate) const CSV_CHARACTER: &str = "register.csv-character";

/// A cell that could not hold what belongs into it.
pub(crate) fn cell_problem(cut: bool, field: &str) -> RowProblem {
    let (code, message, russian) = if cut {
        (
            CELL_TEXT_CUT,
            "the text is longer than a cell holds and was cut",
            "текст длиннее, чем вмещает ячейка, и обрезан",
        )
    } else {
        (
            CELL_PRECISION,
            "the number has more than 15 significant digits and was written as text",
            "в числе больше 15 значащих цифр, оно записано текстом",
        )
    };
    written_differently(code, field, message, russian)
}

/// The encoding of the CSV has no such character.
pub(crate) fn encoding_problem(field: &str) -> RowProblem {
    written_differently(
        CSV_CHARACTER,
        field,
        "the text has characters that the encoding does not know, they became question marks",
        "в тексте есть символы, которых нет в кодировке, они заменены вопросительными знаками",
    )
}

fn written_differently(
    code: &'static str,
    field: &str,
    message: &'static str,
    russian: &'static str,
) -> RowProblem {
    RowProblem {
        code,
        severity: "warning",
        field: field.to_owned(),
        value: None,
        message: message.to_owned(),
        hint: "take the exact value from the jsonl register".to_owned(),
        russian: Russian {
            field: field_name(field).into_owned(),
            value: None,
            reason: russian.to_owned(),
            remedy: "точное значение есть в реестре jsonl".to_owned(),
        },
    }
}

/// Parts of an invoice and columns of the register as people call them.
pub(crate) fn field_name(id: &str) -> Cow<'static, str> {
    let name = match id {
        "invoice" => "счёт",
        "rows" => "товарные позиции",
        "payments" => "платежи",
        "requisite_link" => "привязка реквизитов",
        "requisites" => "реквизиты",
        "row" => "строка реестра",
        _ => match id.strip_prefix("rows[").and_then(|rest| rest.strip_suffix(']')) {
            Some(index) => {
                let number = index.parse::<u64>().map_or(0, |index| index.saturating_add(1));
                return format!("позиция {number}").into();
            }
            None => return column_name(id).map_or_else(|| id.to_owned().into(), Cow::Borrowed),
        },
    };
    name.into()
}
