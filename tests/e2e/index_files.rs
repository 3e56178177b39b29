//! What leaves the queue and what stays: files that are gone, emptied, refused; documents that are named.

use std::fs;

use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::stage::{Home, done, run};

fn add(home: &Home, args: &[&str]) -> Value {
    let args: Vec<&str> = ["index", "add", "--json"].into_iter().chain(args.iter().copied()).collect();
    done(&mut home.b24(&args)).json()["data"].clone()
}

/// Five hours behind in winter, wherever the test runs.
const NEW_YORK: &str = "EST5EDT,M3.2.0,M11.1.0";

/// Sources of what has the words, after the worker.
fn found(home: &Home, query: &str) -> Vec<String> {
    done(&mut home.b24(&["index", "work"]));
    let answer = done(&mut home.b24(&["search", query, "--mode", "text", "--json"])).json();
    let hits = answer["data"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["source"].as_str().unwrap().to_owned()).collect()
}

#[cfg(unix)]
#[test]
fn what_cannot_be_looked_at_is_not_gone() {
    let home = Home::new();
    let sub = home.path().join("docs").join("sub");
    fs::create_dir_all(&sub).unwrap();
    fs::write(sub.join("a.md"), "Отгрузка по средам").unwrap();
    fs::write(home.path().join("docs").join("b.md"), "Отгрузка по пятницам").unwrap();
    add(&home, &["docs"]);
    // A folder that leads to itself cannot be entered, not even by its owner.
    fs::remove_dir_all(&sub).unwrap();
    std::os::unix::fs::symlink(&sub, &sub).unwrap();
    assert_eq!(add(&home, &["docs", "--prune"])["pruned"], 0);
    fs::remove_file(&sub).unwrap();
    assert_eq!(add(&home, &["docs", "--prune"])["pruned"], 1, "now it is certain");
}

#[test]
fn a_folder_that_is_missing_with_everything_beside_it_is_perhaps_on_a_missing_disk() {
    let home = Home::new();
    let docs = home.path().join("disk").join("docs");
    fs::create_dir_all(&docs).unwrap();
    fs::write(docs.join("a.md"), "Отгрузка по средам").unwrap();
    add(&home, &["disk/docs"]);
    fs::remove_dir_all(&docs).unwrap();
    let doubted = run(&mut home.b24(&["index", "add", "disk/docs", "--prune", "--json"]));
    assert_eq!(doubted.code, 3, "{doubted:?}");
    assert_eq!(doubted.json()["data"]["pruned"], 0);
    assert_eq!(doubted.json()["problems"][0]["code"], "index.unreadable");
    fs::write(home.path().join("disk").join("other.md"), "x").unwrap();
    assert_eq!(add(&home, &["disk/docs", "--prune"])["pruned"], 1);
}

#[test]
fn records_and_entries_go_with_the_file_they_stood_in_and_not_before() {
    let home = Home::new();
    let docs = home.path().join("docs");
    fs::create_dir(&docs).unwrap();
    let below = docs.join("nowhere.md");
    let record = serde_json::json!({ "source": below.to_str().unwrap(), "text": "Отгрузка по средам" });
    fs::write(
        docs.join("notes.jsonl"),
        format!("{record}\n{{\"id\":\"n1\",\"text\":\"Отгрузка в пятницу\"}}\n"),
    )
    .unwrap();
    fs::write(
        docs.join("news.rss"),
        "<rss><channel><item><description>Отгрузка завтра</description></item></channel></rss>",
    )
    .unwrap();
    let added = add(&home, &["docs", "--prune"]);
    assert_eq!((&added["documents"], &added["pruned"]), (&3.into(), &0.into()), "{added}");
    assert_eq!(found(&home, "отгрузка").len(), 3);
    fs::remove_file(docs.join("notes.jsonl")).unwrap();
    assert_eq!(add(&home, &["docs", "--prune"])["pruned"], 2);
    assert!(found(&home, "отгрузка")[0].ends_with("news.rss:1"));
}

#[test]
fn a_file_that_lost_its_text_does_not_answer_with_the_old_one() {
    let home = Home::new();
    home.write("a.md", "Отгрузка по средам");
    home.write("b.md", "Отгрузка по пятницам");
    home.write("c.jsonl", "{\"id\":1,\"text\":\"Отгрузка завтра\"}\n");
    add(&home, &["a.md", "b.md", "c.jsonl"]);
    assert_eq!(found(&home, "отгрузка").len(), 3);
    home.write("a.md", " \n");
    fs::write(home.path().join("b.md"), b"\x89PNG\0\0\x01").unwrap();
    home.write("c.jsonl", "{\"id\":1,\"text\":\"\"}\n");
    assert_eq!(add(&home, &["a.md", "b.md", "c.jsonl"])["emptied"], 3);
    assert!(found(&home, "отгрузка").is_empty());
}

