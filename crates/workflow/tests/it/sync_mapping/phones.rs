//! Telephone numbers: docs of the domain, section D4; the portal's comparison, wire reference 6.6.

use proptest::prelude::*;
use workflow::person::Phone;
use workflow::person::phone::{parse_cell, portal_form};

fn e164(text: &str) -> String {
    Phone::parse(text).map_or_else(|bad| format!("! {}", bad.reason), |phone| phone.e164().to_owned())
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let spellings = [
        ("+7 (999) 123-45-67", "+79991234567"),
        ("8 999 123 45 67", "+79991234567"),
        ("9991234567", "+79991234567"),
        ("+8 999 123-45-67", "+79991234567"),
        ("+8 800 555-35-35", "+78005553535"),
        ("8-800-555-35-35", "+78005553535"),
        ("тел. 8(495)123-45-67", "+74951234567"),
        ("87011234567", "+77011234567"),
        ("+7 701 123 45 67", "+77011234567"),
        ("+375 29 123-45-67", "+375291234567"),
        ("375291234567", "+375291234567"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("8 10 7 999 123 45 67", "+79991234567"),
        ("+1 212 555 0100", "+12125550100"),
    ];
    for (text, expected) in spellings {
        assert_eq!(e164(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_number_is_refused_with_a_reason() {
    let refused =
        ["123-45-67", "+7 099 123-45-67", "8 999 123 45", "нет", "8 029 123 45 67", "+0 12 345 67 89", "5"];
    let told: Vec<String> = refused.iter().map(|text| format!("{text}: {}", e164(text))).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    123-45-67: ! too short: there is no area code
    +7 099 123-45-67: ! no area or mobile code of +7 begins so
    8 999 123 45: ! too short: there is no area code
    нет: ! no digits
    8 029 123 45 67: ! no area or mobile code of +7 begins so
    +0 12 345 67 89: ! no country has this code
    5: ! too short: there is no area code
    ");
}

#[test]
fn an_extension_is_kept_apart() {
    for text in
        ["+7 999 123-45-67 доб. 123", "89991234567 (доб 123)", "9991234567#123", "8 999 123 45 67 ext. 123"]
    {
        let phone = Phone::parse(text).unwrap();
        assert_eq!((phone.e164(), phone.extension()), ("+79991234567", Some("123")), "{text}");
    }
    let [Ok(phone)] = &parse_cell("+7 999 123-45-67,123")[..] else { panic!("one number") };
    assert_eq!(phone.extension(), Some("123"));
}

#[test]
fn a_cell_holds_several_numbers_and_a_bad_one_spoils_no_other() {
    let cell = parse_cell("8 999 123-45-67; +7 (495) 111-22-33 / 12 / 79991234567");
    let told: Vec<String> = cell
        .iter()
        .map(|phone| {
            phone.as_ref().map_or_else(|bad| format!("! {}", bad.reason), |phone| phone.e164().to_owned())
        })
        .collect();
    assert_eq!(told, ["+79991234567", "+74951112233", "! too short: there is no area code"]);
}

#[test]
fn a_number_is_looked_up_in_at_most_three_forms() {
    let phone = Phone::parse("8 999 123-45-67").unwrap();
    assert_eq!(phone.search_forms(), ["79991234567", "9991234567", "+89991234567"]);
    assert_eq!(Phone::parse("+375291234567").unwrap().search_forms(), ["375291234567"]);
}

#[test]
fn the_portals_own_comparison_is_known() {
    for text in
        ["+7 (999) 123-45-67", "8 999 1234567", "79991234567", "8-999-123-45-67;12", "+7999 1234567#5"]
    {
        assert_eq!(portal_form(text), "79991234567", "{text}");
    }
    assert_eq!(portal_form("9991234567"), "9991234567");
    assert_eq!(portal_form("+8 999 1234567"), "89991234567");
    assert_eq!(portal_form("8 0 17 212-34-56"), "80172123456");
}

#[test]
fn a_shown_number_hides_its_middle() {
    assert_eq!(Phone::parse("8 999 123-45-67").unwrap().masked(), "+7999***4567");
}

proptest! {
    #[test]
    fn all_spellings_of_one_number_are_one_number(
        code in prop_oneof![300_u32..500, 800_u32..810, 900_u32..1000], rest in 0_u32..10_000_000, style in 0_usize..10,
    ) {
        let tail = format!("{rest:07}");
        let (a, b, c) = (&tail[..3], &tail[3..5], &tail[5..]);
        let text = match style {
            0 => format!("+7{code}{tail}"),
            1 => format!("8{code}{tail}"),
            2 => format!("7{code}{tail}"),
            3 => format!("{code}{tail}"),
            4 => format!("+7 ({code}) {a}-{b}-{c}"),
            5 => format!("8 ({code}) {a} {b} {c}"),
            6 => format!("8-{code}-{a}-{b}-{c}"),
            7 => format!(" +7\u{a0}{code}\u{a0}{a}\u{2011}{b}\u{2011}{c} "),
            8 => format!("8 {code} {a}{b}{c} доб. 5"),
            _ => format!("+8 {code} {a}-{b}-{c}"),
        };
        let phone = Phone::parse(&text).unwrap();
        let expected = format!("+7{code}{tail}");
        prop_assert_eq!(phone.e164(), expected.as_str());
        // However somebody stored it, it is found again.
        prop_assert!(style == 8 || phone.is(&text), "the portal takes `доб. 5` for a digit");
        prop_assert!(phone.search_forms().len() <= 3);
        // Reading is stable.
        prop_assert_eq!(&Phone::parse(phone.e164()).unwrap().search_forms(), &phone.search_forms());
    }

    #[test]
    fn no_cell_breaks_the_reading(cell in ".{0,40}") {
        for phone in parse_cell(&cell).into_iter().flatten() {
            prop_assert!(phone.e164().starts_with('+'));
            prop_assert!(phone.e164()[1..].bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
