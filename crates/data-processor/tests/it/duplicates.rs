use data_processor::{Duplicates, RawInvoice, process_invoice_batch, process_next_batch};

use crate::sample::{company, invoice, listed, rules, some};

fn numbered(id: u64) -> RawInvoice {
    RawInvoice { number: some("А-17"), ..invoice(id) }
}

#[test]
fn a_number_used_twice_by_one_seller_is_reported_on_the_later_invoice() {
    let other_seller =
        RawInvoice { seller: Some(company(8, "ООО «Вереск»", "7830002293")), ..numbered(3) };
    let batch = process_invoice_batch(vec![numbered(1), numbered(2), other_seller, invoice(4)], &rules());
    let problems: Vec<Vec<String>> =
        batch.processed.iter().map(|invoice| listed(invoice.problems())).collect();
    assert_eq!(problems[1], ["invoice.number-repeated number А-17 (ID 1)"]);
    assert!(problems[0].is_empty() && problems[2].is_empty() && problems[3].is_empty());
}

#[test]
fn numbers_are_remembered_across_windows() {
    let mut seen = Duplicates::default();
    let first = process_next_batch(vec![numbered(1)], &rules(), &mut seen);
    let second = process_next_batch(vec![numbered(2)], &rules(), &mut seen);
    assert!(first.processed[0].problems().is_empty());
    assert_eq!(listed(second.processed[0].problems()), ["invoice.number-repeated number А-17 (ID 1)"]);
}

#[test]
fn the_same_invoice_read_twice_is_not_its_own_duplicate() {
    let batch = process_invoice_batch(vec![numbered(1), numbered(1)], &rules());
    assert!(batch.processed.iter().all(|invoice| invoice.problems().is_empty()));
}
