//! Legacy lists and their differences.

use serde_json::json;

use super::{Desk, strings};

#[test]
fn scalars_are_strings_and_empty_dates_too() {
    let desk = Desk::new(10, 60);
    let deal = desk.result("crm.deal.get", &json!({"ID": "1"}));
    assert_eq!(deal["ID"], "1");
    let amount = deal["OPPORTUNITY"].as_str().unwrap();
    assert_eq!(amount.split_once('.').unwrap().1.len(), 2);
    assert!(deal["CATEGORY_ID"].is_string() && deal["IS_NEW"].is_string());
    assert!(deal.get("CONTACT_IDS").is_none());
    assert!(["P", "S", "F"].contains(&deal["STAGE_SEMANTIC_ID"].as_str().unwrap()));
    let contact = desk.result("crm.contact.list", &json!({"filter": {"BIRTHDATE": ""}}));
    assert!(strings(&contact, "BIRTHDATE").iter().all(String::is_empty));
}

#[test]
fn names_of_parameters_are_tolerant_and_unknown_conditions_are_dropped() {
    let desk = Desk::new(10, 60);
    let one = desk.ask("crm.deal.list", &json!({"FILTER": {"ID": 3}}));
    assert_eq!(one["total"], 1);
    assert_eq!(desk.ask("crm.deal.list", &json!({"arFilter": {"=ID": "3"}})), one);
    for dropped in [json!({"id": 3}), json!({"NOPE": 1}), json!({"@ID": []}), json!({"><ID": [1, 2]})] {
        assert_eq!(desk.ask("crm.deal.list", &json!({"filter": dropped}))["total"], 60, "{dropped}");
    }
    let (code, text) = desk.refusal("crm.deal.list", &json!({"filter": "ID=3"}));
    assert_eq!((code, text.as_str()), (json!(""), "Parameter 'filter' must be array."));
}

#[test]
fn a_start_past_the_end_returns_the_first_page_again() {
    let desk = Desk::new(10, 120);
    let ask = |start: i64| desk.ask("crm.deal.list", &json!({"select": ["ID"], "start": start}));
    assert_eq!(ask(70), ask(50));
    assert_eq!(ask(1000), ask(0));
    assert_eq!(ask(0)["next"], 50);
    assert_eq!(ask(100)["result"].as_array().unwrap().len(), 20);
    assert!(ask(100).get("next").is_none());
}

#[test]
fn an_uncounted_legacy_page_says_total_zero() {
    let answer = Desk::new(10, 120).ask("crm.deal.list", &json!({"select": ["ID"], "start": -1}));
    assert_eq!(answer["total"], 0);
    assert!(answer.get("next").is_none());
    assert_eq!(answer["result"].as_array().unwrap().len(), 50);
}

#[test]
fn an_empty_result_is_a_list_with_total_zero() {
    let answer = Desk::new(10, 60).ask("crm.deal.list", &json!({"filter": {"ID": 99_999}}));
    assert_eq!((answer["result"].clone(), answer["total"].clone()), (json!([]), json!(0)));
}

#[test]
fn an_array_under_a_comparison_is_cast_to_one() {
    let desk = Desk::new(10, 60);
    let page = desk.result(
        "crm.deal.list",
        &json!({"filter": {">ID": [{"ID": "40"}]}, "order": {"ID": "ASC"}, "start": -1}),
    );
    assert_eq!(page[0]["ID"], "2", "a chain of pages restarts at ID > 1");
}

#[test]
fn phones_come_only_when_they_are_selected_and_the_id_always() {
    let desk = Desk::new(100, 0);
    let plain = desk.result("crm.contact.list", &json!({}));
    assert!(plain.as_array().unwrap().iter().all(|row| row.get("PHONE").is_none()));
    let with =
        desk.result("crm.contact.list", &json!({"select": ["NAME", "PHONE"], "filter": {"HAS_PHONE": "Y"}}));
    let row = &with[0];
    assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), ["ID", "NAME", "PHONE"]);
    assert!(row["PHONE"][0]["ID"].is_string());
    assert_eq!(row["PHONE"][0]["TYPE_ID"], "PHONE");
    let without =
        desk.result("crm.contact.list", &json!({"select": ["PHONE"], "filter": {"HAS_PHONE": "N"}}));
    assert!(without.as_array().unwrap().iter().all(|row| row.get("PHONE").is_none()));
    let one = desk.result("crm.contact.get", &json!({"id": row["ID"]}));
    assert_eq!(one["PHONE"], row["PHONE"]);
}

