use data_processor::raw::RawRow;
use data_processor::{RawInvoice, VatRate};
use proptest::prelude::*;

use crate::sample::{decimal, invoice, listed, problems_of, processed, row, token};

/// Gross and VAT of one line, as the register prints them.
fn line(price: &str, quantity: &str, rate: &str) -> (String, String) {
    let invoice = processed(RawInvoice { rows: vec![row(price, quantity, rate)], ..invoice(1) });
    let line = &invoice.lines()[0];
    (invoice.text(line.gross), invoice.text(line.vat))
}

#[test]
fn vat_within_a_price_follows_the_known_vectors() {
    for (gross, rate, vat) in [
        ("122.00", "22", "22.00"),
        ("120000.00", "20", "20000.00"),
        ("100.00", "22", "18.03"),
        ("999.99", "22", "180.33"),
        ("105.00", "5", "5.00"),
        ("107.00", "7", "7.00"),
        ("110.00", "10", "10.00"),
        ("0.03", "22", "0.01"),
        // A tie goes away from zero; bankers' rounding would make it 0.00.
        ("0.03", "20", "0.01"),
        ("-0.03", "20", "-0.01"),
        ("100.00", "0", "0.00"),
        ("100.00", "null", "0.00"),
        ("275.00", "10.0", "25.00"),
    ] {
        assert_eq!(line(gross, "1", rate), (gross.to_owned(), vat.to_owned()), "{gross} at {rate}");
    }
}

#[test]
fn a_quantity_is_never_rounded_before_it_is_multiplied() {
    // 10.555 x 0.125 = 1.319375
    assert_eq!(line("10.555", "0.125", "22"), ("1.32".to_owned(), "0.24".to_owned()));
    assert_eq!(line("81.81818181818181", "2.5", "10"), ("204.55".to_owned(), "18.60".to_owned()));
}

#[test]
fn a_discount_line_is_negative_and_counts() {
    let rows = vec![row("1000", "1", "22"), row("-122", "1", "22")];
    let invoice =
        processed(RawInvoice { rows, opportunity: token("878"), tax_value: token("null"), ..invoice(1) });
    assert_eq!(invoice.rows_gross(), Some(decimal("878")));
    assert_eq!(invoice.vat(), Some(decimal("158.33")));
    assert_eq!(listed(invoice.problems()), [] as [&str; 0]);
}

#[test]
fn tax_included_changes_nothing_in_what_the_price_means() {
    for tax_included in [true, false] {
        let rows = vec![RawRow { tax_included, ..row("275", "1", "10") }];
        assert_eq!(processed(RawInvoice { rows, ..invoice(1) }).vat(), Some(decimal("25")));
    }
}

#[test]
fn rates_are_sorted_from_high_to_low_and_without_vat_is_not_zero_per_cent() {
    let rows = ["0", "null", "10.0", "22", "1e1", "\"20.00\""].map(|rate| row("100", "1", rate)).to_vec();
    let invoice = processed(RawInvoice { rows, ..invoice(1) });
    let rates: Vec<VatRate> = invoice.vat_by_rate().iter().map(|line| line.rate).collect();
    let rate = |percent| VatRate::Rate(decimal(percent));
    assert_eq!(rates, [rate("22"), rate("20"), rate("10"), rate("0"), VatRate::None]);
    let ten = invoice.vat_by_rate()[2];
    assert_eq!((ten.gross, ten.net, ten.vat), (decimal("200"), decimal("181.82"), decimal("18.18")));
    assert_eq!(ten.rate.percent().map(|percent| percent.to_string()).as_deref(), Some("10"));
}

#[test]
fn without_rows_vat_is_unknown_and_not_zero() {
    let invoice = processed(RawInvoice { rows: Vec::new(), tax_value: token("0"), ..invoice(1) });
    assert_eq!(
        (invoice.vat(), invoice.net(), invoice.rows_gross(), invoice.header_minus_rows()),
        (None, None, None, None)
    );
    assert_eq!(listed(invoice.problems()), ["invoice.rows-missing rows -"]);
}

#[test]
fn a_currency_without_minor_units_is_rounded_to_whole_ones() {
    let rows = vec![row("1000.5", "1", "10")];
    let invoice = processed(RawInvoice { rows, currency: Some("JPY".to_owned()), ..invoice(1) });
    assert_eq!((invoice.rows_gross(), invoice.vat()), (Some(decimal("1001")), Some(decimal("91"))));
}

