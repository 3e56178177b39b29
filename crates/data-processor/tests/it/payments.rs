use data_processor::raw::{RawPayment, RawStage};
use data_processor::{PaidBy, RawInvoice};

use crate::sample::{decimal, invoice, listed, processed, some, token};

fn payment(paid_at: Option<&str>, sum: &str) -> RawPayment {
    RawPayment {
        id: 1,
        paid: paid_at.is_some(),
        paid_at: paid_at.map(str::to_owned),
        sum: token(sum),
        currency: some("RUB"),
    }
}

/// In a success stage since 5 April, payments as given.
fn paid(payments: Option<Vec<RawPayment>>) -> RawInvoice {
    let stage = RawStage { id: "DT31_3:P".to_owned(), name: some("Оплачен"), semantics: some("S") };
    RawInvoice { stage, moved_at: some("2026-04-05T01:30:00+03:00"), payments, ..invoice(1) }
}

fn told(raw: RawInvoice) -> (String, Option<PaidBy>) {
    let invoice = processed(raw);
    (invoice.paid_on().map(|day| day.to_string()).unwrap_or_default(), invoice.paid_by())
}

#[test]
fn the_field_comes_first_then_the_last_payment_then_the_day_of_the_stage() {
    let payments = vec![
        payment(Some("2026-04-02T23:30:00+03:00"), "1000"),
        payment(Some("2026-04-01T10:00:00+03:00"), "220"),
    ];
    let field = RawInvoice { paid_on: some("2026-03-30"), ..paid(Some(payments.clone())) };
    assert_eq!(told(field), ("2026-03-30".into(), Some(PaidBy::Field)));
    assert_eq!(told(paid(Some(payments))), ("2026-04-02".into(), Some(PaidBy::Payment)));
    assert_eq!(told(paid(Some(Vec::new()))), ("2026-04-05".into(), Some(PaidBy::Stage)));
    assert_eq!(told(paid(None)), ("2026-04-05".into(), Some(PaidBy::Stage)));
    let unreadable = RawInvoice { paid_on: some("вчера"), ..paid(None) };
    assert_eq!(told(unreadable), ("2026-04-05".into(), Some(PaidBy::Stage)));
}

#[test]
fn only_a_success_stage_tells_a_payment_date() {
    let open = RawInvoice { stage: invoice(1).stage, ..paid(None) };
    assert_eq!(told(open), (String::new(), None));
    let with_field = RawInvoice { paid_on: some("2026-04-01"), ..invoice(1) };
    assert_eq!(told(with_field), ("2026-04-01".into(), Some(PaidBy::Field)));
}

#[test]
fn the_sum_paid_and_the_remainder_are_exact_and_a_remainder_is_told() {
    let half = paid(Some(vec![payment(Some("2026-04-02T10:00:00+03:00"), "610.5"), payment(None, "609.5")]));
    let half = processed(half);
    assert_eq!((half.paid_sum(), half.remainder()), (Some(decimal("610.5")), Some(decimal("609.5"))));
    assert_eq!(listed(half.problems()), ["invoice.payment-differs payments 609.50"]);
    let whole = processed(paid(Some(vec![payment(Some("2026-04-02T10:00:00+03:00"), "1220")])));
    assert_eq!((whole.remainder(), whole.problems().len()), (Some(decimal("0")), 0));
    let nothing = processed(paid(Some(Vec::new())));
    assert_eq!(
        (nothing.paid_sum(), nothing.remainder()),
        (None, None),
        "no payment is not a payment of nothing"
    );
}

#[test]
fn a_payment_that_cannot_be_counted_leaves_the_sum_unknown() {
    let foreign = RawPayment { currency: some("CNY"), ..payment(Some("2026-04-02T10:00:00+03:00"), "5") };
    let malformed = payment(Some("2026-04-02T10:00:00+03:00"), r#""12,5""#);
    let invoice = processed(paid(Some(vec![foreign, malformed])));
    assert_eq!((invoice.paid_sum(), invoice.remainder()), (None, None));
    assert_eq!(
        listed(invoice.problems()),
        ["invoice.payment-currency payments CNY", r#"invoice.payment-malformed payments "12,5""#]
    );
}
