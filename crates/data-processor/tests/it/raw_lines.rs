use data_processor::raw::{RawNote, RawUser};
use data_processor::{RawInvoice, Token};

use crate::sample::{invoice, some, token};

#[test]
fn a_raw_invoice_survives_being_saved_and_read_with_every_digit() {
    let mut raw = invoice(1);
    raw.opportunity = token("1234567890123456.789");
    raw.rows[0].price = token("\"1.50E+1\"");
    raw.rows[0].discount_sum = token("{ \"odd\": [1, 2.50] }");
    raw.responsible = Some(RawUser { id: 3, name: "Анна".to_owned() });
    raw.notes = vec![RawNote { code: "invoice.x".to_owned(), message: "y".to_owned(), russian: None }];
    raw.url = some("https://example.bitrix24.ru/");
    let line = serde_json::to_string(&raw).unwrap();
    assert!(line.contains(r#""opportunity":1234567890123456.789,"#));
    assert!(!line.contains('\n'));
    assert_eq!(serde_json::from_str::<RawInvoice>(&line).unwrap(), raw);
    assert_eq!(serde_json::from_reader::<_, RawInvoice>(line.as_bytes()).unwrap(), raw);
}

#[test]
fn unknown_keys_are_refused_and_absent_ones_are_null() {
    assert!(serde_json::from_str::<RawInvoice>(r#"{"id": 1, "opportunty": 5}"#).is_err());
    let raw: RawInvoice = serde_json::from_str(r#"{"id": 1}"#).unwrap();
    assert_eq!(raw, RawInvoice { id: 1, ..RawInvoice::default() });
    assert!(raw.opportunity.is_null());
}

#[test]
fn a_token_keeps_its_text_and_refuses_what_is_not_json() {
    for json in ["1.0", "1e3", "\"12,5\"", "null", "true", "-0.00"] {
        assert_eq!(Token::from_json(json).unwrap().as_json(), json);
    }
    for text in ["", "12,5", "1 2", "{", "NaN", "01"] {
        assert!(Token::from_json(text).is_err(), "{text}");
    }
    insta::assert_snapshot!(Token::from_json("?").unwrap_err().to_string(), @"could not keep the text as a JSON token, it is not JSON");
}

#[test]
fn a_token_with_line_breaks_is_saved_on_one_line() {
    let mut raw = invoice(1);
    raw.tax_value = token("[1,\n 2]");
    let line = serde_json::to_string(&raw).unwrap();
    assert!(!line.contains('\n'));
    assert_eq!(serde_json::from_str::<RawInvoice>(&line).unwrap(), raw);
}
