//! Puts a processed invoice together: texts are moved out of the raw one, warnings about the whole are added.

use super::reading::Facts;
use super::rows::{RowFigures, RowSums};
use crate::duplicates::Duplicates;
use crate::invoice::{Line, ProcessedInvoice, Status};
use crate::money::{exact, rate_text};
use crate::party::Party;
use crate::problem::{Field, ProblemCode, Problems};
use crate::raw::{RawInvoice, RawNote, RawParty, RawRow};
use crate::vat::VatRate;
use crate::vat::russian::{self, Fit};

pub(super) fn assemble(
    raw: RawInvoice,
    facts: Facts,
    mut problems: Problems,
    seen: &mut Duplicates,
) -> ProcessedInvoice {
    let (rows_gross, vat) = facts.rows.as_ref().map(|rows| (rows.gross, rows.vat)).unzip();
    let (net, header_minus_rows) = facts.differences.unzip();
    let RowSums { rows: figures, by_rate: vat_by_rate, .. } = facts.rows.unwrap_or_default();
    let mut invoice = ProcessedInvoice {
        id: raw.id,
        number: raw.number.filter(|number| !number.trim().is_empty()),
        title: raw.title,
        date: facts.date,
        due: facts.due,
        shipped_on: facts.shipped_on,
        paid: facts.paying.on,
        paid_sum: facts.paying.sum,
        remainder: facts.remainder,
        status: facts.status,
        stage: raw.stage.name.filter(|name| !name.trim().is_empty()).unwrap_or(raw.stage.id),
        currency: facts.currency,
        minor_digits: facts.minor_digits,
        gross: facts.gross,
        net,
        vat,
        vat_by_rate,
        portal_vat: facts.portal_vat,
        vat_difference: facts.portal_vat.zip(vat).and_then(|(portal, rows)| exact::subtract(portal, rows)),
        rows_gross,
        header_minus_rows,
        manual: raw.manual,
        manual_differs: false,
        seller: party(raw.seller, "seller", ProblemCode::SellerMissing, &mut problems),
        counterparty: party(
            raw.counterparty,
            "counterparty",
            ProblemCode::CounterpartyMissing,
            &mut problems,
        ),
        lines: raw.rows.into_iter().zip(figures).map(line).collect(),
        problems: Vec::new(),
        responsible: raw.responsible,
        url: raw.url,
        deal_id: raw.deal_id,
    };
    check_number(&invoice, seen, &mut problems);
    check_sums(&mut invoice, &mut problems);
    check_payment(&invoice, &mut problems);
    check_rates(&invoice, &mut problems);
    for note in &raw.notes {
        take_note(note, &mut problems);
    }
    ProcessedInvoice { problems: problems.into_vec(), ..invoice }
}

fn party(
    raw: Option<RawParty>,
    role: &'static str,
    missing: ProblemCode,
    problems: &mut Problems,
) -> Option<Party> {
    let Some(raw) = raw else {
        problems.report(missing, Field::Named(role), None);
        return None;
    };
    let party = Party::from_raw(raw);
    party.check(role, problems);
    Some(party)
}

fn line((raw, figures): (RawRow, RowFigures)) -> Line {
    let RowFigures { price, quantity, rate, discount, gross, net, vat } = figures;
    let RawRow { id, name, measure, .. } = raw;
    Line { id, name, measure, price, quantity, rate, discount, gross, net, vat }
}

fn check_number(invoice: &ProcessedInvoice, seen: &mut Duplicates, problems: &mut Problems) {
    let Some(number) = invoice.number() else {
        return problems.report(ProblemCode::NumberMissing, Field::Named("number"), None);
    };
    if let Some(first) = seen.earlier(invoice.seller(), number, invoice.id) {
        let value = format!("{number} (ID {first})");
        problems.report(ProblemCode::NumberRepeated, Field::Named("number"), Some(&value));
    }
}

fn check_sums(invoice: &mut ProcessedInvoice, problems: &mut Problems) {
    let (count, digits) = (invoice.lines.len(), invoice.minor_digits);
    if let Some(difference) = invoice.header_minus_rows
        && exact::exceeds_rounding(difference, count, digits)
    {
        invoice.manual_differs = invoice.manual;
        let code = if invoice.manual { ProblemCode::HeaderManual } else { ProblemCode::HeaderDiffers };
        problems.report(code, Field::Named("opportunity"), Some(&invoice.text(difference)));
    }
    // The portal rounds the whole once more than the lines are.
    if let Some(difference) = invoice.vat_difference
        && exact::exceeds_rounding(difference, count + 1, digits)
    {
        problems.report(ProblemCode::VatDiffers, Field::Named("tax_value"), Some(&invoice.text(difference)));
    }
}

/// A stage says "paid" of the whole amount; payments that do not cover it contradict it.
fn check_payment(invoice: &ProcessedInvoice, problems: &mut Problems) {
    if let Some(remainder) = invoice.remainder.filter(|left| !left.is_zero())
        && invoice.status == Status::Paid
    {
        let value = invoice.text(remainder);
        problems.report(ProblemCode::PaymentDiffers, Field::Named("payments"), Some(&value));
    }
}

/// Russian rates say something about roubles only: other currencies may be another country's sale.
fn check_rates(invoice: &ProcessedInvoice, problems: &mut Problems) {
    if invoice.currency.as_str() != "RUB" {
        return;
    }
    for line in &invoice.vat_by_rate {
        let VatRate::Rate(percent) = line.rate else { continue };
        let code = match russian::fit(percent, invoice.date, invoice.shipped_on) {
            Fit::Fits => continue,
            Fit::OutOfDate => ProblemCode::RateOutOfDate,
            Fit::Unknown => ProblemCode::RateUnknown,
        };
        let on = invoice.shipped_on.unwrap_or(invoice.date);
        let (rate, day) = (rate_text(percent), on.strftime("%d.%m.%Y"));
        let (english, russian) = (format!("{rate} % on {on}"), format!("{rate} % на {day}"));
        problems.report_words(code, Field::Named("rows"), &english, &russian);
    }
}

fn take_note(note: &RawNote, problems: &mut Problems) {
    let russian = note.russian.as_ref().unwrap_or(&note.message);
    let known = ProblemCode::ALL.iter().find(|known| known.code() == note.code && known.may_be_noted());
    if let Some(&code) = known {
        return problems.report_words(code, Field::Named("notes"), &note.message, russian);
    }
    let value = |message: &str| format!("{}: {message}", note.code);
    let (english, russian) = (value(&note.message), value(russian));
    problems.report_words(ProblemCode::SourceNote, Field::Named("notes"), &english, &russian);
}
