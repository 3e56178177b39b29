//! Creation without automations: `crm.item.import`, `crm.item.batchImport`.

use serde_json::{Value as Json, json};

use super::Desk;

fn many(desk: &Desk, entity_type: u32, data: &Json) -> Json {
    desk.result("crm.item.batchimport", &json!({"entityTypeId": entity_type, "data": data}))["items"].clone()
}

#[test]
fn twenty_items_are_created_in_order_and_start_nothing() {
    let desk = Desk::new(20, 5);
    let data: Vec<Json> = (1..=20)
        .map(|n| json!({"title": format!("Приём {n}"), "ufCrm_1721244482250": n.to_string()}))
        .collect();
    let items = many(&desk, 2, &json!(data));
    let ids: Vec<u64> =
        items.as_array().unwrap().iter().map(|item| item["item"]["id"].as_u64().unwrap()).collect();
    assert!(ids.len() == 20 && ids.is_sorted());
    let deal = desk.result("crm.deal.get", &json!({"id": ids[6]}));
    assert_eq!((deal["TITLE"].as_str(), deal["UF_CRM_1721244482250"].as_str()), (Some("Приём 7"), Some("7")));
    let one = desk.result("crm.item.import", &json!({"entityTypeId": 2, "fields": {"title": "Ещё"}}));
    assert_eq!(one, json!({"item": {"id": ids[19] + 1}}));
    assert_eq!(desk.robots(), 0);
    let mut data = data;
    data.push(json!({"title": "Лишний"}));
    let (code, _) = desk.refusal("crm.item.batchimport", &json!({"entityTypeId": 2, "data": data}));
    assert_eq!(code, "MAX_IMPORT_BATCH_SIZE_EXCEEDED");
}

#[test]
fn one_bad_item_does_not_stop_the_others() {
    let desk = Desk::new(20, 5);
    let data = json!([{"title": "А"}, {"title": "Б", "stageId": "C9:NO"}, {"title": "В", "nonsense": 1}]);
    let items = many(&desk, 2, &data);
    assert_eq!(items[1]["error"], "CRM_FIELD_ERROR_VALUE_NOT_VALID");
    assert!(items[1]["error_description"].is_string() && items[1].get("item").is_none());
    assert!(items[0]["item"]["id"].is_u64() && items[2]["item"]["id"].is_u64());
    assert_eq!(desk.ask("crm.deal.list", &json!({}))["total"], 7);
}

#[test]
fn phones_are_read_in_both_shapes() {
    let desk = Desk::new(20, 5);
    let data = json!([
        {"name": "Анна", "PHONE": [{"VALUE": "+79990000001", "VALUE_TYPE": "MOBILE"}]},
        {"name": "Олег", "fm": {"n0": {"typeId": "PHONE", "valueType": "WORK", "value": "+79990000002"}}},
    ]);
    let items = many(&desk, 3, &data);
    for (at, phone) in [(0, "89990000001"), (1, "89990000002")] {
        let found = desk.result("crm.duplicate.findbycomm", &json!({"type": "PHONE", "values": [phone]}));
        assert_eq!(found, json!({"CONTACT": [items[at]["item"]["id"]]}));
    }
}

