//! What is said about a finished register: a table for people, the data of `--json`.

use std::fmt::Write as _;

use serde::Serialize;
use workflow::Register;
use workflow::register::{Counts, GroupTotals, RowProblem, Selection, UndatedTotals};
use workflow::source::{Origin, Outside};

use crate::output::{Problem, table};

/// The data of `--json`.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    portal: Option<&'a str>,
    user: Option<&'a workflow::PortalUser>,
    /// Whether the portal shows this user every invoice; false means that completeness cannot be checked.
    sees_everything: Option<bool>,
    from: Option<String>,
    to: Option<String>,
    basis: &'static str,
    complete: bool,
    counted_by_portal: Option<u64>,
    counts: Counts,
    totals: &'a [GroupTotals],
    /// Over all own companies, per currency.
    group_totals: &'a [GroupTotals],
    /// Dated inside the period, without the date that decides about it: in no total.
    undated: &'a [UndatedTotals],
    filters: &'a Selection,
    problem_counts: &'a std::collections::BTreeMap<&'static str, u64>,
    outside: Option<&'a Outside>,
    output: Option<String>,
    outputs: Vec<String>,
    raw: Option<String>,
}

pub(super) fn data(register: &Register) -> Data<'_> {
    let Origin { portal, user, period, counted, .. } = &register.origin;
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let outputs: Vec<String> = register.outputs.iter().map(|path| path.display().to_string()).collect();
    Data {
        portal: portal.as_deref(),
        user: user.as_ref(),
        sees_everything: user.as_ref().map(|user| user.administrator),
        from: period.map(|period| period.from().to_string()),
        to: period.map(|period| period.to().to_string()),
        basis: register.origin.basis.as_str(),
        complete: register.is_complete(),
        counted_by_portal: *counted,
        counts: register.counts,
        totals: &register.totals,
        group_totals: &register.group_totals,
        undated: &register.undated,
        filters: &register.selection,
        problem_counts: &register.problems,
        outside: register.outside.as_ref(),
        output: if let [one] = &outputs[..] { Some(one.clone()) } else { None },
        outputs,
        raw: path(&register.raw),
    }
}

/// The problems with the ids of their invoices, those of `--json`.
pub(super) fn problems(register: &Register) -> Vec<Problem> {
    let shown = register.shown.iter().map(|(id, problem)| listed(*id, problem));
    remarks(register).into_iter().chain(shown).collect()
}

/// Only those that make the register incomplete, and what concerns all of it.
pub(super) fn urgent(register: &Register) -> Vec<Problem> {
    let urgent = register.shown.iter().filter(|(_, problem)| problem.severity != "warning");
    let urgent = urgent.map(|(id, problem)| listed(*id, problem));
    remarks(register).into_iter().chain(urgent).collect()
}

/// What concerns the whole register.
fn remarks(register: &Register) -> Vec<Problem> {
    let remark = |remark: &RowProblem| Problem { message: remark.message.clone(), ..listed(None, remark) };
    register.remarks.iter().map(remark).collect()
}

fn listed(id: Option<u64>, problem: &RowProblem) -> Problem {
    let invoice = id.map_or_else(|| "an invoice".to_owned(), |id| format!("invoice {id}"));
    Problem {
        code: problem.code.to_owned(),
        field: Some(problem.field.clone()),
        value: problem.value.clone(),
        message: format!("{invoice}: {}", problem.message),
        hint: Some(problem.hint.clone()),
    }
}

/// What people read.
pub(super) fn text(register: &Register) -> String {
    let mut text = String::new();
    let counts = &register.counts;
    let period = register.origin.period.map_or_else(String::new, |period| format!(" of {period}"));
    line(&mut text, format!("Register{period}: {} invoices", counts.invoices));
    line(&mut text, format!("  {} paid, {} open, {} cancelled", counts.paid, counts.open, counts.cancelled));
    if !register.is_complete() {
        let lost =
            format!("  NOT COMPLETE: {} rejected, {} not fetched completely", counts.rejected, counts.gaps);
        line(&mut text, lost);
    }
    if let Some(difference) = changed_count(register) {
        line(&mut text, format!("  the portal's own count changed by {difference} while it was read"));
    }
    for group in &register.undated {
        let what = if register.origin.basis == workflow::Basis::Paid { "payment" } else { "shipment" };
        let undated = format!(
            "  without date of {what}, in no total: {} invoices of {} {}, {} cancelled of {}",
            group.count, group.gross, group.currency, group.cancelled.count, group.cancelled.gross
        );
        line(&mut text, undated);
    }
    if counts.invoices == 0 {
        empty(&mut text, register.outside.as_ref());
    }
    if !register.totals.is_empty() {
        line(&mut text, "");
        text.push_str(&totals_table(&register.totals));
        if register.totals.len() > register.group_totals.len() {
            let groups = register.group_totals.iter();
            let all = groups
                .map(|sum| GroupTotals { my_company: Some("(по группе)".to_owned()), ..sum.clone() });
            line(&mut text, "");
            text.push_str(&totals_table(&all.collect::<Vec<_>>()));
        }
    }
    if !register.problems.is_empty() {
        line(&mut text, "");
        let rows = register.problems.iter().map(|(code, count)| [(*code).to_owned(), count.to_string()]);
        text.push_str(&table(["problem", "invoices"], rows));
    }
    let outputs = register.outputs.iter().map(|path| ("register", path));
    for (label, path) in outputs.chain(register.raw.iter().map(|path| ("raw invoices", path))) {
        line(&mut text, format!("\n{label}: {}", path.display()));
    }
    text
}

/// By how much the portal's own count changed; of an incomplete register nobody can tell.
fn changed_count(register: &Register) -> Option<i128> {
    register.difference_to_count().filter(|difference| *difference != 0 && register.is_complete())
}

/// Totals per own company and currency.
pub(in crate::commands) fn totals_table(totals: &[GroupTotals]) -> String {
    let rows = totals.iter().map(|group| {
        [
            group.my_company.clone().unwrap_or_else(|| "(no seller)".to_owned()),
            group.my_inn.clone().unwrap_or_default(),
            group.currency.clone(),
            group.count.to_string(),
            group.gross.clone(),
            group.net.clone(),
            group.vat.clone(),
            group.cancelled.count.to_string(),
        ]
    });
    table(["our company", "INN", "currency", "invoices", "gross", "net", "VAT", "cancelled"], rows)
}

fn empty(text: &mut String, outside: Option<&Outside>) {
    let Some(outside) = outside else { return };
    let dates = |dates: Option<(jiff::civil::Date, jiff::civil::Date)>| {
        dates.map_or_else(String::new, |(first, last)| format!(", dated from {first} to {last}"))
    };
    line(text, format!("  there are {} invoices in all{}", outside.invoices, dates(outside.invoice_dates)));
    for (label, range) in [("shipped", outside.shipped), ("paid", outside.paid)] {
        if let Some((first, last)) = range {
            line(text, format!("  {label} from {first} to {last}"));
        }
    }
}

fn line(text: &mut String, line: impl std::fmt::Display) {
    // Writing to a string cannot fail.
    let _always_fits = writeln!(text, "{line}");
}
