//! The sheet of problems: by responsible person, errors first, so that each part can be sent on.

use std::io;

use super::Book;
use super::looks::{self, Looks};
use super::spool::{Owner, Remark, Spool};
use crate::register::{RegisterRow, RowProblem};
use crate::render::labels;
use crate::render::presentation::{Language, Presentation};
use crate::render::sheet::{RowXml, Series};

impl Book {
    pub(super) fn note_problems(&mut self, row: &RegisterRow) -> io::Result<()> {
        for problem in &row.problems {
            let owner = Owner::new(row.responsible.as_deref(), problem.severity != "warning");
            self.spool.add(&owner, &remark(row, problem, self.shown.language))?;
        }
        Ok(())
    }
}

fn remark(row: &RegisterRow, problem: &RowProblem, language: Language) -> Remark {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (reason, remedy) = match language {
        Language::Russian => (&problem.russian.0, &problem.russian.1),
        Language::English => (&problem.message, &problem.hint),
    };
    Remark {
        id: row.id,
        number: text(&row.number),
        client: text(&row.counterparty),
        severity: labels::severity(problem.severity).of(language).to_owned(),
        reason: reason.clone(),
        value: text(&problem.value),
        remedy: remedy.clone(),
        field: problem.field.clone(),
        url: text(&row.url),
    }
}

/// Writes all problems.
pub(super) fn write(
    spool: Spool,
    mut sheet: Series,
    looks: &Looks,
    shown: &Presentation,
) -> io::Result<Series> {
    let mut before: Option<Option<String>> = None;
    spool.each::<io::Error>(|owner, remark| {
        let first = before.as_ref() != Some(&owner.name);
        if first {
            before = Some(owner.name.clone());
        }
        write_row(sheet.open()?, looks, shown, owner, &remark, first);
        sheet.close()
    })?;
    Ok(sheet)
}

fn write_row(
    xml: &mut RowXml,
    looks: &Looks,
    shown: &Presentation,
    owner: &Owner,
    remark: &Remark,
    first: bool,
) {
    let style = |link| looks.remark(looks::Remark { urgent: owner.urgent(), first, link });
    let nobody = labels::RESPONSIBLE_UNKNOWN.of(shown.language);
    xml.text(style(false), owner.name.as_deref().unwrap_or(nobody));
    let id = remark.id.map(|id| format!("(ID {id})")).unwrap_or_default();
    let number = if remark.number.is_empty() { &id } else { &remark.number };
    if remark.url.is_empty() {
        xml.text(style(false), number);
    } else {
        xml.link(style(true), style(false), &remark.url, number);
    }
    for text in
        [&remark.client, &remark.severity, &remark.reason, &remark.value, &remark.remedy, &remark.field]
    {
        xml.text(style(false), text);
    }
    match remark.id {
        Some(id) => xml.whole(style(false), id),
        None => xml.blank(style(false)),
    }
    xml.text(style(false), &remark.url);
}