#[test]
fn an_import_keeps_when_and_by_whom_an_item_was_made() {
    let desk = Desk::new(20, 5);
    let data = json!([
        {"title": "А", "createdTime": "2026-03-01T10:00:00+03:00", "updatedTime": "2026-03-02 11:00:00",
         "movedTime": "2026-03-02 12:00:00", "createdBy": 2, "updatedBy": "2", "movedBy": 2,
         "originatorId": "b24:clinic", "originId": "7"},
        {"title": "Б", "createdTime": "2026-03-01T10:00:00+03:00"},
        {"title": "В", "createdTime": "2026-02-28T10:00:00+03:00"},
        {"title": "Г", "createdTime": "2026-11-21T10:00:00+03:00"},
        {"title": "Д", "createdTime": "2026-03-05T10:00:00+03:00"},
        {"title": "Е", "createdTime": "весной"},
        {"title": "Ж", "createdTime": "2026-03-06T10:00:00+03:00"},
    ]);
    let items = many(&desk, 2, &data);
    let deal = |at: usize| {
        let params = json!({"entityTypeId": 2, "id": items[at]["item"]["id"]});
        desk.result("crm.item.get", &params)["item"].clone()
    };
    let first = deal(0);
    for (name, value) in [
        ("createdTime", json!("2026-03-01T10:00:00+03:00")),
        ("updatedTime", json!("2026-03-02T11:00:00+03:00")),
        ("movedTime", json!("2026-03-02T12:00:00+03:00")),
        ("createdBy", json!(2)),
        ("updatedBy", json!(2)),
        ("movedBy", json!(2)),
        ("originatorId", json!("b24:clinic")),
        ("originId", json!("7")),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert_eq!(deal(1)["createdTime"], first["createdTime"], "two may be made at one time");
    // Out of order and in the future: only these two are refused.
    for at in [2, 3] {
        assert_eq!(items[at]["error"], "CRM_FIELD_ERROR_VALUE_NOT_VALID", "{items}");
    }
    assert_eq!(deal(4)["createdTime"], "2026-03-05T10:00:00+03:00");
    assert_eq!(deal(5)["createdTime"], "2026-11-20T23:00:00+03:00", "an unreadable time is no time");
    assert_eq!(items[6]["error"], "CRM_FIELD_ERROR_VALUE_NOT_VALID", "something newer exists");
    // Adding knows no such thing.
    let fields = json!({"title": "З", "createdTime": "2026-03-01T10:00:00+03:00", "createdBy": 2});
    let added = desk.result("crm.item.add", &json!({"entityTypeId": 2, "fields": fields}))["item"].clone();
    assert_eq!(
        (added["createdTime"].as_str(), added["createdBy"].as_u64()),
        (Some("2026-11-20T23:00:00+03:00"), Some(1))
    );
}

#[test]
fn the_right_to_import_is_asked_before_anything_else() {
    let desk = Desk::new(20, 5);
    let params = json!({"entityTypeId": 2, "data": []});
    assert_eq!(desk.result("crm.item.batchimport", &params), json!({"items": []}));
    let refused = desk.ask_as(2, "crm.item.batchimport", &params);
    assert_eq!((refused["status"].as_u64(), refused["error"].as_str()), (Some(400), Some("ACCESS_DENIED")));
    let added = desk.ask_as(2, "crm.item.add", &json!({"entityTypeId": 2, "fields": {"title": "Можно"}}));
    assert!(added["result"]["item"]["id"].is_u64(), "{added}");
}

#[test]
fn automations_are_counted_by_entity_and_stage() {
    let desk = Desk::new(20, 5);
    let fields = json!({"categoryId": 4, "stageId": "C4:NEW"});
    let id = desk.result("crm.item.add", &json!({"entityTypeId": 2, "fields": fields}))["item"]["id"].clone();
    desk.result(
        "crm.item.update",
        &json!({"entityTypeId": 2, "id": id, "fields": {"stageId": "C4:UC_TREAT"}}),
    );
    desk.result("crm.item.update", &json!({"entityTypeId": 2, "id": id, "fields": {"title": "Иванова"}}));
    desk.result("crm.contact.add", &json!({"fields": {"NAME": "Анна"}}));
    let starts = serde_json::to_value(desk.0.robots()).unwrap();
    assert_eq!(starts, json!({"contact": {"": 1}, "deal": {"C4:NEW": 1, "C4:UC_TREAT": 2}}));
}

#[test]
fn keys_are_found_whatever_their_case_and_wherever_they_were_written() {
    let desk = Desk::new(20, 60);
    let seeded = desk.all(2, &["id", "ufCrm_1721244482250"]);
    let seeded = seeded.iter().find(|row| row["ufCrm_1721244482250"].is_string()).unwrap();
    let add = |key: &str| {
        let fields = json!({"title": key, "ufCrm_1721244482250": key, "originId": key});
        desk.result("crm.item.add", &json!({"entityTypeId": 2, "fields": fields}))["item"]["id"]
            .as_u64()
            .unwrap()
    };
    let (one, two) = (add("F7_1"), add("f7_1"));
    let ids = |filter: Json| -> Vec<String> {
        let params = json!({"filter": filter, "order": {"ID": "ASC"}, "select": ["ID"], "start": -1});
        super::strings(&desk.result("crm.deal.list", &params), "ID")
    };
    let key = &seeded["ufCrm_1721244482250"];
    let found = ids(json!({"@UF_CRM_1721244482250": ["F7_1", key, "F7_none"]}));
    assert_eq!(found, [seeded["id"].to_string(), one.to_string(), two.to_string()]);
    assert_eq!(ids(json!({"=ORIGIN_ID": "F7_1"})), [one.to_string(), two.to_string()]);
    desk.result("crm.item.update", &json!({"entityTypeId": 2, "id": two, "fields": {"originId": "other"}}));
    assert_eq!(ids(json!({"@ORIGIN_ID": ["F7_1", "other"], ">ID": one})), [two.to_string()]);
    desk.result("crm.item.delete", &json!({"entityTypeId": 2, "id": one}));
    assert_eq!(ids(json!({"@UF_CRM_1721244482250": ["F7_1"]})), [two.to_string()]);
    assert!(ids(json!({"@UF_CRM_1721244482250": [""]})).len() > 5, "an empty text finds what has no key");
}
