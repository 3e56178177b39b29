//! An invoice nobody complains about, and short ways to spoil it.

use data_processor::raw::{PartyKind, RawParty, RawRequisite, RawRow, RawStage};
use data_processor::{
    Problem, ProcessedInvoice, RawInvoice, RejectedInvoice, Rules, Token, process_invoice_batch,
};
use rust_decimal::Decimal;

#[expect(clippy::unnecessary_wraps, reason = "texts of a raw invoice are optional")]
pub(crate) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn token(json: &str) -> Token {
    Token::from_json(json).unwrap()
}

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn rules() -> Rules {
    Rules { currencies: [("RUB".to_owned(), 2), ("KZT".to_owned(), 2), ("JPY".to_owned(), 0)].into() }
}

pub(crate) fn company(id: u64, name: &str, inn: &str) -> RawParty {
    let requisite = RawRequisite { id, company_name: some(name), inn: some(inn), ..RawRequisite::default() };
    RawParty { kind: PartyKind::Company, id, title: some(name), requisite: Some(requisite) }
}

pub(crate) fn row(price: &str, quantity: &str, rate: &str) -> RawRow {
    let (price, quantity, tax_rate) = (token(price), token(quantity), token(rate));
    RawRow { id: 1, name: "Товар".to_owned(), price, quantity, tax_rate, ..RawRow::default() }
}

/// 1220.00 RUB of 2026 with one row at 22 %.
pub(crate) fn invoice(id: u64) -> RawInvoice {
    RawInvoice {
        id,
        number: Some(format!("А-{id}")),
        date: some("2026-03-31T03:00:00+03:00"),
        stage: RawStage { id: "DT31_3:N".to_owned(), name: some("Новый"), semantics: None },
        currency: some("RUB"),
        opportunity: token("1220"),
        tax_value: token("220"),
        seller: Some(company(7, "ООО «Ромашка»", "7707083893")),
        counterparty: Some(company(12, "ООО «Лютик»", "7736207543")),
        rows: vec![row("122", "10", "22")],
        ..RawInvoice::default()
    }
}

/// The invoice must come through.
pub(crate) fn processed(raw: RawInvoice) -> ProcessedInvoice {
    let mut batch = process_invoice_batch(vec![raw], &rules());
    assert!(batch.rejected.is_empty(), "{:?}", batch.rejected);
    batch.processed.remove(0)
}

/// The invoice must not come through.
pub(crate) fn rejected(raw: RawInvoice) -> RejectedInvoice {
    let mut batch = process_invoice_batch(vec![raw], &rules());
    assert!(batch.processed.is_empty(), "{:?}", batch.processed);
    batch.rejected.remove(0)
}

/// `code field value` per problem.
pub(crate) fn listed(problems: &[Problem]) -> Vec<String> {
    let one = |problem: &Problem| {
        format!("{} {} {}", problem.code(), problem.field(), problem.value().unwrap_or("-"))
    };
    problems.iter().map(one).collect()
}

/// Problems of the invoice, whether it came through or not.
pub(crate) fn problems_of(raw: RawInvoice) -> Vec<String> {
    let batch = process_invoice_batch(vec![raw], &rules());
    let processed = batch.processed.first().map(|invoice| listed(invoice.problems()));
    processed.unwrap_or_else(|| listed(&batch.rejected[0].problems))
}
