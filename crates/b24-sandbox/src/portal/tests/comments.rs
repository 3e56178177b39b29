//! Timeline comments.

use serde_json::{Value as Json, json};

use super::{Desk, strings};

fn add(desk: &Desk, user: u32, text: &str) -> Json {
    let fields = json!({"ENTITY_ID": 1, "ENTITY_TYPE": "deal", "COMMENT": text, "AUTHOR_ID": 5});
    desk.ask_as(user, "crm.timeline.comment.add", &json!({"fields": fields}))["result"].clone()
}

#[test]
fn a_comment_is_trimmed_and_belongs_to_the_caller() {
    let desk = Desk::new(5, 20);
    let id = add(&desk, 1, "  [b]Оплачен[/b] счёт 77\n");
    assert!(id.is_u64());
    let comment = desk.result("crm.timeline.comment.get", &json!({"id": id}));
    assert_eq!(
        comment,
        json!({"ID": id.to_string(), "ENTITY_ID": "1", "ENTITY_TYPE": "deal", "CREATED": "2026-11-20T23:00:00+03:00",
               "COMMENT": "[b]Оплачен[/b] счёт 77", "AUTHOR_ID": "1"})
    );
}

#[test]
fn bad_comments_are_refused_with_their_codes() {
    let desk = Desk::new(5, 20);
    let refused = |fields: Json| desk.refusal("crm.timeline.comment.add", &json!({"fields": fields}));
    assert_eq!(
        refused(json!({"ENTITY_ID": 9999, "ENTITY_TYPE": "deal", "COMMENT": "x"})).0,
        "OWNER_NOT_FOUND"
    );
    assert_eq!(refused(json!({"ENTITY_ID": 1, "ENTITY_TYPE": "house", "COMMENT": "x"})).0, "OWNER_NOT_FOUND");
    let empty = refused(json!({"ENTITY_ID": 1, "ENTITY_TYPE": "DEAL", "COMMENT": "  "}));
    assert_eq!(empty, (json!("INVALID_ARG_VALUE"), "Empty comment message".to_owned()));
    assert_eq!(desk.refusal("crm.timeline.comment.add", &json!({"FIELDS": {}})).0, 100);
    assert_eq!(
        desk.refusal("crm.timeline.comment.get", &json!({"id": 9})),
        (json!(""), "Not found.".to_owned())
    );
    assert_eq!(desk.refusal("crm.timeline.comment.update", &json!({"id": 9, "fields": {}})).0, "NOT_FOUND");
}

#[test]
fn only_the_author_may_change_a_comment_and_an_administrator_may_delete_it() {
    let desk = Desk::new(5, 20);
    let id = add(&desk, 3, "первый");
    let change = json!({"id": id, "fields": {"COMMENT": " второй "}});
    assert_eq!(desk.refusal("crm.timeline.comment.update", &change).0, "ACCESS_DENIED");
    assert_eq!(desk.ask_as(3, "crm.timeline.comment.update", &change)["result"], id);
    assert_eq!(desk.result("crm.timeline.comment.get", &json!({"id": id}))["COMMENT"], "второй");
    assert_eq!(desk.ask_as(4, "crm.timeline.comment.delete", &json!({"id": id}))["error"], "ACCESS_DENIED");
    assert_eq!(desk.ask("crm.timeline.comment.delete", &json!({"id": id})), json!({"result": null}));
    assert_eq!(desk.refusal("crm.timeline.comment.get", &json!({"id": id})).1, "Not found.");
}

#[test]
fn a_list_needs_its_owner_ignores_other_conditions_and_always_counts() {
    let desk = Desk::new(5, 20);
    for n in 0..60 {
        add(&desk, 1, &format!("№{n}"));
    }
    let ask = |extra: Json| {
        let mut params =
            json!({"filter": {"ENTITY_ID": "1", "ENTITY_TYPE": "deal", ">ID": 50, "AUTHOR_ID": 9}});
        params.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        desk.ask("crm.timeline.comment.list", &params)
    };
    let first = ask(json!({"start": -1}));
    assert_eq!((first["total"].clone(), first["next"].clone()), (json!(60), json!(50)));
    assert_eq!(ask(json!({"start": 50}))["result"].as_array().unwrap().len(), 10);
    assert_eq!(strings(&ask(json!({"order": {"ID": "DESC"}}))["result"], "ID")[0], "60");
    assert_eq!(strings(&ask(json!({"order": {"ID": "desc"}}))["result"], "ID")[0], "1");
    assert_eq!(ask(json!({"select": ["ID"]}))["result"][0], json!({"ID": "1"}));
    assert_eq!(desk.refusal("crm.timeline.comment.list", &json!({"filter": {"ENTITY_ID": 1}})).0, "");
}

#[test]
fn an_invoice_goes_by_both_of_its_names() {
    let desk = Desk::new(5, 20);
    for name in ["smart_invoice", "dynamic_31", "DYNAMIC_31"] {
        let fields = json!({"ENTITY_ID": 2, "ENTITY_TYPE": name, "COMMENT": "x"});
        desk.result("crm.timeline.comment.add", &json!({"fields": fields}));
    }
    desk.result(
        "crm.timeline.comment.add",
        &json!({"fields": {"ENTITY_ID": 2, "ENTITY_TYPE_ID": 31, "COMMENT": "x"}}),
    );
    let list = desk
        .ask("crm.timeline.comment.list", &json!({"filter": {"ENTITY_ID": 2, "ENTITY_TYPE": "dynamic_31"}}));
    assert_eq!(list["total"], 4);
}
