//! Adding, changing, deleting: what is written is read, stamped and counted.

use serde_json::json;

use super::Desk;

const NOW: &str = "2026-11-20T23:00:00+03:00";

#[test]
fn a_new_invoice_has_number_stage_dates_and_author() {
    let desk = Desk::new(20, 5);
    let answer = desk.result(
        "crm.item.add",
        &json!({"entityTypeId": 31, "fields": {"title": "Счёт на насосы", "opportunity": 1220.5, "companyId": "4",
                "id": 7, "taxValue": 99, "nonsense": 1, "begindate": "soon", "ufCrm_1772717712": "01.12.2026"}}),
    );
    let item = &answer["item"];
    let id = item["id"].as_u64().unwrap();
    assert!(id > 20);
    assert_eq!(item["accountNumber"], id.to_string());
    assert_eq!((item["stageId"].as_str(), item["categoryId"].as_u64()), (Some("DT31_3:N"), Some(3)));
    assert_eq!((item["opportunity"].as_f64(), item["taxValue"].as_u64()), (Some(1220.5), Some(0)));
    assert_eq!(item["begindate"], "2026-11-20T03:00:00+03:00", "an unreadable date is skipped");
    assert_eq!(item["closedate"], "2026-11-27T03:00:00+03:00");
    assert_eq!(item["ufCrm_1772717712"], "2026-12-01T03:00:00+03:00");
    assert_eq!((item["createdTime"].as_str(), item["createdBy"].as_u64()), (Some(NOW), Some(1)));
    assert_eq!((item["companyId"].as_u64(), item["mycompanyId"].as_u64()), (Some(4), Some(1)));
    assert_eq!(desk.result("crm.item.get", &json!({"entityTypeId": 31, "id": id})), answer);
    assert_eq!(desk.ask("crm.item.list", &json!({"entityTypeId": 31}))["total"], 21);
}

#[test]
fn a_change_of_stage_moves_the_element_and_stamps_it() {
    let desk = Desk::new(20, 5);
    let before = desk.result("crm.item.get", &json!({"entityTypeId": 31, "id": 1}));
    let target = if before["item"]["stageId"] == "DT31_3:P" { "DT31_3:S" } else { "DT31_3:P" };
    let after =
        desk.result("crm.item.update", &json!({"entityTypeId": 31, "id": 1, "fields": {"stageId": target}}));
    assert_eq!(after["item"]["previousStageId"], before["item"]["stageId"]);
    assert_eq!(
        (after["item"]["movedTime"].as_str(), after["item"]["updatedTime"].as_str()),
        (Some(NOW), Some(NOW))
    );
    assert_eq!(after["item"]["createdTime"], before["item"]["createdTime"]);
    let (code, _) = desk
        .refusal("crm.item.update", &json!({"entityTypeId": 31, "id": 1, "fields": {"stageId": "DT31_3:X"}}));
    assert_eq!(code, "CRM_FIELD_ERROR_VALUE_NOT_VALID");
}

#[test]
fn every_add_and_update_starts_automations_and_a_reset_forgets_everything() {
    let desk = Desk::new(20, 5);
    assert_eq!(desk.robots(), 0);
    desk.result("crm.deal.add", &json!({"fields": {"TITLE": "Сделка"}}));
    desk.result("crm.lead.update", &json!({"id": 1, "fields": {"TITLE": "Лид"}}));
    desk.result("crm.item.update", &json!({"entityTypeId": 4, "id": 2, "fields": {"title": "АО"}}));
    desk.refusal("crm.deal.update", &json!({"id": 9999, "fields": {}}));
    assert_eq!(desk.robots(), 3);
    desk.0.reset();
    assert_eq!(desk.robots(), 0);
    assert_eq!(desk.ask("crm.deal.list", &json!({}))["total"], 5);
}

#[test]
fn legacy_add_answers_a_number_and_update_true() {
    let desk = Desk::new(20, 5);
    let id = desk.result("crm.deal.add", &json!({"FIELDS": {"TITLE": " Насосы ", "CATEGORY_ID": 1, "OPPORTUNITY": "12,5", "UF_CRM_FIRST_VISIT": "1"}}));
    assert!(id.is_u64());
    let deal = desk.result("crm.deal.get", &json!({"id": id}));
    assert_eq!((deal["STAGE_ID"].as_str(), deal["OPPORTUNITY"].as_str()), (Some("C1:NEW"), Some("12.50")));
    assert_eq!((deal["DATE_CREATE"].as_str(), deal["UF_CRM_FIRST_VISIT"].as_str()), (Some(NOW), Some("1")));
    let fields = json!({"STAGE_ID": "C1:WON", "CATEGORY_ID": 0, "COMMENTS": null});
    assert_eq!(desk.result("crm.deal.update", &json!({"id": id, "fields": fields})), true);
    let deal = desk.result("crm.deal.get", &json!({"id": id}));
    assert_eq!((deal["STAGE_SEMANTIC_ID"].as_str(), deal["CLOSED"].as_str()), (Some("S"), Some("Y")));
    assert_eq!(deal["CATEGORY_ID"], "1", "a funnel is chosen once");
    desk.result("crm.deal.update", &json!({"id": id, "fields": {"STAGE_ID": "WON"}}));
    assert_eq!(
        desk.result("crm.deal.get", &json!({"id": id}))["STAGE_ID"],
        "C1:WON",
        "a stage of another funnel"
    );
}

