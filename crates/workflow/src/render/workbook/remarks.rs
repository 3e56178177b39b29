//! The sheet of problems: by responsible person, errors first, so that each part can be sent on.

use std::io;

use super::looks::{self, Looks};
use super::spool::{Owner, Remark, Spool};
use crate::register::{RegisterRow, RowProblem, Russian};
use crate::render::labels;
use crate::render::presentation::{Language, Presentation};
use crate::render::sheet::{RowXml, Series, lines};

/// Notes the problems of an invoice.
pub(super) fn note(spool: &mut Spool, row: &RegisterRow, language: Language) -> io::Result<()> {
    row.problems.iter().try_for_each(|problem| note_one(spool, row, problem, language))
}

/// Notes one problem of an invoice.
pub(super) fn note_one(
    spool: &mut Spool,
    row: &RegisterRow,
    problem: &RowProblem,
    language: Language,
) -> io::Result<()> {
    let owner = Owner::new(row.responsible.as_deref(), problem.severity != "warning");
    spool.add(&owner, &remark(row, problem, language))
}

fn remark(row: &RegisterRow, problem: &RowProblem, language: Language) -> Remark {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (field, value, reason, remedy) = match language {
        Language::Russian => {
            let Russian { field, value, reason, remedy } = &problem.russian;
            (field, value, reason, remedy)
        }
        Language::English => (&problem.field, &problem.value, &problem.message, &problem.hint),
    };
    Remark {
        id: row.id,
        number: text(&row.number),
        client: text(&row.counterparty),
        severity: labels::severity(problem.severity).of(language).to_owned(),
        reason: reason.clone(),
        value: text(value),
        remedy: remedy.clone(),
        field: field.clone(),
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
        let widths = labels::PROBLEM_COLUMNS;
        let lines = [(&remark.client, 2), (&remark.reason, 4), (&remark.value, 5), (&remark.remedy, 6)]
            .map(|(text, column)| lines(text, widths[column].1));
        let height = lines.into_iter().max().unwrap_or(1);
        write_row(sheet.open(height)?, looks, shown, owner, &remark, first);
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