#[test]
fn a_file_that_was_only_touched_is_unchanged() {
    let home = Home::new();
    let path = home.write("a.md", "Отгрузка по средам");
    add(&home, &["a.md"]);
    let other = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(path).unwrap().set_modified(other).unwrap();
    assert_eq!(add(&home, &["a.md"])["unchanged"], 1);
}

#[test]
fn one_refused_text_leaves_no_other_document_out() {
    let endpoint = Endpoint::start(16);
    let home = Home::new();
    home.write(
        "config.toml",
        &format!(
            "[index]\nembedder = \"own\"\n[embedder.own]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\ndimensions = 16\n",
            endpoint.url()
        ),
    );
    home.write("first.md", "Первый");
    add(&home, &["first.md", "--mode", "sync"]);
    endpoint.refusing(Some("Заметка 1"));
    let lines = [1, 2, 3].map(|id| format!("{{\"id\":{id},\"text\":\"Заметка {id}\"}}\n")).concat();
    let added = run(home.b24(&["index", "add", "-", "--mode", "sync", "--json"]).write_stdin(lines));
    assert_eq!(added.code, 3, "{added:?}");
    let added = added.json();
    assert_eq!(
        (&added["data"]["documents"], &added["data"]["skipped"]["rejected"]),
        (&2.into(), &1.into()),
        "{added}"
    );
    assert_eq!(added["problems"][0]["code"], "index.rejected");
}

#[test]
fn a_document_is_named_by_its_file_name_and_never_by_a_part_of_it() {
    let home = Home::new();
    fs::create_dir(home.path().join("docs")).unwrap();
    home.write("docs/ab.md", "Отгрузка по средам");
    home.write("docs/c.md", "Отгрузка по пятницам");
    add(&home, &["docs"]);
    add(&home, &["docs/c.md", "--collection", "notes"]);
    let part = run(&mut home.b24(&["index", "purge", "b.md", "--yes"]));
    assert_eq!(part.code, 2, "{part:?}");
    let several = run(&mut home.b24(&["index", "purge", "docs/c.md", "--yes"]));
    assert_eq!(several.code, 2, "{several:?}");
    assert!(
        several.stderr.contains("c.md in files") && several.stderr.contains("c.md in notes"),
        "{several:?}"
    );
    assert_eq!(run(&mut home.b24(&["index", "why", "c.md"])).code, 2);
    let why = done(&mut home.b24(&["index", "why", "c.md", "--in", "notes", "--json"])).json();
    assert_eq!(why["data"]["collection"], "notes");
    let one = done(&mut home.b24(&["index", "purge", "c.md", "--in", "notes", "--yes", "--json"])).json();
    assert_eq!(one["data"]["documents"], 1);
    done(&mut home.b24(&["index", "retry", "ab.md"]));
    assert_eq!(found(&home, "отгрузка").len(), 2);
}

#[test]
fn collections_are_named_everywhere_as_in_search() {
    let home = Home::new();
    home.write("a.md", "Отгрузка");
    add(&home, &["a.md"]);
    for command in [&["index", "purge", "--in", "typo", "--yes"][..], &["index", "retry", "--in", "typo"]] {
        let unknown = run(&mut home.b24(command));
        assert_eq!(unknown.code, 2, "{unknown:?}");
        assert!(unknown.stderr.contains("collections are: files"), "{unknown:?}");
    }
    let nothing = done(&mut home.b24(&["index", "purge", "--in", "crm", "--yes", "--json"]));
    assert!(nothing.stderr.contains("everything from the portal: 0 documents"), "{nothing:?}");
    assert_eq!(nothing.json()["data"]["documents"], 0);
}

#[test]
fn a_day_is_the_one_where_the_program_runs() {
    let home = Home::new();
    let lines = "{\"id\":\"day\",\"text\":\"Отгрузка\",\"metadata\":{\"date\":\"2026-03-01\"}}\n\
                 {\"id\":\"moment\",\"text\":\"Отгрузка\",\"date\":\"2026-03-01T02:00:00Z\"}\n\
                 {\"id\":\"wrong\",\"text\":\"Отгрузка\",\"metadata\":{\"date\":\"soon\"}}\n";
    let mut command = home.b24(&["index", "add", "-", "--mode", "sync", "--json"]);
    let added = run(command.env("TZ", NEW_YORK).write_stdin(lines)).json();
    assert_eq!(added["data"]["skipped"]["bad-record"], 1, "{added}");
    for (day, zone, expected) in [
        ("2026-03-01", NEW_YORK, vec!["day"]),
        ("2026-03-01", "UTC", vec!["day", "moment"]),
        ("2026-03-02", NEW_YORK, vec![]),
    ] {
        let mut command = home.b24(&["search", "отгрузка", "--since", day, "--json"]);
        let answer = done(command.env("TZ", zone)).json();
        let mut sources: Vec<&str> = answer["data"]["hits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| hit["source"].as_str().unwrap())
            .collect();
        sources.sort_unstable();
        assert_eq!(sources, expected, "{day} {zone}");
    }
}
