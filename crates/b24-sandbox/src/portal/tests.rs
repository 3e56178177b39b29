//! Every documented quirk of the portal, called as the wire half calls it.

mod books;
mod comments;
mod duplicates;
mod filters;
mod imports;
mod items;
mod laws;
mod legacy;
mod product_rows;
mod register;
mod requisites;
mod rights;
mod scale;
mod schemas;
mod writes;

use serde_json::{Value as Json, json};

use super::Portal;
use super::schema::Schema;
use crate::encode::to_json;
use crate::json;
use crate::method::Caller;
use crate::seed::SeedPlan;
use crate::value::{Map, Value};

/// A portal and the JSON view of its answers.
struct Desk(Portal);

impl Desk {
    fn new(invoices: u32, deals: u32) -> Self {
        Self::of(invoices, deals, Schema::default())
    }

    fn of(invoices: u32, deals: u32, schema: Schema) -> Self {
        Self(Portal::new(SeedPlan { seed: 1, invoices, deals, contacts: None }, schema))
    }

    /// The answer as the administrator gets it: result, total, next or error, description, status.
    fn ask(&self, method: &str, params: &Json) -> Json {
        self.ask_as(1, method, params)
    }

    fn ask_as(&self, user_id: u32, method: &str, params: &Json) -> Json {
        let now = "2026-11-20T20:00:00Z".parse().unwrap();
        let caller = Caller { user_id, now, scopes: &["crm", "user_brief"] };
        let params = match json::parse(params.to_string().as_bytes()) {
            Some(Value::Map(map)) => map,
            _ => Map::new(),
        };
        let shown = |value: &Value| serde_json::from_str::<Json>(&to_json(value)).unwrap();
        match self.0.call(method, &params, &caller) {
            Ok(reply) => {
                let mut out = json!({"result": shown(&reply.result)});
                for (key, number) in [("total", reply.total), ("next", reply.next)] {
                    if let Some(number) = number {
                        out[key] = json!(number);
                    }
                }
                out
            }
            Err(refusal) => json!({
                "status": refusal.status,
                "error": shown(&refusal.code),
                "error_description": refusal.description,
            }),
        }
    }

    fn result(&self, method: &str, params: &Json) -> Json {
        let answer = self.ask(method, params);
        assert!(answer.get("error").is_none(), "{method} {params}: {answer}");
        answer["result"].clone()
    }

    /// `error` and `error_description`.
    fn refusal(&self, method: &str, params: &Json) -> (Json, String) {
        let answer = self.ask(method, params);
        assert_eq!(answer["status"], 400, "{method} {params}: {answer}");
        (answer["error"].clone(), answer["error_description"].as_str().unwrap().to_owned())
    }

    /// All automations started so far.
    fn robots(&self) -> u64 {
        self.0.robots().values().flat_map(std::collections::BTreeMap::values).sum()
    }

    /// All rows of `crm.item.list` by keyset.
    fn all(&self, entity_type: u32, select: &[&str]) -> Vec<Json> {
        let mut rows: Vec<Json> = Vec::new();
        loop {
            let after = rows.last().map_or(json!(0), |row| row["id"].clone());
            let page = self.result(
                "crm.item.list",
                &json!({"entityTypeId": entity_type, "select": select, "order": {"id": "ASC"},
                        "filter": {">id": after}, "start": -1}),
            );
            let page = page["items"].as_array().unwrap().clone();
            let last = page.len() < 50;
            rows.extend(page);
            if last {
                return rows;
            }
        }
    }
}

fn strings(rows: &Json, key: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[key].as_str().unwrap().to_owned()).collect()
}

fn numbers(rows: &Json, key: &str) -> Vec<u64> {
    rows.as_array().unwrap().iter().map(|row| row[key].as_u64().unwrap()).collect()
}