#[test]
fn header_and_rows_may_differ_by_half_a_kopeck_per_line() {
    let rows = |count| vec![row("10.005", "1", "null"); count];
    let of = |count, opportunity: &str| {
        let raw = RawInvoice {
            rows: rows(count),
            opportunity: token(opportunity),
            tax_value: token("0"),
            ..invoice(1)
        };
        problems_of(raw)
    };
    // Two lines of 10.01; the portal adds up before it rounds.
    assert_eq!(of(2, "20.01"), [] as [&str; 0]);
    assert_eq!(of(2, "20.00"), ["invoice.header-differs opportunity -0.02"]);
    assert_eq!(of(1, "10.015"), [] as [&str; 0]);
    assert_eq!(of(1, "10.02"), ["invoice.header-differs opportunity 0.01"]);
}

#[test]
fn a_manual_amount_that_differs_is_marked_and_vat_still_comes_from_the_rows() {
    let raw = RawInvoice { manual: true, opportunity: token("1000"), ..invoice(1) };
    let invoice = processed(raw);
    assert_eq!(listed(invoice.problems()), ["invoice.header-manual opportunity -220.00"]);
    assert_eq!((invoice.vat(), invoice.net()), (Some(decimal("220")), Some(decimal("780"))));
    assert_eq!(invoice.header_minus_rows(), Some(decimal("-220")));
}

#[test]
fn portal_vat_beyond_rounding_is_reported() {
    let of = |tax_value| problems_of(RawInvoice { tax_value: token(tax_value), ..invoice(1) });
    assert_eq!(of("220.01"), [] as [&str; 0]);
    assert_eq!(of("203.33"), ["invoice.vat-differs tax_value -16.67"]);
}

#[test]
fn russian_rates_are_judged_by_the_shipment() {
    let of = |rate: &str, date: &str, shipped_on: Option<&str>| {
        let raw = RawInvoice {
            date: Some(date.to_owned()),
            shipped_on: shipped_on.map(str::to_owned),
            rows: vec![row("122", "10", rate)],
            tax_value: token("null"),
            ..invoice(1)
        };
        problems_of(raw)
    };
    let fine: [&str; 0] = [];
    assert_eq!(of("20", "2026-01-15", None), ["invoice.rate-out-of-date rows 20 % on 2026-01-15"]);
    assert_eq!(of("20", "2026-01-15", Some("2025-12-31")), fine);
    assert_eq!(
        of("20", "2025-12-15", Some("2026-01-01")),
        ["invoice.rate-out-of-date rows 20 % on 2026-01-01"]
    );
    assert_eq!(
        of("22", "2025-12-15", Some("2025-12-20")),
        ["invoice.rate-out-of-date rows 22 % on 2025-12-20"]
    );
    // Invoiced before the year ends, to be shipped after.
    assert_eq!(of("22", "2025-12-15", None), fine);
    assert_eq!(of("18", "2019-01-01", None), ["invoice.rate-out-of-date rows 18 % on 2019-01-01"]);
    assert_eq!(of("5", "2025-01-01", Some("2025-01-01")), fine);
    assert_eq!(of("16.67", "2026-01-01", None), ["invoice.rate-unknown rows 16.67 % on 2026-01-01"]);
    assert_eq!(of("null", "2026-01-01", None), fine);
}

#[test]
fn rates_of_other_currencies_are_no_business_of_the_russian_table() {
    let raw = RawInvoice {
        currency: Some("KZT".to_owned()),
        rows: vec![row("122", "10", "12")],
        tax_value: token("null"),
        ..invoice(1)
    };
    assert_eq!(problems_of(raw), [] as [&str; 0]);
}

proptest! {
    /// Checked from the other side: no division, only that no other kopeck is nearer.
    #[test]
    fn the_vat_of_a_line_is_the_nearest_kopeck_and_a_tie_goes_away_from_zero(
        kopecks in -10_i64.pow(12)..10_i64.pow(12),
        quantity in 0_i64..10_i64.pow(8),
        rate in 0_i64..3000,
    ) {
        let price = rust_decimal::Decimal::new(kopecks, 2).to_string();
        let quantity_text = rust_decimal::Decimal::new(quantity, 4).to_string();
        let rate_text = rust_decimal::Decimal::new(rate, 2).to_string();
        let invoice = processed(RawInvoice { rows: vec![row(&price, &quantity_text, &rate_text)], ..invoice(1) });
        let vat = (invoice.lines()[0].vat * decimal("100")).normalize();
        prop_assert_eq!(vat.scale(), 0);
        // VAT is dividend / divisor kopecks.
        let dividend = i128::from(kopecks) * i128::from(quantity) * i128::from(rate);
        let divisor = i128::from(10_000 + rate) * 10_000;
        let excess = 2 * (vat.mantissa().abs() * divisor - dividend.abs());
        prop_assert!(-divisor < excess && excess <= divisor);
        prop_assert!(vat.is_zero() || (vat.mantissa() < 0) == (dividend < 0));
    }
}
