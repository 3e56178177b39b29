//! A million rows cost nothing until they are asked for.

use serde_json::json;

use super::Desk;

#[test]
fn a_million_row_portal_is_paged_by_keyset_from_anywhere() {
    let desk = Desk::new(1_000_000, 1_000_000);
    let mut after = 900_000_u64;
    for _ in 0..40 {
        let page = desk.result(
            "crm.item.list",
            &json!({"entityTypeId": 31, "select": ["id", "opportunity"], "order": {"id": "ASC"},
                    "filter": {">id": after}, "start": -1}),
        );
        let rows = page["items"].as_array().unwrap();
        assert_eq!(rows.len(), 50);
        assert!(rows[0]["id"].as_u64().unwrap() > after);
        after = rows[49]["id"].as_u64().unwrap();
    }
    let last = desk.ask("crm.deal.list", &json!({"order": {"ID": "DESC"}, "select": ["ID"]}));
    assert_eq!(last["total"], 1_000_000, "counted without looking at each row");
    let picked =
        desk.result("crm.deal.list", &json!({"filter": {"@ID": [5, 1_000_001, 1_000_002]}, "start": -1}));
    assert_eq!(picked.as_array().unwrap().len(), 3);
}

#[test]
fn a_hundred_thousand_invoices_are_filtered_by_date_column_by_column() {
    let desk = Desk::new(100_000, 0);
    let filter = json!({">=begindate": "2026-12-01", "<=begindate": "2026-12-31", ">id": 0});
    let page = desk.ask(
        "crm.item.list",
        &json!({"entityTypeId": 31, "select": ["id", "begindate"], "filter": filter, "order": {"id": "ASC"}}),
    );
    assert!(page["total"].as_u64().unwrap() > 3000);
    assert!(page["result"]["items"][0]["begindate"].as_str().unwrap() >= "2026-12-01");
}
