//! `b24 index crm`: what the portal has no more and what is not allowed any more leaves the queue.

use serde_json::{Value, json};

use crate::stage::{Stage, done, run};

fn call(stage: &Stage, method: &str, params: &Value) -> Value {
    let mut command = stage.b24(&["--quiet", "call", method, "--params", "-"]);
    serde_json::from_str(&done(command.write_stdin(params.to_string())).stdout).unwrap()
}

fn comment(stage: &Stage, kind: &str, id: u64, text: &str) {
    let fields = json!({ "ENTITY_TYPE": kind, "ENTITY_ID": id, "COMMENT": text });
    call(stage, "crm.timeline.comment.add", &json!({ "fields": fields }));
}

fn read(stage: &Stage, args: &[&str]) -> Value {
    let args: Vec<&str> = ["index", "crm", "--json"].into_iter().chain(args.iter().copied()).collect();
    done(&mut stage.b24(&args)).json()["data"].clone()
}

/// Sources of what the words are in, with their collections.
fn found(stage: &Stage, query: &str) -> Vec<String> {
    done(&mut stage.b24(&["index", "work"]));
    let answer = done(&mut stage.b24(&["search", query, "--mode", "text", "--json"])).json();
    let hits = answer["data"]["hits"].as_array().unwrap();
    let name =
        |hit: &Value| format!("{} {}", hit["collection"].as_str().unwrap(), hit["source"].as_str().unwrap());
    hits.iter().map(name).collect()
}

#[test]
fn a_run_that_reads_everything_removes_what_is_gone_even_if_nobody_said_full() {
    let stage = Stage::new();
    comment(&stage, "deal", 1, "Аллергия на лидокаин");
    // Nothing says up to when the portal was read: the record is stored, and the next run reads everything.
    stage.home.write("config.toml", "[index.crm]\ndeal = [\"title\"]\n");
    read(&stage, &[]);
    assert_eq!(found(&stage, "лидокаин").len(), 1);
    call(&stage, "crm.item.delete", &json!({ "entityTypeId": 2, "id": 1 }));
    stage.home.write("config.toml", "");
    let again = read(&stage, &[]);
    assert!(again["removed"].as_u64().unwrap() >= 2, "the deal and its comment: {again}");
    assert!(found(&stage, "лидокаин").is_empty());
}

#[test]
fn a_field_that_is_not_allowed_any_more_is_erased_by_the_next_run_and_a_new_one_is_read() {
    let stage = Stage::new();
    let fields = json!({ "title": "Брекеты", "comments": "Пациентка боится лидокаина" });
    call(&stage, "crm.item.update", &json!({ "entityTypeId": 2, "id": 3, "fields": fields }));
    stage.home.write("config.toml", "[index.crm]\ndeal = [\"title\", \"comments\"]\n");
    read(&stage, &[]);
    assert_eq!(found(&stage, "лидокаин"), ["crm.deal 3"]);
    stage.home.write("config.toml", "[index.crm]\ndeal = [\"title\"]\n");
    let narrower = read(&stage, &[]);
    assert_eq!(narrower["records"]["deal"], 60, "all of them are read anew: {narrower}");
    assert!(narrower["records"]["lead"].as_u64().unwrap_or(0) < 20, "the others are not: {narrower}");
    assert!(found(&stage, "лидокаин").is_empty());
    stage.home.write("config.toml", "[index.crm]\ndeal = [\"title\", \"comments\"]\n");
    read(&stage, &[]);
    assert_eq!(found(&stage, "лидокаин"), ["crm.deal 3"]);
    assert!(read(&stage, &[])["records"]["deal"].as_u64().unwrap_or(0) < 60, "and then only what changes");
}

#[test]
fn kinds_and_comments_that_are_left_out_leave_the_queue_and_come_back_when_they_are_let_in() {
    let stage = Stage::new();
    comment(&stage, "deal", 1, "Аллергия на лидокаин");
    comment(&stage, "contact", 1, "Лидокаин можно");
    read(&stage, &[]);
    assert_eq!(found(&stage, "лидокаин").len(), 2);
    stage.home.write("config.toml", "[index.crm]\ndeal = []\n");
    assert!(read(&stage, &[])["removed"].as_u64().unwrap() >= 61);
    assert!(found(&stage, "лидокаин")[0].starts_with("crm.comment contact/1/"));
    let of_deals = run(&mut stage.b24(&["search", "приём", "--in", "crm.deal"]));
    assert_eq!(of_deals.code, 2, "there is no such collection any more: {of_deals:?}");
    stage.home.write("config.toml", "[index.crm]\ncomments = false\n");
    read(&stage, &[]);
    assert!(found(&stage, "лидокаин").is_empty());
    stage.home.write("config.toml", "");
    read(&stage, &[]);
    assert_eq!(found(&stage, "лидокаин").len(), 2);
}
