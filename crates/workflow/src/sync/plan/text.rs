//! A plan as text: `+` created, `*` changed, `=` unchanged, `-` left alone, `!` to be decided by a person.

use super::shown::Shown;
use crate::person::masking;
use crate::sync::Entry;
use crate::sync::entry::{Action, Assignment, Change, ContactChoice, Creation, Update};
use crate::sync::wanted::PersonName;

impl Entry {
    /// The sign of what is to be done.
    #[must_use]
    pub fn symbol(&self) -> char {
        match self.action {
            Action::Create(_) => '+',
            Action::Update(_) => '*',
            Action::Unchanged { .. } => '=',
            Action::Skipped { .. } => '-',
            Action::Conflict { .. } | Action::Unknown { .. } => '!',
        }
    }
}

/// An entry as lines of a diff: one with the sign and the key, and one for each field, from what is there to what is
/// wanted. Telephone numbers are masked.
#[must_use]
pub fn diff(entry: &Entry, shown: &Shown) -> Vec<String> {
    let head = |text: String| format!("{} {}  {text}", entry.symbol(), entry.key).trim_end().to_owned();
    let mut lines = match &entry.action {
        Action::Create(creation) => created(creation, shown, head),
        Action::Update(update) => updated(update, shown, head),
        Action::Unchanged { .. } => vec![head(String::new())],
        Action::Skipped { code, reason, deal } => {
            let deal = deal.map(|deal| format!("deal {deal}: ")).unwrap_or_default();
            vec![head(format!("{deal}{} [{code}]", named(reason, shown)))]
        }
        Action::Conflict { code, message, links } => {
            let mut lines = vec![head(format!("{message} [{code}]"))];
            lines.extend(links.iter().map(|link| format!("    {link}")));
            lines
        }
        Action::Unknown { reason } => vec![head(format!("not known, nothing is written: {reason}"))],
    };
    lines.extend(entry.warnings.iter().map(|warning| {
        let field = warning.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
        format!("    warning: {field}{} [{}]", warning.message, warning.code)
    }));
    lines
}

fn created(creation: &Creation, shown: &Shown, head: impl Fn(String) -> String) -> Vec<String> {
    let after = Some(creation.after).filter(|deal| *deal > 0);
    let after = after.map(|deal| format!(", because deal {deal} is closed")).unwrap_or_default();
    let mut lines = vec![head(format!("new deal{after}"))];
    lines.extend(creation.fields.iter().map(|field| assigned(field, shown)));
    lines.extend(person(&creation.contact, shown));
    lines.extend(creation.lead.map(|lead| format!("    lead {lead} is linked")));
    lines.extend(creation.comment.as_deref().map(comment));
    lines
}

fn updated(update: &Update, shown: &Shown, head: impl Fn(String) -> String) -> Vec<String> {
    let how = if update.adopted { ", taken over: it had no key" } else { "" };
    let what = update.deal.map_or("no deal, only its person".to_owned(), |deal| format!("deal {deal}{how}"));
    let mut lines = vec![head(what)];
    lines.extend(update.changes.iter().map(|change| format!("    {}", changed(change, shown))));
    lines.extend(person(&update.contact, shown));
    lines.extend(update.comment.as_deref().map(comment));
    lines
}

fn person(contact: &ContactChoice, shown: &Shown) -> Vec<String> {
    match contact {
        ContactChoice::None => Vec::new(),
        ContactChoice::Use { id, changes, link } => {
            let linked = link.then(|| format!("    contact {id} is linked"));
            let change = |change: &Change| format!("    contact {id}: {}", changed(change, shown));
            linked.into_iter().chain(changes.iter().map(change)).collect()
        }
        ContactChoice::Create { phones, name, fields, .. } => {
            let phones: Vec<String> = phones.iter().map(|phone| masking::phone(phone)).collect();
            let who = [full_name(name), phones.join(", ")].join(" ");
            let mut lines = vec![format!("    new contact: {}", who.trim())];
            lines.extend(fields.iter().map(|field| assigned(field, shown)));
            lines
        }
    }
}

fn assigned(field: &Assignment, shown: &Shown) -> String {
    format!("    {}: {}", field.title, one_line(&shown.value(&field.name, &field.value)))
}

fn changed(change: &Change, shown: &Shown) -> String {
    let side = |value| {
        let text = one_line(&shown.value(&change.name, value));
        if text.is_empty() { "(empty)".to_owned() } else { text }
    };
    format!("{}: {} → {}", change.title, side(&change.before), side(&change.after))
}

fn comment(text: &str) -> String {
    format!("    comment: {}", one_line(text))
}

/// A name in the Russian order.
pub(super) fn full_name(name: &PersonName) -> String {
    let parts = [&name.last, &name.first, &name.second];
    parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// A reason that ends in the code of a stage, with the stage's name instead.
fn named(reason: &str, shown: &Shown) -> String {
    match reason.rsplit_once(": ") {
        Some((why, code)) => format!("{why}: {}", shown.stage(code)),
        None => reason.to_owned(),
    }
}

/// A text without line ends and control characters: it must not look like another line of the diff.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
