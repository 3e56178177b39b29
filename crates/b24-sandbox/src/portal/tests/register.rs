//! The right register follows what is written, and its JSON has the agreed shape.

use jiff::civil::date;
use serde_json::{Value, json};

use super::Desk;
use crate::model::{Basis, RegisterRow};

/// A portal of one invoice: paid, with two rows.
fn with_one_invoice() -> Desk {
    let desk = Desk::new(0, 0);
    let fields = json!({"accountNumber": "77-Б", "begindate": "2026-03-31", "companyId": 4, "stageId": "DT31_3:P",
                        "ufCrm_1772717712": "2026-04-01", "ufCrm_SMART_INVOICE_1772717699": "2026-03-30"});
    let item = desk.result("crm.item.add", &json!({"entityTypeId": 31, "fields": fields}));
    let rows = json!([{"price": 122, "quantity": 10, "taxRate": "22", "taxIncluded": "Y"},
                      {"price": "10.555", "quantity": "0.125", "taxRate": null, "taxIncluded": "N"}]);
    let id = &item["item"]["id"];
    desk.result("crm.item.productrow.set", &json!({"ownerType": "SI", "ownerId": id, "productRows": rows}));
    desk
}

#[test]
fn the_register_is_written_in_the_agreed_shape() {
    let desk = with_one_invoice();
    let model = desk.0.register_model(date(2026, 1, 1), date(2026, 12, 31), Basis::Invoice);
    let mut model = serde_json::to_value(model).unwrap();
    // Names and numbers of the seed have tests of their own.
    for key in ["counterparty", "inn", "kpp", "my_company", "my_inn"] {
        assert!(model["rows"][0][key].is_string(), "{key}");
        model["rows"][0][key] = json!(key);
    }
    for key in ["my_company", "my_inn"] {
        model["totals"][0][key] = json!(key);
    }
    let by_rate = json!([{"rate": "22", "gross": "1220.00", "net": "1000.00", "vat": "220.00"},
                         {"rate": null, "gross": "1.32", "net": "1.32", "vat": "0.00"}]);
    let none = json!({"count": 0, "gross": "0.00"});
    let one = json!({"count": 1, "gross": "1221.32"});
    assert_has(
        &model,
        &json!({
            "from": "2026-01-01", "to": "2026-12-31", "basis": "invoice", "count": 1,
            "rows": [{
                "id": 1, "number": "77-Б", "date": "2026-03-31", "shipped_on": "2026-03-30", "paid_on": "2026-04-01",
                "status": "paid", "stage": "Оплачен", "currency": "RUB", "gross": "1221.32", "net": "1001.32",
                "vat": "220.00", "vat_by_rate": by_rate, "portal_vat": "220.00", "difference": "0.00",
                "header_minus_rows": "0.00", "manual_differs": false, "paid_by": "field", "paid_sum": null,
                "month": "2026-03", "is_private_person": false, "counterparty": "counterparty",
                "inn": "inn", "kpp": "kpp", "my_company": "my_company", "my_inn": "my_inn",
            }],
            "totals": [{
                "my_company": "my_company", "my_inn": "my_inn", "currency": "RUB", "count": 1, "gross": "1221.32",
                "net": "1001.32", "vat": "220.00", "by_rate": by_rate, "without_rows": none,
                "header_minus_rows": "0.00", "paid": one, "open": none, "cancelled": none,
                "manual": {"count": 0, "gross": "0.00", "difference": "0.00"},
                "by_month": [{"month": "2026-03", "count": 1, "gross": "1221.32", "net": "1001.32", "vat": "220.00",
                              "without_rows": none}],
            }],
            "group_totals": [{"my_company": null, "my_inn": null, "currency": "RUB", "gross": "1221.32"}],
            "undated": [],
        }),
    );
}

/// Every member of `expected` is there; others may be, too.
fn assert_has(found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (key, expected) in expected {
                assert_has(found.get(key).unwrap_or_else(|| panic!("no {key} in {found:?}")), expected);
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{found:?}");
            found.iter().zip(expected).for_each(|(found, expected)| assert_has(found, expected));
        }
        _ => assert_eq!(found, expected),
    }
}

#[test]
fn payments_are_told_in_one_answer_and_errors_are_numbered() {
    let desk = Desk::new(200, 0);
    let mut made = 0;
    for id in 1..=60 {
        let asked = json!({"entityTypeId": 31, "entityId": id});
        let answer = desk.ask("crm.item.payment.list", &asked);
        for payment in answer["result"].as_array().into_iter().flatten() {
            assert_eq!(payment["paid"] == "Y", payment["datePaid"].is_string(), "{payment}");
            assert!(payment["sum"].is_number() && payment["currency"].is_string(), "{payment}");
            made += 1;
        }
    }
    assert!(made > 10, "{made} payments");
    let missing = desk.ask("crm.item.payment.list", &json!({"entityTypeId": 31, "entityId": 999_999}));
    assert_eq!(missing["error"], 0);
}

#[test]
fn a_period_includes_both_ends_of_the_date_that_decides() {
    let desk = with_one_invoice();
    let count = |basis, from, to| desk.0.register_model(from, to, basis).count;
    assert_eq!(count(Basis::Invoice, date(2026, 3, 31), date(2026, 3, 31)), 1);
    assert_eq!(count(Basis::Invoice, date(2026, 4, 1), date(2026, 12, 31)), 0);
    assert_eq!(count(Basis::Shipped, date(2026, 3, 30), date(2026, 3, 30)), 1);
    assert_eq!(count(Basis::Paid, date(2026, 1, 1), date(2026, 4, 1)), 1);
    assert_eq!(count(Basis::Paid, date(2026, 1, 1), date(2026, 3, 31)), 0);
}

#[test]
fn totals_of_a_seeded_year_add_up_to_its_rows() {
    let desk = Desk::new(1000, 100);
    let model = desk.0.register_model(date(2026, 1, 1), date(2026, 12, 31), Basis::Invoice);
    assert!((450..550).contains(&model.count));
    let open: Vec<_> = model.rows.iter().filter(|row| row.status != "cancelled").collect();
    let sum = |values: Vec<rust_decimal::Decimal>| values.into_iter().sum::<rust_decimal::Decimal>();
    assert_eq!(
        sum(model.totals.iter().map(|t| t.gross).collect()),
        sum(open.iter().map(|r| r.gross).collect())
    );
    assert_eq!(
        sum(model.totals.iter().map(|t| t.vat).collect()),
        sum(open.iter().filter_map(|r| r.vat).collect())
    );
    let counted: u64 = model.totals.iter().map(|t| t.count + t.cancelled.count).sum();
    assert_eq!(counted, model.count);
    assert!(model.totals.iter().any(|t| t.currency == "CNY"));
    assert!(model.rows.iter().filter(|row| row.inn.is_none()).count() < 50, "requisites are mostly known");
    assert!(model.rows.iter().all(|row| row.counterparty.is_some()));
    // The portal rounds once per invoice, the register once per line: half a kopeck for each of 120 lines at most.
    let tolerance = rust_decimal::Decimal::new(61, 2);
    let near = |row: &RegisterRow| (row.vat.unwrap_or_default() - row.portal_vat).abs() < tolerance;
    assert!(model.rows.iter().all(near));
}
