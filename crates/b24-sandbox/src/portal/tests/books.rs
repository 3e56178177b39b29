//! Reference books, funnels, currencies, users, the system.

use serde_json::{Value as Json, json};

use super::{Desk, strings};

fn desk() -> Desk {
    Desk::new(5, 5)
}

#[test]
fn stages_of_invoices_come_by_sort_with_their_semantics() {
    let answer = desk()
        .ask("crm.status.list", &json!({"filter": {"ENTITY_ID": "SMART_INVOICE_STAGE_3"}, "start": 50}));
    let rows = &answer["result"];
    assert_eq!(
        strings(rows, "STATUS_ID"),
        ["DT31_3:N", "DT31_3:S", "DT31_3:UC_K7Q2ZD", "DT31_3:P", "DT31_3:D"]
    );
    assert_eq!(answer["total"], 5);
    assert_eq!(
        rows[3],
        json!({"ID": "203", "ENTITY_ID": "SMART_INVOICE_STAGE_3", "STATUS_ID": "DT31_3:P", "NAME": "Оплачен",
               "NAME_INIT": "Оплачен", "SORT": "130", "SYSTEM": "Y", "CATEGORY_ID": "3", "COLOR": "#7BD500",
               "SEMANTICS": "S"})
    );
    assert!(rows[0]["SEMANTICS"].is_null());
}

#[test]
fn status_filters_know_exact_keys_only_and_no_arrays() {
    let desk = desk();
    let count =
        |filter: Json| desk.ask("crm.status.list", &json!({"filter": filter}))["total"].as_u64().unwrap();
    let all = count(json!({}));
    assert_eq!(count(json!({"%ENTITY_ID": "DEAL", "=SORT": 1})), all);
    assert_eq!(count(json!({"ENTITY_ID": "DEAL_STAGE", "SEMANTICS": "S"})), 1);
    for key in ["ENTITY_ID", "STATUS_ID", "SORT", "SEMANTICS"] {
        let (code, text) = desk.refusal("crm.status.list", &json!({"filter": {key: ["A"]}}));
        assert_eq!((code, text), (json!(""), format!("Filter by {key} must be a string")));
    }
    let deals = desk.result(
        "crm.status.list",
        &json!({"filter": {"ENTITY_ID": "DEAL_STAGE"}, "order": {"SORT": "DESC"}}),
    );
    assert_eq!(deals[0]["EXTRA"]["SEMANTICS"], "apology");
}

#[test]
fn funnels_are_typed_and_the_default_one_of_deals_is_number_zero() {
    let desk = desk();
    let invoices = desk.ask("crm.category.list", &json!({"entityTypeId": 31}));
    assert_eq!(invoices["total"], 1);
    assert_eq!(invoices["result"]["categories"][0]["id"], 3);
    assert_eq!(invoices["result"]["categories"][0]["isDefault"], "Y");
    let deals = desk.result("crm.category.list", &json!({"entityTypeId": 2}));
    assert_eq!(deals["categories"][0]["id"], 0);
    assert!(
        deals["categories"][0].get("originId").is_none() && deals["categories"][1].get("originId").is_some()
    );
    assert_eq!(desk.refusal("crm.category.list", &json!({"entityTypeId": 999})).0, "NOT_FOUND");
}

#[test]
fn one_currency_is_the_base() {
    let rows = desk().result("crm.currency.list", &json!({}));
    let base: Vec<_> = rows.as_array().unwrap().iter().filter(|row| row["BASE"] == "Y").collect();
    assert_eq!(base.len(), 1);
    assert_eq!(base[0]["CURRENCY"], "RUB");
    assert!(
        rows.as_array().unwrap().iter().all(|row| row.as_object().unwrap().values().all(Json::is_string))
    );
}

#[test]
fn users_are_found_by_conditions_and_a_miss_has_no_total() {
    let desk = desk();
    let all = desk.ask("user.get", &json!({}));
    assert_eq!((all["total"].clone(), all["result"].as_array().unwrap().len()), (json!(5), 5));
    assert!(all["result"][0]["ID"].is_string() && all["result"][0]["ACTIVE"] == true);
    assert_eq!(desk.ask("user.get", &json!({"FILTER": {"ACTIVE": true}}))["total"], 4);
    assert_eq!(strings(&desk.result("user.get", &json!({"filter": {"@ID": [2, "3"]}})), "ID"), ["2", "3"]);
    assert_eq!(strings(&desk.result("user.get", &json!({"ID": 4})), "ID"), ["4"]);
    assert_eq!(desk.ask("user.get", &json!({"start": -1}))["total"], 0);
    assert_eq!(desk.ask("user.get", &json!({"FILTER": {"ID": 77}})), json!({"result": []}));
}

#[test]
fn only_user_one_is_an_administrator() {
    let desk = desk();
    assert_eq!(desk.result("profile", &json!({}))["ADMIN"], true);
    let other = desk.ask_as(2, "profile", &json!({}));
    assert_eq!((other["result"]["ADMIN"].clone(), other["result"]["ID"].clone()), (json!(false), json!("2")));
    assert_eq!(desk.ask_as(3, "user.current", &json!({}))["result"]["ID"], "3");
}

#[test]
fn the_system_tells_scopes_time_and_licence() {
    let desk = desk();
    assert_eq!(desk.result("scope", &json!({})), json!(["crm", "user_brief"]));
    assert_eq!(desk.result("server.time", &json!({})), "2026-11-20T23:00:00+03:00");
    assert_eq!(
        desk.result("app.info", &json!({})),
        json!({"SCOPE": ["crm", "user_brief"], "LICENSE": "ru_std"})
    );
}
