//! Requisite cards, links, bank accounts, templates.

use serde_json::json;

use super::{Desk, strings};

#[test]
fn a_card_has_every_key_as_a_string_or_null() {
    let desk = Desk::new(100, 0);
    let list = desk.result("crm.requisite.list", &json!({"filter": {"ENTITY_TYPE_ID": 4, "ENTITY_ID": 1}}));
    let card = &list[0];
    assert_eq!(card["ENTITY_TYPE_ID"], "4");
    assert_eq!((card["DATE_MODIFY"].as_str(), card["MODIFY_BY_ID"].as_str()), (Some(""), None));
    assert_eq!(card["RQ_INN"].as_str().unwrap().len(), 10);
    assert!(card["RQ_OGRNIP"].is_null() && card["RQ_OKPO"].is_null() && card["RQ_NAME"].is_null());
    let got = desk.result("crm.requisite.get", &json!({"id": card["ID"]}));
    assert_eq!(&got, card);
    assert_eq!(
        desk.refusal("crm.requisite.get", &json!({"id": 99_999})),
        (json!(""), "The Requisite with ID '99999' is not found".to_owned())
    );
}

#[test]
fn lists_of_requisites_count_even_when_told_not_to() {
    let desk = Desk::new(1000, 0);
    for method in ["crm.requisite.list", "crm.requisite.link.list", "crm.requisite.bankdetail.list"] {
        let told = desk.ask(method, &json!({"start": -1}));
        assert_eq!(told, desk.ask(method, &json!({})), "{method}");
        assert!(told["total"].as_u64().unwrap() > 50 && told["next"] == 50, "{method}");
    }
}

#[test]
fn cards_are_found_by_sets_of_ids_and_by_parts_of_names() {
    let desk = Desk::new(100, 0);
    let some = desk.result(
        "crm.requisite.list",
        &json!({"filter": {"@ID": ["1", "3", "900000000"]}, "select": ["ID", "RQ_INN"]}),
    );
    assert_eq!(strings(&some, "ID"), ["1", "3"]);
    assert_eq!(some[0].as_object().unwrap().len(), 2);
    let named = desk.result("crm.requisite.list", &json!({"filter": {"%RQ_COMPANY_NAME": "вектор"}}));
    assert_eq!(named.as_array().unwrap().len(), 3);
    let after = desk.result("crm.requisite.list", &json!({"filter": {">ID": 1}, "order": {"ID": "ASC"}}));
    assert_eq!(after[0]["ID"], "3");
    let of_contacts = desk.result("crm.requisite.list", &json!({"filter": {"ENTITY_TYPE_ID": 3}}));
    assert!(of_contacts.as_array().unwrap().iter().all(|card| card["ENTITY_TYPE_ID"] == "3"));
}

#[test]
fn links_are_found_by_sets_of_documents_and_paged() {
    let desk = Desk::new(200, 100);
    let ids: Vec<u64> = (1..=200).collect();
    let filter = json!({"=ENTITY_TYPE_ID": 31, "@ENTITY_ID": ids});
    let ask = |start: u64| {
        desk.ask(
            "crm.requisite.link.list",
            &json!({"filter": filter, "order": {"ENTITY_ID": "ASC"}, "start": start}),
        )
    };
    let first = ask(0);
    assert_eq!(first["next"], 50);
    let row = &first["result"][0];
    assert_eq!(row["ENTITY_TYPE_ID"], "31");
    for key in ["ENTITY_ID", "REQUISITE_ID", "BANK_DETAIL_ID", "MC_REQUISITE_ID", "MC_BANK_DETAIL_ID"] {
        assert!(row[key].is_string());
    }
    let seen: Vec<u64> = [0, 50, 100, 150]
        .into_iter()
        .flat_map(|start| strings(&ask(start)["result"], "ENTITY_ID"))
        .map(|id| id.parse().unwrap())
        .collect();
    assert!(seen.is_sorted_by(|a, b| a < b));
}

#[test]
fn one_link_has_typed_owner_keys_and_its_own_ways_to_fail() {
    let desk = Desk::new(200, 0);
    let linked = desk.result("crm.requisite.link.list", &json!({"filter": {"ENTITY_TYPE_ID": 31}}));
    let id = linked[0]["ENTITY_ID"].as_str().unwrap();
    let link = desk.result("crm.requisite.link.get", &json!({"entityTypeId": 31, "entityId": id}));
    assert!(
        link["ENTITY_TYPE_ID"].is_number()
            && link["ENTITY_ID"].is_number()
            && link["REQUISITE_ID"].is_string()
    );
    assert_eq!(desk.result("crm.requisite.link.get", &json!({"entityTypeId": 0, "entityId": 5})), false);
    let missing = json!({"entityTypeId": 31, "entityId": 99_999});
    assert_eq!(desk.refusal("crm.requisite.link.get", &missing), (json!(""), "Not found".to_owned()));
}

#[test]
fn templates_and_accounts_are_strings_too() {
    let desk = Desk::new(100, 0);
    let presets = desk.result("crm.requisite.preset.list", &json!({}));
    assert_eq!(strings(&presets, "ID"), ["1", "2", "3"]);
    let accounts = desk.result("crm.requisite.bankdetail.list", &json!({"filter": {"ENTITY_ID": 1}}));
    assert_eq!(
        (accounts[0]["ENTITY_TYPE_ID"].as_str(), accounts[0]["ENTITY_ID"].as_str()),
        (Some("8"), Some("1"))
    );
    assert_eq!(accounts[0]["RQ_ACC_NUM"].as_str().unwrap().len(), 20);
}
