//! Looking people up by phone and e-mail.

use serde_json::{Value as Json, json};

use super::Desk;

fn find(desk: &Desk, kind: &str, values: &Json) -> Json {
    desk.result("crm.duplicate.findbycomm", &json!({"type": kind, "values": values}))
}

#[test]
fn every_seeded_phone_and_e_mail_finds_its_owner() {
    let desk = Desk::new(2000, 400);
    for (type_id, name) in [(3, "CONTACT"), (4, "COMPANY"), (1, "LEAD")] {
        for row in desk.all(type_id, &["*"]) {
            for field in row["fm"].as_array().unwrap() {
                let found = find(&desk, field["typeId"].as_str().unwrap(), &json!([field["value"]]));
                let ids =
                    found[name].as_array().unwrap_or_else(|| panic!("{field} of {name} {} lost", row["id"]));
                assert!(ids.contains(&row["id"]), "{field}");
            }
        }
    }
}

#[test]
fn spellings_meet_at_the_normalised_number() {
    let desk = Desk::new(20, 4);
    let id = desk.result(
        "crm.contact.add",
        &json!({"fields": {"NAME": "Анна", "PHONE": [{"VALUE": "+7 (999) 123-45-67"}]}}),
    );
    for text in ["8 999 1234567", "79991234567", "8(999)123-45-67;12"] {
        assert_eq!(find(&desk, "PHONE", &json!([text])), json!({"CONTACT": [id]}), "{text}");
    }
    for text in ["9991234567", "+8 999 1234567", "1234567"] {
        assert_eq!(find(&desk, "PHONE", &json!([text])), json!([]), "{text}");
    }
    desk.result(
        "crm.contact.update",
        &json!({"id": id, "fields": {"EMAIL": [{"VALUE": " Anna@Post.Example "}]}}),
    );
    assert_eq!(find(&desk, "EMAIL", &json!(["anna@post.example"])), json!({"CONTACT": [id]}));
    desk.result("crm.contact.delete", &json!({"id": id}));
    assert_eq!(find(&desk, "PHONE", &json!(["79991234567"])), json!([]));
}

#[test]
fn twenty_values_and_twenty_entities_are_the_limits_and_numbers_are_skipped() {
    let desk = Desk::new(20, 4);
    let add = |phone: &str| desk.result("crm.lead.add", &json!({"fields": {"PHONE": [{"VALUE": phone}]}}));
    for _ in 0..25 {
        add("+70000000001");
    }
    add("+70000000002");
    assert_eq!(find(&desk, "PHONE", &json!(["+70000000001"]))["LEAD"].as_array().unwrap().len(), 20);
    let mut values: Vec<Json> = (100..120).map(|n| json!(format!("+70000000{n}"))).collect();
    values.push(json!("+70000000002"));
    assert_eq!(find(&desk, "PHONE", &json!(values)), json!([]), "the twenty-first distinct value is ignored");
    assert_eq!(find(&desk, "PHONE", &json!([70_000_000_002_u64, "", null])), json!([]));
}

#[test]
fn the_search_is_narrowed_by_type_and_refused_in_words() {
    let desk = Desk::new(20, 4);
    let refused = |params: Json| {
        let (code, text) = desk.refusal("crm.duplicate.findbycomm", &params);
        assert_eq!(code, "");
        text
    };
    assert_eq!(refused(json!({})), "Communication type is not defined.");
    assert_eq!(
        refused(json!({"type": "FAX", "values": ["1"]})),
        "Communication type 'FAX' is not supported in current context."
    );
    assert_eq!(refused(json!({"type": "PHONE"})), "Communication values is not defined.");
    assert_eq!(
        refused(json!({"type": "PHONE", "values": ["1"], "entity_type": "DEAL"})),
        "Deal is not supported in current context."
    );
    let phone = json!([{"VALUE": "+70000000003"}]);
    let contact = desk.result("crm.contact.add", &json!({"fields": {"PHONE": phone}}));
    desk.result("crm.company.add", &json!({"fields": {"PHONE": phone}}));
    let only = desk.result(
        "crm.duplicate.findbycomm",
        &json!({"TYPE": "PHONE", "VALUES": ["+70000000003"], "ENTITY_TYPE": "CONTACT"}),
    );
    assert_eq!(only, json!({"CONTACT": [contact]}));
}
