//! User 2 reads only what he is responsible for.

use serde_json::json;

use super::Desk;

#[test]
fn lists_and_totals_of_the_restricted_user_hold_his_own_records_only() {
    let desk = Desk::new(200, 100);
    for type_id in [1, 2, 3, 31] {
        let own = desk.ask("crm.item.list", &json!({"entityTypeId": type_id, "filter": {"assignedById": 2}}));
        let seen = desk.ask_as(2, "crm.item.list", &json!({"entityTypeId": type_id}));
        assert_eq!(seen, own);
        assert!(seen["total"].as_u64().unwrap() > 0);
    }
    let deals = desk.ask_as(2, "crm.deal.list", &json!({}));
    assert!(deals["result"].as_array().unwrap().iter().all(|row| row["ASSIGNED_BY_ID"] == "2"));
    let own = desk.ask_as(2, "crm.item.list", &json!({"entityTypeId": 4, "filter": {"isMyCompany": "Y"}}));
    assert_eq!(own["total"], 3, "the companies of the group are everybody's");
}

#[test]
fn what_belongs_to_others_cannot_be_read_or_changed() {
    let desk = Desk::new(200, 100);
    let foreign = desk.result("crm.item.list", &json!({"entityTypeId": 31, "filter": {"assignedById": 3}}));
    let id = &foreign["items"][0]["id"];
    let error = |method: &str, params| desk.ask_as(2, method, &params)["error"].clone();
    assert_eq!(error("crm.item.get", json!({"entityTypeId": 31, "id": id})), "ACCESS_DENIED");
    assert_eq!(
        error("crm.item.update", json!({"entityTypeId": 31, "id": id, "fields": {}})),
        "ACCESS_DENIED"
    );
    assert_eq!(
        error("crm.item.productrow.list", json!({"filter": {"=ownerType": "SI", "=ownerId": id}})),
        "ACCESS_DENIED"
    );
    let deal = desk.result("crm.deal.list", &json!({"filter": {"ASSIGNED_BY_ID": 3}}))[0]["ID"].clone();
    let denied = desk.ask_as(2, "crm.deal.get", &json!({"id": deal}));
    assert_eq!(
        (denied["error"].clone(), denied["error_description"].clone()),
        (json!(""), json!("Access denied."))
    );
    let comment = json!({"fields": {"ENTITY_ID": deal, "ENTITY_TYPE": "deal", "COMMENT": "x"}});
    assert_eq!(error("crm.timeline.comment.add", comment), "ACCESS_DENIED");
}
