//! `b24 index crm`: the portal's own content, found side by side with notes.

use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::stage::{Stage, done, run};

/// A small portal with three comments in two timelines.
fn stage() -> Stage {
    let stage = Stage::new();
    for (kind, id, text) in [
        ("deal", 1, "[b]Перенесли[/b] приём: пациент просит утро пятницы"),
        ("deal", 1, "Оплата наличными"),
        ("contact", 1, "Аллергия на лидокаин"),
    ] {
        comment(&stage, kind, id, text);
    }
    stage
}

fn call(stage: &Stage, method: &str, params: &Value) -> Value {
    let mut command = stage.b24(&["--quiet", "call", method, "--params", "-"]);
    serde_json::from_str(&done(command.write_stdin(params.to_string())).stdout).unwrap()
}

fn comment(stage: &Stage, kind: &str, id: u64, text: &str) -> Value {
    let fields = json!({ "ENTITY_TYPE": kind, "ENTITY_ID": id, "COMMENT": text });
    call(stage, "crm.timeline.comment.add", &json!({ "fields": fields }))
}

fn search(stage: &Stage, args: &[&str]) -> Value {
    let args: Vec<&str> = ["search", "--json"].into_iter().chain(args.iter().copied()).collect();
    done(&mut stage.b24(&args)).json()["data"].clone()
}

#[test]
fn deals_and_comments_are_found_side_by_side_with_links_to_the_portal() {
    let stage = stage();
    let dry = done(&mut stage.b24(&["index", "crm", "--dry-run", "--json"]));
    assert!(dry.stderr.contains("deal: 60 records") && dry.stderr.contains("requests"), "{dry:?}");
    let before = stage.sandbox.journal().requests;
    let read = done(&mut stage.b24(&["index", "crm", "--json"])).json();
    let requests = stage.sandbox.journal().requests - before;
    assert_eq!(read["data"]["records"]["deal"], 60, "{read}");
    assert_eq!(read["data"]["comments"], 3);
    assert!(requests <= 20, "{requests} requests");
    done(&mut stage.b24(&["index", "work"]));
    let found = search(&stage, &["аллергия", "лидокаин"]);
    let hit = &found["hits"][0];
    assert_eq!(hit["collection"], "crm.comment", "{found}");
    assert!(hit["url"].as_str().unwrap().ends_with("/crm/contact/details/1/"), "{found}");
    assert!(found["portal_read_in_full"].is_string());
    let found = search(&stage, &["перенесли приём", "--in", "crm"]);
    assert!(!found["hits"][0]["snippet"].as_str().unwrap().contains("[b]"), "{found}");
}

#[test]
fn the_next_run_reads_what_changed_and_a_full_one_finds_what_is_gone() {
    let stage = stage();
    done(&mut stage.b24(&["index", "crm"]));
    done(&mut stage.b24(&["index", "work"]));
    comment(&stage, "deal", 2, "Клиент просит счёт с НДС");
    let fields = json!({ "title": "Брекеты — Ромашка" });
    call(&stage, "crm.item.update", &json!({ "entityTypeId": 2, "id": 3, "fields": fields }));
    let again = done(&mut stage.b24(&["index", "crm", "--json"])).json();
    let all = done(&mut stage.b24(&["index", "crm", "--full", "--dry-run", "--json"])).json();
    let records = |data: &Value, name: &str| data["data"]["records"][name].as_u64().unwrap_or(0);
    assert!(records(&again, "deal") < 60 && records(&again, "contact") < 30, "{again}");
    assert_eq!(all["data"]["entities"][1]["records"], 60, "{all}");
    done(&mut stage.b24(&["index", "work"]));
    assert_eq!(search(&stage, &["счёт с НДС"])["hits"][0]["collection"], "crm.comment");
    assert_eq!(search(&stage, &["Брекеты Ромашка"])["hits"][0]["source"], "3");

    call(&stage, "crm.item.delete", &json!({ "entityTypeId": 2, "id": 1 }));
    let full = done(&mut stage.b24(&["index", "crm", "--full", "--json"])).json();
    assert!(full["data"]["removed"].as_u64().unwrap() >= 3, "the deal and its two comments: {full}");
    assert_eq!(search(&stage, &["наличными", "--mode", "text"])["hits"], json!([]));
}