#[test]
fn a_phone_is_found_by_the_beginning_of_its_stored_spelling_only() {
    let desk = Desk::new(100, 0);
    let id = desk.result(
        "crm.contact.add",
        &json!({"fields": {"NAME": "Анна", "PHONE": [{"VALUE": "8 999 777-66-55", "VALUE_TYPE": "MOBILE"}]}}),
    );
    let found = |phone| strings(&desk.result("crm.contact.list", &json!({"filter": {"PHONE": phone}})), "ID");
    let expected = [id.to_string()];
    assert_eq!(found(json!("8 999 777-66-55")), expected);
    assert_eq!(found(json!(["8 999 777%"])), expected);
    assert!(found(json!("+79997776655")).is_empty());
    assert!(found(json!("999 777-66-55")).is_empty());
    let prefixed = desk.ask("crm.contact.list", &json!({"filter": {"%PHONE": "777"}}));
    assert!(prefixed["total"].as_u64().unwrap() > 1, "only the plain key counts");
}

#[test]
fn like_degrades_to_equality_on_references_and_loses_its_negation() {
    let desk = Desk::new(10, 60);
    assert_eq!(desk.ask("crm.deal.list", &json!({"filter": {"%STAGE_ID": "WO"}}))["total"], 0);
    let won = desk.ask("crm.deal.list", &json!({"filter": {"STAGE_ID": "WON"}}))["total"].clone();
    assert_eq!(desk.ask("crm.deal.list", &json!({"filter": {"%STAGE_ID": "WON"}}))["total"], won);
    let contains = desk.ask("crm.deal.list", &json!({"filter": {"%TITLE": "ИП"}}))["total"].clone();
    assert_eq!(desk.ask("crm.deal.list", &json!({"filter": {"!%TITLE": "ИП"}}))["total"], contains);
    let unset = desk.ask("crm.deal.list", &json!({"filter": {"UF_CRM_1721244482250": ""}}))["total"]
        .as_u64()
        .unwrap();
    assert!(unset > 0 && unset < 60, "an empty string finds what is not set");
}

#[test]
fn deals_are_ordered_by_the_sort_of_their_stage() {
    let desk = Desk::new(10, 60);
    let page =
        desk.result("crm.deal.list", &json!({"order": {"STAGE_ID": "ASC"}, "filter": {"CATEGORY_ID": 0}}));
    let stages = strings(&page, "STAGE_ID");
    let order =
        ["NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE", "WON", "LOSE", "APOLOGY"];
    assert!(stages.iter().map(|stage| order.iter().position(|o| o == stage).unwrap()).is_sorted());
}

#[test]
fn legacy_errors_have_an_empty_code() {
    let desk = Desk::new(10, 10);
    for (method, params, text) in [
        ("crm.deal.get", json!({}), "ID is not defined or invalid."),
        ("crm.deal.get", json!({"id": -5}), "ID is not defined or invalid."),
        ("crm.deal.get", json!({"id": 99_999}), "Not found"),
        ("crm.deal.update", json!({"id": 99_999, "fields": {}}), "Not found"),
        ("crm.contact.add", json!({"fields": "x"}), "Parameter 'fields' must be array."),
    ] {
        assert_eq!(desk.refusal(method, &params), (json!(""), text.to_owned()), "{method} {params}");
    }
}

#[test]
fn legacy_fields_hide_the_human_name_of_a_user_field_in_its_labels() {
    let fields = Desk::new(5, 5).result("crm.deal.fields", &json!({}));
    assert_eq!(fields["UF_CRM_1721244482250"]["title"], "UF_CRM_1721244482250");
    assert_eq!(fields["UF_CRM_1721244482250"]["formLabel"], "Внешний ключ");
    assert_eq!(fields["UF_CRM_1769008947"]["items"][0], json!({"ID": "44", "VALUE": "Центральный"}));
    assert_eq!(fields["TITLE"]["title"], "Название");
    assert_eq!(Desk::new(5, 5).result("crm.lead.fields", &json!({}))["PHONE"]["isMultiple"], true);
}
