//! Values: from sources, from the portal, to the portal.

use b24_client::Token;
use proptest::prelude::*;
use workflow::sync::value::{DateFormat, DecimalMark, RowFormat};
use workflow::sync::{FieldValue, ValueKind};

use super::fixtures::format;

fn wire(kind: ValueKind, multiple: bool, json: &str) -> FieldValue {
    FieldValue::from_wire(kind, multiple, &serde_json::from_str::<Token>(json).unwrap()).unwrap()
}

fn canonical(kind: ValueKind, json: &str) -> String {
    wire(kind, false, json).texts.join(" & ")
}

#[test]
fn both_families_of_methods_say_the_same() {
    for json in ["1500", "1500.00", "\"1500.00\"", "\"1500\"", "1.5e3"] {
        assert_eq!(canonical(ValueKind::Decimal, json), "1500", "{json}");
    }
    for json in ["44", "\"44\"", "44.0"] {
        assert_eq!(canonical(ValueKind::Integer, json), "44", "{json}");
    }
    for (yes, no) in [("\"Y\"", "\"N\""), ("true", "false"), ("1", "0"), ("\"1\"", "\"0\"")] {
        assert_eq!(
            (canonical(ValueKind::Flag, yes), canonical(ValueKind::Flag, no)),
            ("Y".into(), "N".into())
        );
    }
    assert_eq!(canonical(ValueKind::Money, "\"1500.50|rub\""), "1500.5|RUB");
    assert_eq!(canonical(ValueKind::Date, "\"2026-09-30T03:00:00+03:00\""), "2026-09-30");
    assert_eq!(canonical(ValueKind::Date, "\"2026-09-20T19:00:00-05:00\""), "2026-09-21");
    assert_eq!(canonical(ValueKind::Instant, "\"2026-09-30T09:30:00+03:00\""), "2026-09-30T06:30:00Z");
    assert_eq!(canonical(ValueKind::Decimal, "1234567890123456.789"), "1234567890123456.789");
    assert_eq!(canonical(ValueKind::Text, "\"  a\\r\\nb \""), "a\nb");
}

#[test]
fn empty_is_empty_however_it_is_written() {
    for json in ["null", "\"\"", "[]", "false", "\"  \""] {
        assert!(wire(ValueKind::Text, false, json).is_empty(), "{json}");
        assert!(wire(ValueKind::Integer, true, json).is_empty(), "{json}");
    }
    assert!(wire(ValueKind::Flag, false, "null").is_empty());
}

#[test]
fn lists_hold_the_same_in_any_order() {
    let one = wire(ValueKind::Integer, true, "[45, \"44\", null]");
    assert!(one.same(&wire(ValueKind::Integer, true, "[\"44\",45]")));
    assert!(!one.same(&wire(ValueKind::Integer, true, "[44]")));
    assert!(
        FieldValue::from_wire(ValueKind::Integer, false, &serde_json::from_str("[1,2]").unwrap()).is_err()
    );
}

#[test]
fn what_fits_no_field_is_an_error_without_the_value() {
    let token = serde_json::from_str("\"Иванов\"").unwrap();
    let error = FieldValue::from_wire(ValueKind::Date, false, &token).unwrap_err();
    assert_eq!(error.to_string(), "the portal's value is no date");
}

