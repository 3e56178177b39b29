//! Defects of an earlier register (table B9 of its review), each with the number it has there. Those about the wire are
//! tested in `workflow`, those about the program in `tests/e2e`; `docs/defects.md` lists all of them.

use data_processor::raw::RawParty;
use data_processor::{RawInvoice, Totals, process_invoice_batch};

use crate::sample::{company, decimal, invoice, listed, processed, rejected, row, rules, some, token};

#[test]
fn b9_01_a_timestamp_with_an_offset_is_a_date() {
    let raw = RawInvoice {
        date: some("2026-03-31T03:00:00+03:00"),
        shipped_on: some("2026-04-01T03:00:00+03:00"),
        paid_on: some("2026-04-01T19:00:00-05:00"),
        ..invoice(1)
    };
    let invoice = processed(raw);
    let day = |day: Option<jiff::civil::Date>| day.unwrap().to_string();
    assert_eq!(invoice.date().to_string(), "2026-03-31");
    assert_eq!(
        (day(invoice.shipped_on()), day(invoice.paid_on())),
        ("2026-04-01".into(), "2026-04-02".into())
    );
}

#[test]
fn b9_02_no_invoice_is_filtered_out_whatever_is_wrong_with_it() {
    let bad_inn =
        RawInvoice { counterparty: Some(company(12, "ООО «Лютик»", "7707083894")), ..invoice(1) };
    let negative = RawInvoice { opportunity: token("-5"), ..invoice(2) };
    let zero = RawInvoice { opportunity: token("0"), ..invoice(3) };
    let dateless = RawInvoice { date: None, ..invoice(4) };
    let batch = process_invoice_batch(vec![bad_inn, negative, zero, dateless], &rules());
    assert_eq!((batch.processed.len(), batch.rejected.len()), (3, 1));
    assert_eq!(
        listed(batch.processed[0].problems()),
        ["invoice.inn-checksum counterparty.requisite.inn 7707083894"]
    );
    assert_eq!(batch.processed[0].counterparty().unwrap().inn(), Some("7707083894"), "the value stays");
    assert_eq!(listed(&batch.rejected[0].problems), ["invoice.date-missing date -"]);
}

#[test]
fn b9_03_every_rate_counts_as_the_row_has_it() {
    for (rate, price, vat) in [
        ("22", "122", "22"),
        ("5", "105", "5"),
        ("7", "107", "7"),
        ("10.0", "110", "10"),
        ("18.03", "118.03", "18.03"),
    ] {
        let raw = RawInvoice { opportunity: token(price), rows: vec![row(price, "1", rate)], ..invoice(1) };
        assert_eq!(processed(raw).vat(), Some(decimal(vat)), "{rate} %");
    }
}

#[test]
fn b9_04_ten_per_cent_of_a_line_of_275_is_25_whether_entered_with_vat_or_without() {
    for tax_included in [false, true] {
        let mut line = row("275", "1", "10");
        line.tax_included = tax_included;
        let raw = RawInvoice { opportunity: token("275"), rows: vec![line], ..invoice(1) };
        assert_eq!(processed(raw).vat(), Some(decimal("25.00")));
    }
}

#[test]
fn b9_05_a_quantity_is_neither_rounded_before_it_multiplies_nor_shown_rounded() {
    let raw =
        RawInvoice { rows: vec![row("10.555", "0.125", "null"), row("1", "2.5", "null")], ..invoice(1) };
    let invoice = processed(raw);
    assert_eq!(invoice.lines()[0].gross, decimal("1.32"));
    assert_eq!(invoice.lines()[0].quantity, decimal("0.125"));
    assert_eq!(invoice.lines()[1].quantity, decimal("2.5"));
}

#[test]
fn b9_06_a_negative_price_is_a_discount_line_and_counts() {
    let raw = RawInvoice {
        opportunity: token("1098"),
        rows: vec![row("1220", "1", "22"), row("-122", "1", "22")],
        ..invoice(1)
    };
    let invoice = processed(raw);
    assert_eq!((invoice.rows_gross(), invoice.vat()), (Some(decimal("1098")), Some(decimal("198"))));
    assert_eq!(invoice.header_minus_rows(), Some(decimal("0")));
}

#[test]
fn b9_07_an_amount_in_quotes_is_exact_and_an_ambiguous_one_is_refused() {
    let exact = RawInvoice { opportunity: token(r#""1234567.895""#), rows: Vec::new(), ..invoice(1) };
    assert_eq!(processed(exact).gross(), decimal("1234567.895"));
    for text in [r#""1,234.56""#, r#""12,5""#, r#""120 000,00""#, "1e400", "null", "true", "[]", r#""""#] {
        let raw = RawInvoice { opportunity: token(text), ..invoice(1) };
        assert_eq!(rejected(raw).problems[0].code(), "invoice.amount-malformed", "{text}");
    }
}

#[test]
fn b9_14_the_portals_vat_stands_beside_the_rows_and_the_difference_is_told() {
    let raw = RawInvoice { tax_value: token("200"), ..invoice(1) };
    let invoice = processed(raw);
    assert_eq!((invoice.vat(), invoice.portal_vat()), (Some(decimal("220")), Some(decimal("200"))));
    assert_eq!(invoice.vat_difference(), Some(decimal("-20")));
    assert_eq!(listed(invoice.problems()), ["invoice.vat-differs tax_value -20.00"]);
}

#[test]
fn b9_15_currencies_are_never_added_up() {
    let tenge = RawInvoice { currency: some("KZT"), ..invoice(2) };
    let mut totals = Totals::default();
    for invoice in &process_invoice_batch(vec![invoice(1), tenge], &rules()).processed {
        totals.add(invoice);
    }
    let sums = totals.over_sellers();
    let shown: Vec<String> =
        sums.iter().map(|sum| format!("{} {}", sum.currency, sum.gross.text(2))).collect();
    assert_eq!(shown, ["KZT 1220.00", "RUB 1220.00"]);
}

#[test]
fn b9_17_what_is_missing_is_never_made_up() {
    let nothing = RawInvoice { id: 7, ..RawInvoice::default() };
    let problems = listed(&rejected(nothing).problems);
    assert!(problems.contains(&"invoice.date-missing date -".to_owned()), "no date of today: {problems:?}");
    assert!(problems.contains(&"invoice.amount-malformed opportunity null".to_owned()), "{problems:?}");
    let bare = RawInvoice { number: None, rows: Vec::new(), counterparty: None::<RawParty>, ..invoice(1) };
    let invoice = processed(bare);
    assert_eq!(
        (invoice.number(), invoice.vat(), invoice.lines().len()),
        (None, None, 0),
        "unknown is not zero"
    );
}
