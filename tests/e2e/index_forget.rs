//! `b24 forget` and the embedding queue: a person's texts are gone from the answers and from the bytes.

use std::path::Path;

use serde_json::{Value, json};

use crate::stage::{Home, Stage, done, run};

const IN_STATE: [&str; 2] = ["--state-dir", "state"];

fn b24(stage: &Stage, args: &[&str]) -> assert_cmd::Command {
    stage.b24(&[&IN_STATE, args].concat())
}

fn call(stage: &Stage, method: &str, params: &Value) -> Value {
    let mut command = stage.b24(&["--quiet", "call", method, "--params", "-"]);
    serde_json::from_str(&done(command.write_stdin(params.to_string())).stdout).unwrap()
}

fn comment(stage: &Stage, kind: &str, id: u64, text: &str) {
    let fields = json!({ "ENTITY_TYPE": kind, "ENTITY_ID": id, "COMMENT": text });
    call(stage, "crm.timeline.comment.add", &json!({ "fields": fields }));
}

/// Stores records and embeds them.
fn store(stage: &Stage, records: &[Value]) {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    done(b24(stage, &["index", "add", "-", "--quiet"]).write_stdin(lines.join("\n")));
    done(&mut b24(stage, &["index", "work", "--quiet"]));
}

/// Whether any file below the folder has these bytes.
fn anywhere(folder: &Path, word: &str) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return anywhere(&path, word);
        }
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    })
}

#[test]
fn whatever_has_the_number_in_any_spelling_is_listed_and_leaves_the_index_and_its_bytes() {
    let stage = Stage::new();
    let spellings = ["+7 (999) 123-45-67", "8 999 123 45 67", "89991234567", "9991234567", "8–999–123‑45‑67"];
    let mut records: Vec<Value> = spellings
        .iter()
        .enumerate()
        .map(|(number, spelling)| json!({ "id": number, "text": format!("Звонила Забудкина, {spelling}") }))
        .collect();
    records.push(json!({ "id": "title", "title": "Забудкина 8(999)123-45-67", "text": "Просила утро" }));
    records.push(json!({ "id": "fact", "text": "Просила вечер", "телефон": "+79991234567" }));
    records.push(json!({ "id": "other", "text": "Звонил Неизвестный, +7 999 123-45-68" }));
    store(&stage, &records);
    let folder = stage.home.path().join("state");
    assert!(anywhere(&folder, "Забудкина") && anywhere(&folder, "9991234567"));

    let asked = run(&mut b24(&stage, &["forget", "--phone", "8 (999) 123-45-67"]));
    assert_eq!(asked.code, 4, "{asked:?}");
    assert!(asked.stderr.contains("indexed documents") && asked.stderr.contains("files title"), "{asked:?}");
    let args = ["forget", "--phone", "8 (999) 123-45-67", "--yes", "--json"];
    let erased = done(&mut b24(&stage, &args)).json()["data"].clone();
    assert_eq!(erased["erased"], true);
    assert_eq!(erased["index"]["documents"].as_array().unwrap().len(), spellings.len() + 2, "{erased}");
    for word in ["Забудкина", "забудкин", "Забудкин", "9991234567", "123-45-67", "Просила"]
    {
        assert!(!anywhere(&folder, word), "{word} is still there");
    }
    assert!(anywhere(&folder, "Неизвестный"), "another number is another person");
    let status = done(&mut b24(&stage, &["index", "status", "--json"])).json();
    assert_eq!(status["data"]["ready"], 1, "{status}");
    let again = done(&mut b24(&stage, &args)).json();
    assert_eq!(again["data"]["erased"], false);
}

#[test]
fn nobody_needs_a_portal_to_forget_what_files_told() {
    let home = Home::new();
    home.write("a.md", "Забудкина, 8 999 123-45-67");
    done(&mut home.b24(&["index", "add", "a.md"]));
    let erased = done(&mut home.b24(&["forget", "--phone", "+79991234567", "--yes", "--json"])).json();
    assert_eq!(erased["data"]["index"]["documents"].as_array().unwrap().len(), 1, "{erased}");
    let profiles = "[profile.a]\nwebhook = \"https://a.ru/rest/1/x/\"\n[profile.b]\nwebhook = \"https://b.ru/rest/1/x/\"\n";
    home.write("config.toml", profiles);
    assert_eq!(run(&mut home.b24(&["forget", "--phone", "+79991234567"])).code, 4, "which of them?");
}

#[test]
fn a_contact_leaves_with_deals_and_timelines() {
    let stage = Stage::new();
    let deal = |title: &str| {
        let fields = json!({ "title": title, "contactIds": [2] });
        call(&stage, "crm.item.add", &json!({ "entityTypeId": 2, "fields": fields }))["item"]["id"]
            .as_u64()
            .unwrap()
    };
    let deal = deal("Брекеты Забудкиной");
    comment(&stage, "contact", 2, "Аллергия на лидокаин");
    comment(&stage, "deal", deal, "Перенесли на пятницу");
    comment(&stage, "contact", 3, "Просит тишины");
    done(&mut b24(&stage, &["index", "crm"]));
    done(&mut b24(&stage, &["index", "work"]));
    let found = |words: &str| {
        let args = ["search", words, "--mode", "text", "--json"];
        done(&mut b24(&stage, &args)).json()["data"]["hits"].as_array().unwrap().len()
    };
    assert_eq!((found("лидокаин"), found("Забудкиной"), found("тишины")), (1, 2, 1));
    let erased = done(&mut b24(&stage, &["forget", "--contact", "2", "--yes", "--json"])).json();
    let documents = erased["data"]["index"]["documents"].as_array().unwrap();
    let has = |collection: &str, source: &str| {
        documents.contains(&json!({ "collection": collection, "source": source }))
    };
    assert!(has("crm.contact", "2") && has("crm.deal", &deal.to_string()), "{erased}");
    assert_eq!((found("лидокаин"), found("Забудкиной"), found("тишины")), (0, 0, 1));
    let folder = stage.home.path().join("state");
    assert!(!anywhere(&folder, "Забудкин") && !anywhere(&folder, "лидокаин"));
}
