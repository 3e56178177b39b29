//! Hand-computed cases (vectors of the domain notes, D2).

use super::*;
use crate::portal::product_row::Discount;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn row(price: &str, quantity: &str, rate: Option<&str>) -> ProductRow {
    ProductRow {
        id: 1,
        product_id: 0,
        name: "Насос".into(),
        price: decimal(price),
        quantity: decimal(quantity),
        tax_rate: rate.map(decimal),
        tax_included: true,
        discount: Discount::Percent(Decimal::ZERO),
        measure_code: 796,
        measure_name: "шт".into(),
        sort: 10,
        kind: 1,
    }
}

#[test]
fn vat_inside_a_gross_amount_is_rounded_half_away_from_zero() {
    let vectors = [
        ("122.00", "22", "22.00"),
        ("120000.00", "20", "20000.00"),
        ("100.00", "22", "18.03"),
        ("999.99", "22", "180.33"),
        ("105.00", "5", "5.00"),
        ("107.00", "7", "7.00"),
        ("110.00", "10", "10.00"),
        ("0.03", "22", "0.01"),
        ("0.03", "20", "0.01"),
        ("-0.03", "20", "-0.01"),
    ];
    for (gross, rate, vat) in vectors {
        assert_eq!(line(&row(gross, "1", Some(rate))).1.to_string(), vat, "{gross} at {rate}");
    }
}

#[test]
fn quantities_are_not_rounded_before_they_multiply() {
    assert_eq!(line(&row("10.555", "0.125", None)).0.to_string(), "1.32");
    assert_eq!(line(&row("100", "0.125", Some("20"))), (decimal("12.50"), decimal("2.08")));
}

#[test]
fn rates_stand_from_the_highest_down_and_no_vat_comes_last() {
    let rows = [
        row("10", "1", None),
        row("110", "1", Some("10.0")),
        row("122", "1", Some("22")),
        row("5", "1", Some("0")),
    ];
    let sums = rates_of(&rows);
    let shown: Vec<_> = sums
        .iter()
        .map(|s| format!("{} {} {} {}", s.rate.map_or("-".into(), |r| r.to_string()), s.gross, s.net, s.vat))
        .collect();
    assert_eq!(
        shown,
        ["22 122.00 100.00 22.00", "10 110.00 100.00 10.00", "0 5.00 5.00 0.00", "- 10.00 10.00 0.00"]
    );
}

fn invoice(status: &'static str, gross: &str, rows: &[ProductRow]) -> RegisterRow {
    let vat_by_rate = rates_of(rows);
    let vat = (!rows.is_empty()).then(|| vat_by_rate.iter().map(|s| s.vat).sum::<Decimal>());
    RegisterRow {
        id: 1,
        number: None,
        date: None,
        shipped_on: None,
        paid_on: None,
        paid_by: None,
        month: None,
        status,
        stage: String::new(),
        currency: "RUB".into(),
        gross: decimal(gross),
        net: vat.map(|vat| decimal(gross) - vat),
        vat,
        vat_by_rate,
        portal_vat: Decimal::ZERO,
        difference: None,
        header_minus_rows: None,
        manual_differs: false,
        paid_sum: None,
        remainder: None,
        counterparty: None,
        inn: None,
        kpp: None,
        counterparty_card: None,
        is_private_person: false,
        my_company: Some("ООО".into()),
        my_inn: None,
        my_kpp: None,
        my_company_id: None,
        responsible_id: None,
    }
}

#[test]
fn cancelled_invoices_enter_no_sum_but_their_own() {
    let rows = [row("122", "1", Some("22"))];
    let totals = totals_of(&[
        invoice("paid", "122.00", &rows),
        invoice("open", "130.00", &rows),
        invoice("open", "50.00", &[]),
        invoice("cancelled", "122.00", &rows),
    ]);
    assert_eq!(totals.len(), 1);
    let t = &totals[0];
    let shown = [t.gross, t.net, t.vat, t.header_minus_rows, t.without_rows.gross, t.cancelled.gross];
    let shown: Vec<_> = shown.iter().map(Decimal::to_string).collect();
    assert_eq!(shown, ["302.00", "208.00", "44.00", "8.00", "50.00", "122.00"]);
    assert_eq!(
        (t.count, t.paid.count, t.open.count, t.cancelled.count, t.without_rows.count),
        (3, 1, 2, 1, 1)
    );
    assert_eq!(t.by_rate.len(), 1);
    assert_eq!(t.by_rate[0].gross.to_string(), "244.00");
}

#[test]
fn amounts_are_written_as_strings_with_two_digits_at_least() {
    let json = serde_json::to_string(&rates_of(&[row("122", "1", Some("22"))])).unwrap();
    assert_eq!(json, r#"[{"rate":"22","gross":"122.00","net":"100.00","vat":"22.00"}]"#);
}
