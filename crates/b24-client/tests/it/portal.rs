//! A scripted portal with rows that may change while they are read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use b24_client::transport::{Answer, Request};
use serde_json::{Map, Value, json};

use crate::script::{Script, batch_answer, commands};

pub(crate) type Change = dyn Fn(u64, &mut BTreeMap<u64, String>) + Send + Sync;

/// What the portal is like; `answer` is what a transport says.
pub(crate) struct Portal {
    pub(crate) wrapper: Option<&'static str>,
    /// The key's name in conditions.
    pub(crate) key: &'static str,
    /// The key's name in rows.
    pub(crate) row_key: &'static str,
    /// Whether `start=-1` is counted and paged as 0 is.
    pub(crate) counts: bool,
    pub(crate) rows: Mutex<(u64, BTreeMap<u64, String>)>,
    pub(crate) change: Box<Change>,
}

impl Portal {
    /// Deals with these ids.
    pub(crate) fn of(ids: impl IntoIterator<Item = u64>) -> Self {
        Self {
            wrapper: None,
            key: "ID",
            row_key: "ID",
            counts: false,
            rows: Mutex::new((0, ids.into_iter().map(|id| (id, format!("row {id}"))).collect())),
            change: Box::new(|_, _| {}),
        }
    }

    /// Changes the rows before each command, given its number.
    pub(crate) fn changing(
        self,
        change: impl Fn(u64, &mut BTreeMap<u64, String>) + Send + Sync + 'static,
    ) -> Self {
        Self { change: Box::new(change), ..self }
    }

    pub(crate) fn script(self) -> Arc<Script> {
        Script::new(move |request, _| Ok(self.answer(request)))
    }

    pub(crate) fn answer(&self, request: &Request) -> Answer {
        if request.method != "batch" {
            let params: Value = serde_json::from_str(&request.body).unwrap();
            let mut flat = BTreeMap::new();
            flatten("", &params, &mut flat);
            let (result, total, next) = self.page(&flat);
            let mut body = json!({"result": result, "total": total});
            if let Some(next) = next {
                body["next"] = next.into();
            }
            return Answer::new(200, body.to_string());
        }
        let (mut results, mut totals, mut nexts) = (Map::new(), Map::new(), Map::new());
        for (key, text) in commands(request) {
            let params = query(&text, &results);
            let (result, total, next) = self.page(&params);
            results.insert(key.clone(), result);
            totals.insert(key.clone(), total.into());
            if let Some(next) = next {
                nexts.insert(key, next.into());
            }
        }
        let mut answer: Value =
            serde_json::from_slice(&batch_answer(&results.into(), &json!([])).body).unwrap();
        answer["result"]["result_total"] = totals.into();
        answer["result"]["result_next"] = nexts.into();
        Answer::new(200, answer.to_string())
    }

    fn page(&self, params: &BTreeMap<String, String>) -> (Value, u64, Option<u64>) {
        let mut state = self.rows.lock().unwrap();
        state.0 += 1;
        let number = state.0;
        (self.change)(number, &mut state.1);
        let bound = |sign: &str| {
            // What is no number is what PHP makes of it.
            params.get(&format!("filter[{sign}{}]", self.key)).map(|text| text.parse().unwrap_or(1_u64))
        };
        let low = bound(">").map(|low| low + 1).into_iter().chain(bound(">=")).max().unwrap_or(0);
        let high = bound("<").map(|high| high - 1).into_iter().chain(bound("<=")).min().unwrap_or(u64::MAX);
        let matching = if low > high { None } else { Some(state.1.range(low..=high).map(|(id, _)| *id)) };
        let matching = matching.into_iter().flatten();
        let descending = params.iter().any(|(name, value)| name.starts_with("order") && value == "DESC");
        let uncounted = params.get("start").is_some_and(|start| start == "-1") && !self.counts;
        let start = params.get("start").and_then(|start| start.parse().ok()).unwrap_or(0_usize);
        let ids: Vec<u64> = match (uncounted, descending) {
            (true, false) => matching.take(50).collect(),
            (true, true) => matching.rev().take(50).collect(),
            (false, false) => matching.collect(),
            (false, true) => matching.rev().collect(),
        };
        let rows: Vec<Value> = ids
            .iter()
            .skip(start)
            .take(50)
            .map(|id| json!({self.row_key: id.to_string(), "TITLE": state.1[id]}))
            .collect();
        let after = start + rows.len();
        let next = (!uncounted && after < ids.len()).then_some(after as u64);
        let total = if uncounted { 0 } else { ids.len() as u64 };
        let result = match self.wrapper {
            Some(wrapper) => json!({wrapper: rows}),
            None => rows.into(),
        };
        (result, total, next)
    }
}

fn flatten(name: &str, value: &Value, flat: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(inner) => {
            for (key, value) in inner {
                let name = if name.is_empty() { key.clone() } else { format!("{name}[{key}]") };
                flatten(&name, value, flat);
            }
        }
        Value::String(text) => {
            flat.insert(name.to_owned(), text.clone());
        }
        other => {
            flat.insert(name.to_owned(), other.to_string());
        }
    }
}

/// The parameters of a command, references replaced by what the portal would put there.
fn query(command: &str, results: &Map<String, Value>) -> BTreeMap<String, String> {
    let query = command.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), resolved(&decoded(value), results))).collect()
}

pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', [high, low, ..]) = (first, tail) {
            let digits = [*high, *low];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn resolved(value: &str, results: &Map<String, Value>) -> String {
    let Some(path) = value.strip_prefix("$result[").and_then(|rest| rest.strip_suffix(']')) else {
        return value.to_owned();
    };
    let all = Value::Object(results.clone());
    let mut here = &all;
    for step in path.split("][") {
        let inner = step.parse::<usize>().ok().and_then(|at| here.get(at)).or_else(|| here.get(step));
        let Some(inner) = inner else { return "Array".to_owned() };
        here = inner;
    }
    here.as_str().map_or_else(|| here.to_string(), str::to_owned)
}
