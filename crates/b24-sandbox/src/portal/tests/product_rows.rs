//! Product rows and the amounts they decide.

use serde_json::{Value as Json, json};

use super::{Desk, numbers};

fn list(desk: &Desk, id: &Json, start: i64) -> Json {
    desk.ask(
        "crm.item.productrow.list",
        &json!({"filter": {"=ownerType": "SI", "=ownerId": id}, "start": start}),
    )
}

fn set(desk: &Desk, id: &Json, rows: &Json) -> Json {
    desk.result("crm.item.productrow.set", &json!({"ownerType": "SI", "ownerId": id, "productRows": rows}))
}

fn invoice(desk: &Desk, id: &Json) -> Json {
    desk.result("crm.item.get", &json!({"entityTypeId": 31, "id": id}))["item"].clone()
}

#[test]
fn rows_are_listed_for_one_owner_named_with_the_equals_sign() {
    let desk = Desk::new(40, 0);
    for filter in
        [json!({"ownerType": "SI", "ownerId": 1}), json!({"=ownerType": "SI", "@ownerId": [1]}), json!({})]
    {
        assert_eq!(
            desk.refusal("crm.item.productrow.list", &json!({"filter": filter})).0,
            "REQUIRED_ARG_MISSING"
        );
    }
    let ask = |kind: &str, id: u64| {
        desk.refusal("crm.item.productrow.list", &json!({"filter": {"=ownerType": kind, "=ownerId": id}})).0
    };
    assert_eq!(ask("SI", 99_999), "OWNER_NOT_FOUND");
    assert_eq!(ask("T80", 1), "ENTITY_TYPE_NOT_SUPPORTED");
    let row = list(&desk, &json!(1), 0)["result"]["productRows"][0].clone();
    for number in
        ["id", "ownerId", "price", "priceExclusive", "priceNetto", "priceBrutto", "quantity", "measureCode"]
    {
        assert!(row[number].is_number(), "{number}: {row}");
    }
    assert!(row["taxRate"].is_number() || row["taxRate"].is_null());
    assert_eq!((row["ownerType"].as_str(), row["customized"].as_str()), (Some("SI"), Some("Y")));
}

#[test]
fn more_than_fifty_rows_come_in_pages() {
    let desk = Desk::new(100, 0);
    let rows = desk.all(31, &["id"]);
    let long =
        rows.iter().map(|row| &row["id"]).find(|id| list(&desk, id, 0)["total"].as_u64() > Some(50)).unwrap();
    let first = list(&desk, long, 0);
    assert_eq!(
        (first["next"].clone(), first["result"]["productRows"].as_array().unwrap().len()),
        (json!(50), 50)
    );
    let second = list(&desk, long, 50)["result"]["productRows"].clone();
    assert!(
        numbers(&first["result"]["productRows"], "id").iter().all(|id| !numbers(&second, "id").contains(id))
    );
    assert_eq!(list(&desk, long, 500)["result"], json!({"productRows": []}));
}

#[test]
fn setting_rows_recalculates_amount_and_tax_of_the_owner() {
    let desk = Desk::new(40, 0);
    let id = desk.result("crm.item.add", &json!({"entityTypeId": 31, "fields": {}}))["item"]["id"].clone();
    let rows = json!([
        {"productName": "Насос", "price": 122, "quantity": 10, "taxRate": 22, "taxIncluded": "Y"},
        {"productName": "Доставка", "price": "33.33", "quantity": "3", "taxRate": 20, "taxIncluded": "Y"},
        {"productName": "Без налога", "price": 10, "quantity": 1, "taxRate": null},
    ]);
    let answer = set(&desk, &id, &rows);
    assert_eq!(answer["productRows"].as_array().unwrap().len(), 3);
    assert_eq!(answer["productRows"][0]["priceExclusive"], 100);
    assert_eq!(answer["productRows"][2]["taxRate"], Json::Null);
    let owner = invoice(&desk, &id);
    assert_eq!((owner["opportunity"].as_f64(), owner["taxValue"].as_f64()), (Some(1329.99), Some(236.67)));
    assert_eq!(list(&desk, &id, 0)["total"], 3);
}

#[test]
fn a_typed_amount_stays_while_the_tax_follows_the_rows() {
    let desk = Desk::new(40, 0);
    let fields = json!({"isManualOpportunity": "Y", "opportunity": 500});
    let id =
        desk.result("crm.item.add", &json!({"entityTypeId": 31, "fields": fields}))["item"]["id"].clone();
    set(&desk, &id, &json!([{"price": 1220, "quantity": 1, "taxRate": 22, "taxIncluded": "Y"}]));
    let owner = invoice(&desk, &id);
    assert_eq!((owner["opportunity"].as_u64(), owner["taxValue"].as_u64()), (Some(500), Some(220)));
    let fields = json!({"isManualOpportunity": "N", "opportunity": 7});
    let owner =
        desk.result("crm.item.update", &json!({"entityTypeId": 31, "id": id, "fields": fields}))["item"]
            .clone();
    assert_eq!(owner["opportunity"], 1220, "an automatic amount comes from the rows");
    set(&desk, &id, &json!([]));
    assert_eq!(invoice(&desk, &id)["taxValue"], 0);
}

#[test]
fn the_prices_of_a_discounted_row_are_derived() {
    let desk = Desk::new(40, 0);
    let rows =
        json!([{"price": 90000, "quantity": 1, "taxRate": 10, "discountTypeId": 2, "discountRate": 10}]);
    let row = set(&desk, &json!(1), &rows)["productRows"][0].clone();
    let near = |key: &str, value: f64| (row[key].as_f64().unwrap() - value).abs() < 0.01;
    assert!(near("priceExclusive", 81818.18) && near("discountSum", 9090.91));
    assert!(near("priceNetto", 90909.09) && near("priceBrutto", 100_000.0));
}

#[test]
fn amounts_of_seeded_invoices_follow_from_their_rows() {
    let desk = Desk::new(120, 0);
    for row in desk.all(31, &["id", "opportunity", "isManualOpportunity", "taxValue"]) {
        let rows = list(&desk, &row["id"], 0);
        if rows["total"].as_u64() == Some(0) {
            assert_eq!(row["taxValue"], 0);
            continue;
        }
        if rows["total"].as_u64() > Some(50) {
            continue;
        }
        let list = rows["result"]["productRows"].as_array().unwrap();
        let sum: f64 =
            list.iter().map(|r| r["price"].as_f64().unwrap() * r["quantity"].as_f64().unwrap()).sum();
        let agrees = (sum - row["opportunity"].as_f64().unwrap()).abs() < 0.02;
        assert_eq!(agrees, row["isManualOpportunity"] == "N", "{row} {sum}");
    }
}
