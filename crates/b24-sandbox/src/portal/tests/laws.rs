//! Laws that hold whatever is written.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::{Desk, numbers};

#[derive(Debug, Clone)]
enum Step {
    Add,
    Delete(u64),
    Rename(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Add),
        (1..160_u64).prop_map(Step::Delete),
        (1..160_u64).prop_map(Step::Rename),
    ];
    prop::collection::vec(step, 0..40)
}

fn written(steps: &[Step]) -> (Desk, BTreeSet<u64>) {
    let desk = Desk::new(10, 120);
    let rows = desk.all(2, &["id"]);
    let mut alive: BTreeSet<u64> = rows.iter().map(|row| row["id"].as_u64().unwrap()).collect();
    for step in steps {
        match step {
            Step::Add => {
                let id = desk.result("crm.deal.add", &json!({"fields": {"TITLE": "новая"}}));
                assert!(alive.insert(id.as_u64().unwrap()), "a number is never used twice");
            }
            Step::Delete(id) => {
                let answer = desk.ask("crm.item.delete", &json!({"entityTypeId": 2, "id": id}));
                assert_eq!(answer.get("error").is_none(), alive.remove(id));
            }
            Step::Rename(id) => {
                let answer =
                    desk.ask("crm.deal.update", &json!({"id": id, "fields": {"TITLE": "переименована"}}));
                assert_eq!(answer.get("error").is_none(), alive.contains(id));
            }
        }
    }
    (desk, alive)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn keyset_pages_offsets_and_totals_all_tell_what_exists(steps in steps(), low in 0..200_u64) {
        let (desk, alive) = written(&steps);
        let keyset: Vec<u64> = desk.all(2, &["id"]).iter().map(|row| row["id"].as_u64().unwrap()).collect();
        prop_assert_eq!(&keyset, &alive.iter().copied().collect::<Vec<_>>());
        let mut by_offset = Vec::new();
        for start in (0..200).step_by(50) {
            let page = desk.ask("crm.item.list", &json!({"entityTypeId": 2, "select": ["id"], "start": start}));
            prop_assert_eq!(page["total"].as_u64(), Some(alive.len() as u64));
            by_offset.extend(numbers(&page["result"]["items"], "id"));
        }
        prop_assert_eq!(&by_offset, &keyset);
        let above = alive.range(low + 1..).count() as u64;
        for filter in [json!({">ID": low}), json!({">=ID": low + 1, "!=TITLE": "нет такой"})] {
            prop_assert_eq!(desk.ask("crm.deal.list", &json!({"filter": filter}))["total"].as_u64(), Some(above));
        }
        let down = desk.result("crm.deal.list", &json!({"order": {"ID": "DESC"}, "select": ["ID"], "start": -1}));
        let highest = alive.iter().next_back().map(u64::to_string);
        prop_assert_eq!(down[0]["ID"].as_str().map(str::to_owned), highest);
    }

    #[test]
    fn no_parameter_makes_a_method_fail_without_an_answer(text in "\\PC{0,12}", number in any::<i64>()) {
        let desk = Desk::new(10, 10);
        let odd = [json!(text), json!(number), json!([text]), json!({text.clone(): number}), json!(1e300), json!(null)];
        for value in &odd {
            let rows = json!([{"price": value, "quantity": value, "taxRate": value, "discountRate": value}, value]);
            for (method, params) in [
                ("crm.item.list", json!({"entityTypeId": 31, "filter": {&text: value, ">begindate": value}, "start": value})),
                ("crm.item.list", json!({"entityTypeId": 31, "filter": value, "select": value, "order": value})),
                ("crm.deal.list", json!({"filter": {"@ID": value, ">OPPORTUNITY": value, "%TITLE": value}, "order": {"ID": value}})),
                ("crm.requisite.link.list", json!({"filter": {"@ENTITY_ID": [value, number]}})),
                ("crm.requisite.get", json!({"id": value})),
                ("crm.duplicate.findbycomm", json!({"type": "PHONE", "values": [value], "entity_type": value})),
                ("crm.duplicate.findbycomm", json!({"type": "EMAIL", "values": [value]})),
                ("crm.item.update", json!({"entityTypeId": 31, "id": 1, "fields": {"opportunity": value, "begindate": value}})),
                ("crm.item.productrow.set", json!({"ownerType": "SI", "ownerId": 1, "productRows": rows})),
                ("crm.contact.add", json!({"fields": {"PHONE": [value], "NAME": value, "BIRTHDATE": value}})),
                ("crm.timeline.comment.list", json!({"filter": {"ENTITY_ID": value, "ENTITY_TYPE": value}})),
                ("user.get", json!({"FILTER": {"ID": value, "ACTIVE": value}})),
                ("crm.status.list", json!({"filter": {"NAME": value}, "order": {&text: value}})),
            ] {
                desk.ask(method, &params);
            }
        }
    }
}
