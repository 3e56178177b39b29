use data_processor::money::{rate_text, text};
use data_processor::{Currency, RawInvoice};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::sample::{decimal, invoice, problems_of, processed, rejected, row, token};

#[test]
fn an_amount_beyond_the_digits_of_a_double_survives_exactly() {
    let mut raw = invoice(1);
    raw.opportunity = token("1234567890123456.789");
    raw.tax_value = token("\"1234567890123456.789\"");
    let invoice = processed(raw);
    assert_eq!(invoice.text(invoice.gross()), "1234567890123456.789");
    assert_eq!(invoice.portal_vat().map(|vat| invoice.text(vat)).unwrap(), "1234567890123456.789");
    assert_eq!(invoice.net().map(|net| invoice.text(net)).unwrap(), "1234567890123236.789");
}

#[test]
fn numbers_are_read_in_every_spelling_of_json() {
    for (json, expected) in [
        ("12200", "12200"),
        ("-0.5", "-0.5"),
        ("1e3", "1000"),
        ("1.5E-2", "0.015"),
        ("12.50e+1", "125"),
        ("1000e-30", "0.000000000000000000000000001"),
        ("0e999999999999999999999", "0"),
        ("-0", "0"),
        ("\"12200.00\"", "12200"),
        ("\"1e2\"", "100"),
        ("0.00000000000000000000000000010", "0.0000000000000000000000000001"),
        ("9999999999999999999999999999", "9999999999999999999999999999"),
        ("1.0000000000000000000000000000000000000", "1"),
    ] {
        assert_eq!(token(json).decimal(), Some(decimal(expected)), "{json}");
    }
}

#[test]
fn what_is_no_number_is_refused_with_field_value_and_hint() {
    for json in [
        "null",
        "true",
        "{}",
        "[1]",
        "\"12,5\"",
        "\"1e400\"",
        "1e400",
        "1e-400",
        "\"\"",
        "\" 12\"",
        "\"12 200.00\"",
        "\"+5\"",
        "\".5\"",
        "\"5.\"",
        "\"007\"",
        "\"1e\"",
        "\"0x10\"",
        "\"NaN\"",
        "\"-\"",
        "\"１２\"",
        "\"12.5.1\"",
        "12345678901234567890123456789",
        "0.00000000000000000000000000001",
        "\"\\u0031\"",
    ] {
        assert_eq!(token(json).decimal(), None, "{json}");
        let mut raw = invoice(1);
        raw.opportunity = token(json);
        raw.rows.insert(0, row("1", "1", "22"));
        raw.rows[1].price = token(json);
        let problems = rejected(raw).problems;
        assert_eq!(problems.len(), 2);
        assert_eq!((problems[0].code(), &*problems[0].field()), ("invoice.amount-malformed", "opportunity"));
        assert_eq!(
            (problems[1].code(), &*problems[1].field()),
            ("invoice.amount-malformed", "rows[1].price")
        );
        assert_eq!(problems[0].value(), Some(json));
        assert!(problems[0].hint().contains("12200.00"));
        assert_eq!(
            (&*problems[0].russian_field(), &*problems[1].russian_field()),
            ("сумма", "строка 2, цена")
        );
    }
}

