//! Why a part of an invoice is missing, in both languages.

use std::error::Error;
use std::path::Path;

use b24_client::CallError;
use b24_client::batch::Loss;

use crate::sending::chain;
use crate::source::Reason;

fn reason(english: impl Into<String>, russian: impl Into<String>) -> Reason {
    Reason { english: english.into(), russian: russian.into() }
}

/// A command that has no result. English says what the portal or the network said, Russian what it means: the sheet of
/// problems is read by those who correct invoices.
pub(crate) fn no_result(error: &CallError) -> Reason {
    let russian = match error {
        CallError::Rejected(refusal) | CallError::NotExecuted(Loss::Limit(refusal)) => refused(refusal),
        CallError::Undecodable { .. } => "ответ портала не разобран".to_owned(),
        CallError::NotExecuted(_) => "портал не выполнил запрос".to_owned(),
        _ => "портал не ответил".to_owned(),
    };
    reason(chain(error), russian)
}

fn refused(refusal: &b24_client::ApiError) -> String {
    // A portal describes a refusal in its own language, mostly.
    let description = refusal.description.trim();
    let russian = description.chars().any(|letter| matches!(letter, 'а'..='я' | 'А'..='Я'));
    format!("портал отказал: {}", if russian { description } else { &refusal.text })
}

/// A request that was not sent.
pub(crate) fn not_sent(error: &dyn Error) -> Reason {
    reason(chain(error), "запрос не отправлен")
}

pub(crate) fn no_answer() -> Reason {
    reason("no answer", "портал не ответил")
}

pub(crate) fn same_page() -> Reason {
    reason("the portal gave the same page twice", "портал дважды прислал одну страницу")
}

pub(crate) fn pages_do_not_join(start: u64) -> Reason {
    reason(
        format!("the pages of product rows do not join at row {start}"),
        format!("страницы товарных позиций не сходятся на позиции {start}"),
    )
}

pub(crate) fn row_unreadable(why: &str) -> Reason {
    reason(format!("a product row cannot be read: {why}"), "товарная позиция в ответе портала не разобрана")
}

pub(crate) fn rows_differ(counted: u64, delivered: u64) -> Reason {
    reason(
        format!("the portal counts {counted} product rows and delivered {delivered}"),
        format!("портал насчитал позиций: {counted}, а прислал: {delivered}"),
    )
}

pub(crate) fn invoice_unreadable(why: String) -> Reason {
    reason(why, "запись счёта в ответе портала не разобрана")
}

pub(crate) fn invoices_differ(counted: u64, delivered: u64) -> Reason {
    reason(
        format!("the portal counts {counted} invoices and delivered {delivered}"),
        format!("портал насчитал счетов: {counted}, а прислал: {delivered}"),
    )
}

/// What is wrong with a line of a file of raw invoices.
pub(crate) enum LineFault<'a> {
    Unreadable(&'a str),
    Twice,
    Counts { said: u64, found: u64 },
    Cut,
}

pub(crate) fn line(number: u64, path: &Path, fault: &LineFault<'_>) -> Reason {
    let (english, russian) = match fault {
        LineFault::Unreadable(why) => ((*why).to_owned(), "строка не разобрана".to_owned()),
        LineFault::Twice => {
            ("this invoice stands in the file already".to_owned(), "этот счёт в файле уже есть".to_owned())
        }
        LineFault::Counts { said, found } => (
            format!("the file says it has {said} invoices, it has {found}"),
            format!("по словам файла, в нём счетов: {said}, а найдено: {found}"),
        ),
        LineFault::Cut => (
            "the file was cut: its last line is missing".to_owned(),
            "файл обрезан: последней строки нет".to_owned(),
        ),
    };
    let path = path.display();
    reason(
        format!("line {number} of `{path}`: {english}"),
        format!("строка {number} файла «{path}»: {russian}"),
    )
}

/// A requisite that an invoice names and the portal does not have: whose, and which.
pub(crate) fn no_such_requisite(of_client: bool, id: u64) -> Reason {
    let (side, whose) = if of_client {
        ("client", "контрагент")
    } else {
        ("seller", "наша организация")
    };
    reason(format!("{side}: requisite {id} does not exist"), format!("{whose}: реквизита {id} нет"))
}