#[test]
fn a_user_who_does_not_see_everything_removes_nothing_and_passes_over_nothing_for_others() {
    let stage = stage();
    done(&mut stage.b24(&["index", "crm"]));
    let documents = || {
        let status = done(&mut stage.b24(&["index", "status", "--json"])).json();
        ["ready", "pending", "failed"]
            .map(|state| status["data"][state].as_u64().unwrap())
            .iter()
            .sum::<u64>()
    };
    let (all, full_at) = (documents(), search(&stage, &["лидокаин"])["portal_read_in_full"].clone());
    let as_manager = |args: &[&str]| {
        let webhook = stage.sandbox.webhook_of(2, "restricted");
        done(&mut stage.b24_as(&webhook, &[&["index", "crm"], args].concat()))
    };
    let read = as_manager(&["--full", "--json"]);
    assert_eq!((documents(), read.json()["data"]["removed"].as_u64()), (all, Some(0)), "{read:?}");
    assert_eq!(read.json()["data"]["full"], false);
    assert!(read.stderr.contains("nothing was removed"), "{read:?}");
    assert_eq!(search(&stage, &["лидокаин"])["portal_read_in_full"], full_at);
    // What changes before his reading, in a record that he does not see, is found by the administrator's next one.
    let hidden = (1..=60).find(|id| {
        let deal = call(&stage, "crm.item.get", &json!({ "entityTypeId": 2, "id": id }));
        deal["item"]["assignedById"].as_u64().unwrap() != 2
    });
    let fields = json!({ "title": "Виниры — Ромашка" });
    call(&stage, "crm.item.update", &json!({ "entityTypeId": 2, "id": hidden, "fields": fields }));
    as_manager(&[]);
    done(&mut stage.b24(&["index", "crm"]));
    done(&mut stage.b24(&["index", "work"]));
    let hit = &search(&stage, &["Виниры Ромашка", "--mode", "text"])["hits"][0];
    assert_eq!(hit["source"].as_str(), hidden.map(|id| id.to_string()).as_deref());
}

#[test]
fn the_queue_belongs_to_one_portal() {
    let (stage, other) = (stage(), Stage::new());
    let profile = |stage: &Stage| format!("[profile.a]\nwebhook = \"{}\"\n", stage.sandbox.webhook());
    stage.home.write("config.toml", &profile(&stage));
    done(&mut stage.home.b24(&["index", "crm"]));
    stage.home.write("config.toml", &profile(&other));
    let refused = run(&mut stage.home.b24(&["index", "crm"]));
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("index.another-portal"), "{refused:?}");
    done(&mut stage.home.b24(&["index", "purge", "--all", "--yes"]));
    done(&mut stage.home.b24(&["index", "crm"]));
}

