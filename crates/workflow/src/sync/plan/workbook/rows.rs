//! Entries and rejects as rows of a workbook, in Russian.

use super::super::phrases::detail;
use super::super::shown::Shown;
use super::super::text::full_name;
use super::super::texts::russian;
use crate::sync::Entry;
use crate::sync::Reject;
use crate::sync::entry::{Action, Assignment, Change, ContactChoice};

/// One row of the sheet of changes.
pub(super) struct Row<'a> {
    pub(super) card: Option<(&'static str, u64)>,
    pub(super) field: &'a str,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) remark: String,
    pub(super) action: &'static str,
    pub(super) code: &'a str,
}

pub(super) fn word(entry: &Entry) -> &'static str {
    match entry.action {
        Action::Create(_) => "+ создать",
        Action::Update(_) => "* изменить",
        Action::Unchanged { .. } => "= без изменений",
        Action::Skipped { .. } => "- пропустить",
        Action::Conflict { .. } => "! решить",
        Action::Unknown { .. } => "! неизвестно",
    }
}

/// What is said of a code, and what to do.
pub(super) fn said(code: &str) -> (&str, &'static str) {
    russian(code).unwrap_or((code, "Посмотрите подробности: b24 sync why КЛЮЧ"))
}

/// What is the matter, and below it what the reason says beyond its code.
fn remark(code: &str, own: &str, shown: &Shown) -> String {
    let what = said(code).0;
    match detail(own, shown) {
        Some(detail) => format!("{what}.\n{detail}"),
        None => what.to_owned(),
    }
}

/// The cells of a row that was put aside: field, value, explanation, what to do.
pub(super) fn put_aside<'a>(reject: &'a Reject, shown: &Shown) -> (&'a str, String, String, &'static str) {
    let field = reject.field.as_deref().unwrap_or_default();
    // A masked text says how long it was.
    let value = reject.value.as_deref().unwrap_or_default().replace(" characters)", " знаков)");
    (field, value, remark(&reject.code, &reject.message, shown), said(&reject.code).1)
}

impl<'a> Row<'a> {
    /// A field of the card.
    fn field(card: Option<(&'static str, u64)>, field: &'a str, before: String, after: String) -> Self {
        Self { card, field, before, after, remark: String::new(), action: "", code: "" }
    }

    /// Why something is as it is.
    fn reason(
        card: Option<(&'static str, u64)>,
        field: &'a str,
        code: &'a str,
        own: &str,
        shown: &Shown,
    ) -> Self {
        Self {
            remark: remark(code, own, shown),
            action: said(code).1,
            code,
            ..Self::field(card, field, String::new(), String::new())
        }
    }
}

/// The rows of an entry: one for each field, at least one when something is to be said.
pub(super) fn rows<'a>(entry: &'a Entry, shown: &Shown) -> Vec<Row<'a>> {
    let mut rows = match &entry.action {
        Action::Create(creation) => {
            let mut rows: Vec<Row<'_>> = creation.fields.iter().map(|field| assigned(field, shown)).collect();
            rows.extend(person(&creation.contact, shown));
            rows.extend(creation.lead.map(|lead| {
                Row::field(Some(("lead", lead)), "Лид", String::new(), "привязывается".to_owned())
            }));
            rows.extend(creation.comment.as_deref().map(|text| comment(None, text)));
            rows
        }
        Action::Update(update) => {
            let card = update.deal.map(|deal| ("deal", deal));
            let mut rows: Vec<Row<'_>> =
                update.changes.iter().map(|change| changed(card, change, shown)).collect();
            rows.extend(person(&update.contact, shown));
            rows.extend(update.comment.as_deref().map(|text| comment(card, text)));
            rows
        }
        Action::Unchanged { .. } => Vec::new(),
        Action::Skipped { code, reason, deal } => {
            vec![Row::reason(deal.map(|deal| ("deal", deal)), "", code, reason, shown)]
        }
        Action::Conflict { code, message, links } => {
            let mut row = Row::reason(None, "", code, message, shown);
            for link in links {
                row.remark.extend(["\n", link]);
            }
            vec![row]
        }
        Action::Unknown { reason } => vec![Row::reason(None, "", "sync.look-up-unknown", reason, shown)],
    };
    rows.extend(entry.warnings.iter().map(|warning| {
        let field = warning.field.as_deref().unwrap_or_default();
        Row::reason(None, field, &warning.code, &warning.message, shown)
    }));
    rows
}

fn person<'a>(contact: &'a ContactChoice, shown: &Shown) -> Vec<Row<'a>> {
    match contact {
        ContactChoice::None => Vec::new(),
        ContactChoice::Use { id, changes, link } => {
            let card = Some(("contact", *id));
            let linked =
                link.then(|| Row::field(card, "Контакт", String::new(), "привязывается к сделке".to_owned()));
            linked.into_iter().chain(changes.iter().map(|change| changed(card, change, shown))).collect()
        }
        ContactChoice::Create { phones, name, fields, .. } => {
            let after = format!("{} {}", full_name(name), phones.join(", "));
            let new = Row::field(None, "Новый контакт", String::new(), after.trim().to_owned());
            std::iter::once(new).chain(fields.iter().map(|field| assigned(field, shown))).collect()
        }
    }
}

fn assigned<'a>(field: &'a Assignment, shown: &Shown) -> Row<'a> {
    Row::field(None, &field.title, String::new(), shown.value(&field.name, &field.value))
}

fn changed<'a>(card: Option<(&'static str, u64)>, change: &'a Change, shown: &Shown) -> Row<'a> {
    let side = |value| shown.value(&change.name, value);
    Row::field(card, &change.title, side(&change.before), side(&change.after))
}

fn comment(card: Option<(&'static str, u64)>, text: &str) -> Row<'static> {
    Row::field(card, "Комментарий в ленте", String::new(), text.to_owned())
}