#[test]
fn phones_without_an_id_are_appended_and_an_empty_value_removes() {
    let desk = Desk::new(20, 5);
    let phone = json!([{"VALUE": "+79991112233", "VALUE_TYPE": "WORK"}]);
    let id = desk.result("crm.contact.add", &json!({"fields": {"NAME": "Пётр", "PHONE": phone}}));
    desk.result("crm.contact.update", &json!({"id": id, "fields": {"PHONE": phone}}));
    let twice = desk.result("crm.contact.get", &json!({"id": id}))["PHONE"].clone();
    assert_eq!(twice.as_array().unwrap().len(), 2, "repeating an update duplicates numbers");
    let drop = json!([{"ID": twice[0]["ID"], "DELETE": "Y"}, {"ID": twice[1]["ID"], "VALUE": "8 999"}]);
    desk.result("crm.contact.update", &json!({"id": id, "fields": {"PHONE": drop}}));
    let left = desk.result("crm.contact.get", &json!({"id": id}))["PHONE"].clone();
    assert_eq!((left.as_array().unwrap().len(), left[0]["VALUE"].as_str()), (1, Some("8 999")));
    let item = json!({"fm": {"n0": {"typeId": "EMAIL", "valueType": "WORK", "value": "a@b.example"},
                             twice[1]["ID"].as_str().unwrap(): {"value": ""}}});
    let after = desk.result("crm.item.update", &json!({"entityTypeId": 3, "id": id, "fields": item}));
    assert_eq!(after["item"]["fm"].as_array().unwrap().len(), 1);
    assert_eq!(
        (after["item"]["fm"][0]["typeId"].as_str(), after["item"]["hasPhone"].as_str()),
        (Some("EMAIL"), Some("N"))
    );
}

#[test]
fn contacts_are_written_as_a_list_or_refused() {
    let desk = Desk::new(20, 5);
    let write = |ids| json!({"entityTypeId": 31, "id": 1, "fields": {"contactIds": ids}});
    let item = desk.result("crm.item.update", &write(json!([2, "1"])))["item"].clone();
    assert_eq!((item["contactId"].as_u64(), item["contactIds"].clone()), (Some(2), json!([2, 1])));
    assert_eq!(
        desk.refusal("crm.item.update", &write(json!("2"))),
        (json!(100), "Expected iterable value for multiple field, but got `string` instead".to_owned())
    );
}

#[test]
fn a_deleted_element_is_gone_from_lists_counts_and_gets() {
    let desk = Desk::new(20, 5);
    assert_eq!(desk.result("crm.item.delete", &json!({"entityTypeId": 31, "id": 2})), json!([]));
    assert_eq!(desk.refusal("crm.item.get", &json!({"entityTypeId": 31, "id": 2})).0, "NOT_FOUND");
    let list = desk.ask("crm.item.list", &json!({"entityTypeId": 31, "select": ["id"]}));
    assert_eq!(list["total"], 19);
    assert_eq!(list["result"]["items"][1]["id"], 3);
    let added = desk.result("crm.item.add", &json!({"entityTypeId": 31, "fields": {"title": "x"}}));
    desk.result("crm.item.delete", &json!({"entityTypeId": 31, "id": added["item"]["id"]}));
    assert_eq!(desk.ask("crm.item.list", &json!({"entityTypeId": 31}))["total"], 19);
}

#[test]
fn the_rows_end_point_tells_counts_and_changes() {
    let desk = Desk::new(20, 5);
    let id = desk.result("crm.deal.add", &json!({"fields": {"TITLE": "Сделка"}}));
    desk.result("crm.item.delete", &json!({"entityTypeId": 2, "id": 1}));
    let rows: serde_json::Value =
        serde_json::from_str(&crate::encode::to_json(&desk.0.rows("deal").unwrap())).unwrap();
    assert_eq!(
        (rows["count"].clone(), rows["ids"].clone(), rows["deleted"].clone()),
        (json!(5), json!([id]), json!([1]))
    );
    assert_eq!(rows["changed"][0]["title"], "Сделка");
    assert!(desk.0.rows("comment").is_some() && desk.0.rows("quote").is_none());
}

#[test]
fn an_unknown_method_is_not_found() {
    let desk = Desk::new(5, 5);
    assert!(!desk.0.knows("crm.invoice.list") && desk.0.knows("crm.lead.fields"));
    assert_eq!(desk.ask("crm.deal.nope", &json!({}))["status"], 404);
    assert_eq!(desk.0.scope_of("crm.item.list"), Some("crm"));
    assert_eq!((desk.0.scope_of("user.get"), desk.0.scope_of("profile")), (Some("user_brief"), None));
}
