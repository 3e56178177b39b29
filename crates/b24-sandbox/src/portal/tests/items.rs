//! `crm.item.*`: select, paging, names, fields.

use serde_json::json;

use super::{Desk, numbers};

#[test]
fn a_row_has_exactly_the_selected_keys_in_the_order_of_the_factory() {
    let desk = Desk::new(60, 10);
    let page = desk.result(
        "crm.item.list",
        &json!({"entityTypeId": 31, "select": ["stageId", "title", "nonsense", "fm"], "start": -1}),
    );
    let row = &page["items"][0];
    assert_eq!(row.as_object().unwrap().len(), 2, "no id is added: {row}");
    assert!(row["title"].is_string() && row["stageId"].is_string());
}

#[test]
fn a_star_selects_everything_and_uf_star_the_user_fields() {
    let desk = Desk::new(60, 10);
    let star = desk.result("crm.item.list", &json!({"entityTypeId": 31, "select": ["*"]}));
    let absent = desk.result("crm.item.list", &json!({"entityTypeId": 31}));
    assert_eq!(star, absent);
    let row = &star["items"][0];
    assert_eq!(row["entityTypeId"], 31);
    assert!(
        row["opportunity"].is_number() && row["companyId"].is_number() && row["accountNumber"].is_string()
    );
    assert!(row["begindate"].as_str().unwrap().ends_with("T03:00:00+03:00"));
    assert!(row["contactIds"].is_array());
    for name in ["uf_*", "UF_*"] {
        let user = desk.result("crm.item.list", &json!({"entityTypeId": 31, "select": [name]}));
        let row = user["items"][0].as_object().unwrap();
        assert!(row.keys().all(|key| key.starts_with("ufCrm_")) && row.len() == 2);
    }
    let contacts = desk.result("crm.item.list", &json!({"entityTypeId": 3}));
    let fm = contacts["items"].as_array().unwrap().iter().find(|row| row["fm"] != json!([])).unwrap();
    assert!(fm["fm"][0]["id"].is_number() && fm["fm"][0]["typeId"].is_string());
}