#[test]
fn a_dry_run_writes_nothing_and_binds_the_queue_to_no_portal() {
    let (stage, other) = (Stage::new(), Stage::new());
    let home = &stage.home;
    let on = |stage: &Stage| {
        home.write("config.toml", &format!("[profile.a]\nwebhook = \"{}\"\n", stage.sandbox.webhook()));
    };
    let b24 = |args: &[&str]| run(&mut home.b24(&[&["--state-dir", "state"], args].concat()));
    let queue = || {
        let profiles = std::fs::read_dir(home.path().join("state")).into_iter().flatten();
        profiles.map(|profile| profile.unwrap().path().join("index.db")).find(|file| file.exists())
    };
    on(&stage);
    assert_eq!(b24(&["index", "crm", "--dry-run"]).code, 0);
    assert_eq!(queue(), None, "no queue is made for a look");
    home.write("a.md", "заметка");
    assert_eq!(b24(&["index", "add", "a.md"]).code, 0);
    let before = std::fs::read(queue().unwrap()).unwrap();
    assert_eq!(b24(&["index", "crm", "--dry-run"]).code, 0);
    assert!(std::fs::read(queue().unwrap()).unwrap() == before, "the file is as it was");
    on(&other);
    assert_eq!(b24(&["index", "crm", "--dry-run"]).code, 0, "the look at the first portal bound nothing");
    assert_eq!(b24(&["index", "crm"]).code, 0);
    on(&stage);
    let refused = b24(&["index", "crm", "--dry-run"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("index.another-portal"), "{refused:?}");
}

#[test]
fn fields_are_an_allow_list_and_an_unknown_one_is_refused() {
    let stage = stage();
    stage.home.write("config.toml", "[index.crm]\nlead = []\ncontact = [\"post\"]\ncomments = false\n");
    let read = done(&mut stage.b24(&["index", "crm", "--json"])).json();
    assert_eq!(read["data"]["records"].get("lead"), None, "{read}");
    assert_eq!(read["data"]["comments"], 0);
    stage.home.write("config.toml", "[index.crm]\ndeal = [\"titel\"]\n");
    let refused = run(&mut stage.b24(&["index", "crm"]));
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("no field `titel` of a deal"), "{refused:?}");
}

#[test]
fn personal_data_goes_only_where_the_settings_allow_it_by_name() {
    let stage = stage();
    done(&mut stage.b24(&["index", "crm"]));
    let table = |more: &str| {
        format!(
            "[index]\nembedder = \"far\"\n[embedder.far]\nkind = \"openai\"\nmodel = \"m\"\ndimensions = 16\n{more}"
        )
    };
    // Nobody answers at that address; whoever gets so far as to ask it is not refused.
    let url = "url = \"https://models.invalid/v1\"\n";
    for more in ["", "personal_data = \"allowed\"\n", url] {
        stage.home.write("config.toml", &table(more));
        for command in [&["index", "crm"][..], &["index", "work"]] {
            let refused = run(&mut stage.b24(command));
            assert_eq!(refused.code, 4, "{more} {refused:?}");
            assert!(refused.stderr.contains("personal data"), "{refused:?}");
            let host = if more == url { "models.invalid" } else { "api.openai.com" };
            assert!(refused.stderr.contains(host), "{refused:?}");
        }
    }
    let status = done(&mut stage.b24(&["index", "status", "--json"])).json();
    assert_eq!(
        status["data"]["spaces"].as_array().unwrap().len(),
        1,
        "no change of the model is begun: {status}"
    );
    stage.home.write("config.toml", &table(&format!("{url}personal_data = \"allowed\"\n")));
    done(&mut stage.b24(&["index", "crm", "--dry-run"]));
}

#[test]
fn a_query_against_the_portal_s_content_is_personal_data_too() {
    let endpoint = Endpoint::start(16);
    let stage = stage();
    let table = |url: &str| {
        format!(
            "[index]\nembedder = \"own\"\n[embedder.own]\nkind = \"openai\"\nmodel = \"m\"\ndimensions = 16\nurl = \"{url}\"\n"
        )
    };
    // The model runs on this machine, so nothing leaves it; later the same model is asked elsewhere.
    stage.home.write("config.toml", &table(&endpoint.url()));
    stage.home.write("a.md", "заметка");
    done(&mut stage.b24(&["index", "add", "a.md"]));
    done(&mut stage.b24(&["index", "crm"]));
    done(&mut stage.b24(&["index", "work"]));
    stage.home.write("config.toml", &table("https://models.invalid/v1"));
    let refused = run(&mut stage.b24(&["search", "лидокаин"]));
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("models.invalid"), "{refused:?}");
    assert_eq!(run(&mut stage.b24(&["search", "лидокаин", "--in", "crm", "--mode", "vector"])).code, 4);
    done(&mut stage.b24(&["search", "лидокаин", "--mode", "text"]));
    let of_files = done(&mut stage.b24(&["search", "заметка", "--in", "files"]));
    assert!(of_files.stderr.contains("only words were compared"), "it was tried to ask: {of_files:?}");
}