#[test]
fn every_problem_of_an_invoice_is_collected() {
    let mut raw = invoice(1);
    raw.date = None;
    raw.currency = Some("руб".to_owned());
    raw.opportunity = token("null");
    raw.rows[0].quantity = token("\"2,5\"");
    raw.rows[0].tax_rate = token("-22");
    raw.rows[0].discount_sum = token("true");
    raw.tax_value = token("{}");
    insta::assert_snapshot!(problems_of(raw).join("\n"), @r#"
    invoice.date-missing date -
    invoice.currency-malformed currency руб
    invoice.amount-malformed opportunity null
    invoice.portal-vat-malformed tax_value {}
    invoice.amount-malformed rows[0].quantity "2,5"
    invoice.rate-malformed rows[0].tax_rate -22
    invoice.discount-malformed rows[0].discount_sum true
    "#);
}

#[test]
fn a_rejected_invoice_is_handed_back_untouched() {
    let mut raw = invoice(1);
    raw.opportunity = token("\"12,5\"");
    assert_eq!(rejected(raw.clone()).raw, raw);
}

#[test]
fn a_very_long_value_is_cut_in_the_problem() {
    let mut raw = invoice(1);
    raw.opportunity = token(&"9".repeat(500));
    let problems = rejected(raw).problems;
    assert_eq!(problems[0].value().map(|value| value.chars().count()), Some(81));
}

#[test]
fn numbers_too_long_for_an_exact_result_are_a_rejection_not_a_panic() {
    let long = "9999999999999999999999999999";
    for row in [row(long, long, "22"), row(long, "1", "22"), row("1e-28", "1e-28", "1e-28")] {
        let mut raw = invoice(1);
        raw.rows = vec![row.clone(), row];
        assert!(
            problems_of(raw)
                .iter()
                .any(|problem| problem.starts_with("invoice.amount-overflow rows[0].price"))
        );
    }
    let mut raw = invoice(1);
    raw.opportunity = token(long);
    assert_eq!(problems_of(raw), [format!("invoice.amount-overflow opportunity {long}")]);
}

#[test]
fn absent_portal_vat_is_unknown_and_malformed_portal_vat_is_a_warning() {
    for json in ["null", "\"\""] {
        let invoice = processed(RawInvoice { tax_value: token(json), ..invoice(1) });
        assert_eq!((invoice.portal_vat(), invoice.problems().len()), (None, 0));
    }
    let raw = RawInvoice { tax_value: token("\"12,5\""), ..invoice(1) };
    assert_eq!(problems_of(raw), ["invoice.portal-vat-malformed tax_value \"12,5\""]);
}

#[test]
fn amounts_are_written_with_at_least_the_minor_digits_and_rates_without_zeros() {
    assert_eq!(text(decimal("12200"), 2), "12200.00");
    assert_eq!(text(decimal("0.12500"), 2), "0.125");
    assert_eq!(text(decimal("-0.5"), 0), "-0.5");
    assert_eq!(text(decimal("-0.00"), 2), "0.00");
    assert_eq!(text(decimal("7.0"), 0), "7");
    assert_eq!(text(Decimal::MAX, 3), "79228162514264337593543950335.000");
    assert_eq!(rate_text(decimal("10.0")), "10");
    assert_eq!(rate_text(decimal("0")), "0");
    assert_eq!(rate_text(decimal("18.030")), "18.03");
}

#[test]
fn a_currency_is_three_capital_latin_letters() {
    assert_eq!(Currency::parse("RUB").unwrap().as_str(), "RUB");
    for code in ["", "RU", "RUBL", "rub", "РУБ", "R1B"] {
        assert_eq!(Currency::parse(code), None, "{code}");
    }
}

#[test]
fn a_currency_the_portal_does_not_know_has_two_digits_and_a_warning() {
    let invoice = processed(RawInvoice { currency: Some("UZS".to_owned()), ..invoice(1) });
    assert_eq!((invoice.minor_digits(), invoice.text(invoice.gross())), (2, "1220.00".to_owned()));
    assert_eq!(invoice.problems()[0].code(), "invoice.currency-unknown");
}

proptest! {
    #[test]
    fn every_decimal_survives_its_own_text(units in any::<i64>(), scale in 0_u32..=28, quoted in any::<bool>()) {
        let number = Decimal::from_i128_with_scale(i128::from(units), scale);
        let json = if quoted { format!("\"{number}\"") } else { number.to_string() };
        prop_assert_eq!(token(&json).decimal(), Some(number));
        prop_assert_eq!(text(number, 2).parse::<Decimal>().unwrap(), number);
    }

    #[test]
    fn an_exponent_moves_the_point(units in -999_999_i64..999_999, exponent in -20_i32..20) {
        let number = token(&format!("{units}e{exponent}")).decimal().unwrap();
        let power = Decimal::from_i128_with_scale(10_i128.pow(exponent.unsigned_abs()), 0);
        let scaled = if exponent < 0 { number * power } else { number / power };
        prop_assert_eq!(scaled, Decimal::from(units));
    }
}
