//! Filters of the controllers.

use serde_json::{Value as Json, json};

use super::{Desk, numbers};

fn found(desk: &Desk, filter: &Json) -> Vec<u64> {
    let page = desk.result("crm.item.list", &json!({"entityTypeId": 31, "select": ["id"], "filter": filter}));
    numbers(&page["items"], "id")
}

fn refused(filter: &Json) -> String {
    let (code, text) =
        Desk::new(5, 5).refusal("crm.item.list", &json!({"entityTypeId": 31, "filter": filter}));
    assert_eq!(code, "INVALID_ARG_VALUE");
    text
}

#[test]
fn unknown_fields_and_upper_case_names_are_refused() {
    assert_eq!(refused(&json!({"foo": 1})), "Invalid filter: field 'FOO' is not allowed in filter");
    assert_eq!(refused(&json!({">ID": 1})), "Invalid filter: field 'I_D' is not allowed in filter");
    assert_eq!(
        refused(&json!({"0": {"logic": "OR", "bar": 1}})),
        "Invalid filter: field 'BAR' is not allowed in filter"
    );
}

#[test]
fn arrays_are_refused_for_comparisons_and_ranges_altogether() {
    assert_eq!(
        refused(&json!({">opportunity": [1, 2]})),
        "Invalid filter: field '>OPPORTUNITY' has invalid value"
    );
    assert_eq!(refused(&json!({">id": {"items": []}})), "Invalid filter: field '>ID' has invalid value");
    assert_eq!(refused(&json!({"><id": [1, 2]})), "Invalid filter: field '><ID' has invalid value");
    assert_eq!(refused(&json!({"!id": [1, 2]})), "Invalid filter: field '!ID' has invalid value");
}

#[test]
fn a_prefixed_key_of_a_user_field_with_capitals_is_refused_and_the_plain_one_works() {
    let desk = Desk::new(60, 0);
    assert!(
        refused(&json!({">=ufCrm_SMART_INVOICE_1772717699": "2026-01-01"})).contains("not allowed in filter")
    );
    let rows = desk.all(31, &["id", "ufCrm_SMART_INVOICE_1772717699"]);
    let some = rows.iter().find(|row| row["ufCrm_SMART_INVOICE_1772717699"].is_string()).unwrap();
    let day = &some["ufCrm_SMART_INVOICE_1772717699"];
    let plain = found(&desk, &json!({"ufCrm_SMART_INVOICE_1772717699": day}));
    assert!(plain.contains(&some["id"].as_u64().unwrap()));
    assert!(!found(&desk, &json!({">=ufCrm_1772717712": "2025-01-01"})).is_empty());
}

#[test]
fn original_names_are_accepted_with_prefixes_when_they_are_asked_for() {
    let desk = Desk::new(60, 0);
    let page = desk.result(
        "crm.item.list",
        &json!({"entityTypeId": 31, "useOriginalUfNames": "Y",
                "filter": {">=UF_CRM_SMART_INVOICE_1772717699": "2026-01-01", ">id": 0}}),
    );
    let rows = page["items"].as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["UF_CRM_SMART_INVOICE_1772717699"].as_str().unwrap() >= "2026-01-01"));
}

#[test]
fn dates_of_invoices_are_compared_by_day_in_every_spelling() {
    let desk = Desk::new(60, 0);
    let rows = desk.all(31, &["id", "begindate"]);
    let expected: Vec<u64> = rows
        .iter()
        .filter(|row| ("2026-03-01".."2026-04-01").contains(&&row["begindate"].as_str().unwrap()[..10]))
        .map(|row| row["id"].as_u64().unwrap())
        .collect();
    assert!(!expected.is_empty());
    for (from, to) in [
        ("2026-03-01", "2026-03-31"),
        ("01.03.2026", "31.03.2026"),
        ("2026-03-01T00:00:00+03:00", "2026-03-31T23:59:59+03:00"),
    ] {
        assert_eq!(found(&desk, &json!({">=begindate": from, "<=begindate": to})), expected);
    }
}

#[test]
fn groups_are_joined_by_or_and_nest() {
    let desk = Desk::new(60, 0);
    let either = found(&desk, &json!({"0": {"logic": "OR", "0": {"=id": 1}, "1": {"=id": 5}}}));
    assert_eq!(either, [1, 5]);
    let nested =
        found(&desk, &json!([{"logic": "OR", "0": {"=id": 1}, "1": {">id": 4, "<id": 7}}, {"!=id": 5}]));
    assert_eq!(nested, [1, 6]);
}

#[test]
fn operators_mean_what_the_documentation_says() {
    let desk = Desk::new(60, 0);
    let all = found(&desk, &json!({}));
    let total =
        |filter| desk.ask("crm.item.list", &json!({"entityTypeId": 31, "filter": filter}))["total"].as_u64();
    assert_eq!(found(&desk, &json!({"@id": [3, 2, 99_999, 2]})), [2, 3]);
    assert_eq!(found(&desk, &json!({"id": [3, 2]})), [2, 3]);
    assert_eq!(found(&desk, &json!({"!@id": &all[3..], "<=id": all[49]})), all[..3]);
    assert_eq!(found(&desk, &json!({">=id": 3, "<=id": 5})), [3, 4, 5]);
    let unset = total(json!({"closedate": null})).unwrap();
    assert!((1..60).contains(&unset));
    assert_eq!(total(json!({"!=closedate": null})), Some(60 - unset));
    assert_eq!(total(json!({"@id": []})), Some(0));
    assert!(total(json!({"%title": "сЧЁТ"})) > Some(50), "case does not matter");
    assert!(total(json!({"!%title": "счёт"})) < Some(10));
    let ending = total(json!({"=%accountNumber": "%26"}));
    assert!((Some(1)..Some(60)).contains(&ending));
    assert_eq!(total(json!({"%=accountNumber": "%26"})), ending);
    assert_eq!(total(json!({"!=%accountNumber": "%26"})), ending.map(|some| 60 - some));
    assert_eq!(total(json!({"=accountNumber": "%26"})), Some(0));
}

#[test]
fn zero_finds_what_is_not_set_and_contacts_are_found_by_any_of_them() {
    let desk = Desk::new(60, 20);
    let rows = desk.all(31, &["id", "parentId2", "contactIds"]);
    let unbound = rows.iter().filter(|row| row["parentId2"].is_null()).count();
    assert_eq!(
        desk.ask("crm.item.list", &json!({"entityTypeId": 31, "filter": {"parentId2": 0}}))["total"],
        unbound
    );
    let with = rows.iter().find(|row| row["contactIds"] != json!([])).unwrap();
    assert!(found(&desk, &json!({"contactIds": with["contactIds"]})).contains(&with["id"].as_u64().unwrap()));
}

#[test]
fn the_own_companies_are_found_by_their_flag() {
    let desk = Desk::new(60, 0);
    let page = desk.result("crm.item.list", &json!({"entityTypeId": 4, "filter": {"isMyCompany": "Y"}}));
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    let boolean = desk.result(
        "crm.item.list",
        &json!({"entityTypeId": 2, "filter": {"ufCrmFirstVisit": "Y"}, "select": ["id"]}),
    );
    assert_eq!(boolean["items"], json!([]), "boolean user fields need 1 or 0");
}