#[test]
fn original_names_with_a_select_of_their_own_return_user_fields_only() {
    let desk = Desk::new(10, 10);
    let ask = |select| {
        desk.result(
            "crm.item.list",
            &json!({"entityTypeId": 31, "select": select, "useOriginalUfNames": "Y"}),
        )
    };
    assert_eq!(ask(json!(["id", "title"]))["items"][0], json!([]));
    let own = ask(json!(["id", "UF_CRM_1772717712"]));
    assert_eq!(own["items"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["UF_CRM_1772717712"]);
    let all = ask(json!(["*"]));
    assert!(all["items"][0]["UF_CRM_SMART_INVOICE_1772717699"].is_string() || all["items"][0]["id"] == 1);
    assert!(all["items"][0].get("id").is_some());
}

#[test]
fn pages_are_counted_and_floored_and_end_in_an_empty_list() {
    let desk = Desk::new(120, 10);
    let ask = |start: i64| {
        desk.ask("crm.item.list", &json!({"entityTypeId": 31, "select": ["id"], "start": start}))
    };
    let first = ask(0);
    assert_eq!((first["total"].clone(), first["next"].clone()), (json!(120), json!(50)));
    assert_eq!(ask(70), ask(50));
    let last = ask(100);
    assert_eq!(last["result"]["items"].as_array().unwrap().len(), 20);
    assert!(last.get("next").is_none());
    let past = ask(150);
    assert_eq!((past["result"].clone(), past["total"].clone()), (json!({"items": []}), json!(120)));
}

#[test]
fn an_uncounted_page_of_a_controller_has_neither_total_nor_next() {
    let answer =
        Desk::new(60, 0).ask("crm.item.list", &json!({"entityTypeId": 31, "select": ["id"], "start": "-1"}));
    assert_eq!(answer["result"]["items"].as_array().unwrap().len(), 50);
    assert!(answer.get("total").is_none() && answer.get("next").is_none());
}

#[test]
fn rows_come_in_the_order_asked_for_and_by_age_without_one() {
    let desk = Desk::new(60, 10);
    let ids = |order| {
        let page =
            desk.result("crm.item.list", &json!({"entityTypeId": 31, "select": ["id"], "order": order}));
        numbers(&page["items"], "id")
    };
    assert!(ids(json!({})).is_sorted());
    assert!(ids(json!({"id": "desc"})).is_sorted_by(|a, b| a > b));
    let page = desk.result(
        "crm.item.list",
        &json!({"entityTypeId": 31, "select": ["opportunity"], "order": {"opportunity": "DESC"}}),
    );
    let amounts: Vec<f64> =
        page["items"].as_array().unwrap().iter().map(|row| row["opportunity"].as_f64().unwrap()).collect();
    assert!(amounts.is_sorted_by(|a, b| a >= b));
}

#[test]
fn an_unknown_order_is_refused() {
    let desk = Desk::new(5, 5);
    let ask = |order| desk.refusal("crm.item.list", &json!({"entityTypeId": 31, "order": order}));
    let (code, text) = ask(json!({"ID": "ASC"}));
    assert_eq!(
        (code, text.as_str()),
        (json!("INVALID_ARG_VALUE"), "Invalid order: field 'I_D' is not allowed in order")
    );
    assert!(ask(json!({"id": "UP"})).1.starts_with("Invalid order: "));
}

#[test]
fn entity_types_are_checked() {
    let desk = Desk::new(5, 5);
    assert_eq!(desk.refusal("crm.item.list", &json!({"entityTypeId": 5})).0, "ENTITY_TYPE_NOT_SUPPORTED");
    assert_eq!(desk.refusal("crm.item.list", &json!({"entityTypeId": 1234})).0, "NOT_FOUND");
    let (code, text) = desk.refusal("crm.item.list", &json!({"ENTITYTYPEID": 31}));
    assert_eq!((code, text.as_str()), (json!(100), "Could not find value for parameter {entityTypeId}"));
    assert_eq!(desk.refusal("crm.item.get", &json!({"entityTypeId": 31, "id": 9_999_999})).0, "NOT_FOUND");
}

#[test]
fn numbers_may_come_as_strings_from_a_form() {
    let desk = Desk::new(5, 5);
    let typed = desk.result("crm.item.get", &json!({"entityTypeId": 31, "id": 2}));
    assert_eq!(desk.result("crm.item.get", &json!({"entityTypeId": "31", "id": "2"})), typed);
    assert_eq!(typed["item"]["id"], 2);
}

#[test]
fn fields_tell_both_names_and_the_human_title() {
    let fields = Desk::new(5, 5).result("crm.item.fields", &json!({"entityTypeId": 31}));
    let shipped = &fields["fields"]["ufCrm_SMART_INVOICE_1772717699"];
    assert_eq!(shipped["title"], "Дата отгрузки");
    assert_eq!(shipped["upperName"], "UF_CRM_SMART_INVOICE_1772717699");
    assert_eq!((shipped["type"].as_str(), shipped["isDynamic"].as_bool()), (Some("date"), Some(true)));
    assert_eq!(fields["fields"]["parentId2"]["settings"]["parentEntityTypeId"], 2);
    assert_eq!(fields["fields"]["stageId"]["statusType"], "SMART_INVOICE_STAGE_3");
    assert_eq!(fields["fields"]["taxValue"]["isReadOnly"], true);
    assert!(fields["fields"].get("opportunityAccount").is_none(), "hidden");
}

#[test]
fn an_invoice_without_a_title_shows_one_made_of_number_and_date() {
    let desk = Desk::new(400, 0);
    let rows = desk.all(31, &["id", "title", "accountNumber", "begindate"]);
    let made: Vec<_> = rows.iter().filter(|row| row["title"].as_str().unwrap().contains(" от ")).collect();
    assert!(!made.is_empty() && rows.iter().all(|row| row["title"] != ""));
    assert!(made[0]["title"].as_str().unwrap().contains(made[0]["accountNumber"].as_str().unwrap()));
}
