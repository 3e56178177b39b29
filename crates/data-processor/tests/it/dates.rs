use data_processor::RawInvoice;
use data_processor::date::civil;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::sample::{invoice, problems_of, processed, some};

#[test]
fn a_date_only_value_is_the_printed_day_east_of_greenwich_and_the_utc_day_west_of_it() {
    for (text, expected) in [
        ("2026-03-31", date(2026, 3, 31)),
        ("2026-09-21T03:00:00+03:00", date(2026, 9, 21)),
        ("2026-09-21T12:00:00+12:00", date(2026, 9, 21)),
        ("2026-09-21T00:00:00Z", date(2026, 9, 21)),
        ("2026-09-21T00:00:00+00:00", date(2026, 9, 21)),
        ("2026-09-21T00:00:00-00:00", date(2026, 9, 21)),
        ("2026-09-20T19:00:00-05:00", date(2026, 9, 21)),
        ("2026-09-20T20:30:00-0330", date(2026, 9, 21)),
        ("2026-12-31T12:00:00-12:00", date(2027, 1, 1)),
        ("2026-09-21 03:00:00.000+03", date(2026, 9, 21)),
        ("2026-09-21T03:00", date(2026, 9, 21)),
        ("2024-02-29", date(2024, 2, 29)),
    ] {
        assert_eq!(civil(text), Some(expected), "{text}");
    }
}

#[test]
fn what_is_no_date_is_none() {
    for text in [
        "",
        "2026",
        "2026-02-29",
        "2026-13-01",
        "2026-00-00",
        "31.03.2026",
        "2026-03-31T",
        "2026-03-31T25:00:00+03:00",
        "2026-03-31T03:00:00+03:60",
        "2026-03-31T03:00:00 Moscow",
        "2026-03-31x",
        "２026-03-31",
        "9999-12-31T23:00:00-05:00",
        "2026-03-31T03:00:00.+03:00",
    ] {
        assert_eq!(civil(text), None, "{text}");
    }
}

#[test]
fn a_wrong_invoice_date_rejects_and_any_other_wrong_date_warns() {
    let absent = RawInvoice { date: some(" "), ..invoice(1) };
    assert_eq!(problems_of(absent), ["invoice.date-missing date -"]);
    let wrong = RawInvoice { date: some("31.02.2026"), ..invoice(1) };
    assert_eq!(problems_of(wrong), ["invoice.date-malformed date 31.02.2026"]);
    let others =
        RawInvoice { due: some("soon"), shipped_on: some("2026-99-99"), paid_on: some("?"), ..invoice(1) };
    let invoice = processed(others.clone());
    assert_eq!((invoice.due(), invoice.shipped_on(), invoice.paid_on()), (None, None, None));
    assert_eq!(
        problems_of(others),
        [
            "invoice.date-ignored due soon",
            "invoice.date-ignored shipped_on 2026-99-99",
            "invoice.date-ignored paid_on ?"
        ]
    );
}

#[test]
fn empty_dates_are_absent_without_a_word() {
    let invoice = processed(RawInvoice { due: some(""), shipped_on: None, paid_on: some(""), ..invoice(1) });
    assert_eq!((invoice.due(), invoice.paid_on(), invoice.problems().len()), (None, None, 0));
}

proptest! {
    #[test]
    fn a_day_comes_back_from_the_wire_whatever_the_portals_offset(days in 0_i32..20_000, quarters in -48_i64..=56) {
        let day: Date = date(1990, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let minutes = quarters * 15;
        let printed = day.to_datetime(jiff::civil::Time::midnight()) + jiff::SignedDuration::from_mins(minutes);
        let (sign, size) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
        let text = format!("{}{sign}{:02}:{:02}", printed.strftime("%Y-%m-%dT%H:%M:%S"), size / 60, size % 60);
        prop_assert_eq!(civil(&text), Some(day), "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}", tail in "[-+0-9T:.Z ]{0,20}") {
        let _ = civil(&text);
        let _ = civil(&format!("2026-03-31{tail}"));
    }
}