#[test]
fn sources_are_read_in_their_own_spelling() {
    let read = |kind, text: &str| format().read(kind, text).unwrap_or_else(|problem| format!("! {problem}"));
    assert_eq!(read(ValueKind::Decimal, "1\u{a0}800,50"), "1800.5");
    assert_eq!(read(ValueKind::Decimal, "-0,00"), "0");
    assert_eq!(read(ValueKind::Decimal, "1.800,50"), "! not an amount or number");
    assert_eq!(read(ValueKind::Decimal, "много"), "! not an amount or number");
    assert_eq!(read(ValueKind::Integer, "12,5"), "! not a whole number");
    assert_eq!(read(ValueKind::Date, "31.03.2026"), "2026-03-31");
    assert_eq!(read(ValueKind::Date, "31.03.2026 00:00"), "2026-03-31");
    assert_eq!(read(ValueKind::Date, "2026-03-31"), "2026-03-31");
    assert_eq!(read(ValueKind::Date, "31.02.2026"), "! not a date");
    assert_eq!(read(ValueKind::Instant, "02.11.2026 09:30"), "2026-11-02T06:30:00Z");
    assert_eq!(read(ValueKind::Instant, "2026-11-02T09:30:00.250+05:00"), "2026-11-02T04:30:00Z");
    assert_eq!(read(ValueKind::Flag, "Да"), "Y");
    assert_eq!(read(ValueKind::Flag, "может быть"), "! neither yes nor no");
    let point = RowFormat { decimal_mark: DecimalMark::Point, ..RowFormat::default() };
    assert_eq!(point.read(ValueKind::Decimal, "1800.50").unwrap(), "1800.5");
    assert!(point.read(ValueKind::Decimal, "1800,50").is_err());
}

#[test]
fn formats_of_dates_are_written_as_people_or_programs_write_them() {
    for text in ["dd.mm.yyyy", "ДД.ММ.ГГГГ", "%d.%m.%Y", "yyyy-mm-dd HH:MM:SS", "d/m/yy"] {
        assert!(DateFormat::parse(text).is_some(), "{text}");
    }
    for text in ["", "mm.yyyy", "soon", "HH:MM"] {
        assert!(DateFormat::parse(text).is_none(), "{text}");
    }
    let american = RowFormat { date_format: DateFormat::parse("mm/dd/yyyy"), ..RowFormat::default() };
    assert_eq!(american.read(ValueKind::Date, "03/31/2026").unwrap(), "2026-03-31");
}

#[test]
fn a_time_that_the_clocks_skip_is_none() {
    let format =
        RowFormat { zone: jiff::tz::TimeZone::get("Europe/Berlin").unwrap(), ..RowFormat::default() };
    let problem = format.read(ValueKind::Instant, "2026-03-29 02:30:00").unwrap_err();
    assert_eq!(problem.to_string(), "there was no such time in the source's time zone");
    assert_eq!(format.read(ValueKind::Instant, "2026-10-25 02:30:00").unwrap(), "2026-10-25T00:30:00Z");
}

fn sample() -> impl Strategy<Value = FieldValue> {
    let one = |kind| move |text: String| FieldValue::one(kind, text);
    prop_oneof![
        any::<i64>().prop_map(|number| FieldValue::one(ValueKind::Integer, number.to_string())),
        (any::<i32>(), 0_u32..6).prop_map(|(number, scale)| {
            let number = rust_decimal::Decimal::new(number.into(), scale).normalize();
            FieldValue::one(ValueKind::Decimal, number.to_string())
        }),
        (1_i64..1_000_000).prop_map(|amount| FieldValue::one(ValueKind::Money, format!("{amount}|RUB"))),
        "(19|20)[0-9]{2}-0[1-9]-[012][1-8]".prop_map(one(ValueKind::Date)),
        (0_i64..4_000_000_000).prop_map(|second| {
            FieldValue::one(ValueKind::Instant, jiff::Timestamp::from_second(second).unwrap().to_string())
        }),
        "[YN]".prop_map(one(ValueKind::Flag)),
        "\\PC{0,20}".prop_map(|text| FieldValue::text(&text)),
        proptest::collection::vec("[a-zа-я]{1,5}", 0..4)
            .prop_map(|texts| FieldValue::many(ValueKind::Text, texts)),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_as_it_was(value in sample()) {
        let params = b24_client::Params::new().set("value", value.to_param());
        let json = params.to_json().unwrap();
        let token = json.strip_prefix("{\"value\":").unwrap().strip_suffix('}').unwrap();
        prop_assert_eq!(&wire(value.kind, value.multiple, token), &value);
    }
}
