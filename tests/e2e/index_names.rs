//! One document for each file and record, however it is written, and orders that read nothing.

use std::fs;

use serde_json::Value;

use crate::stage::{Home, Ran, done, run};

fn add(home: &Home, args: &[&str]) -> Value {
    let args: Vec<&str> = ["index", "add", "--json"].into_iter().chain(args.iter().copied()).collect();
    done(&mut home.b24(&args)).json()["data"].clone()
}

/// Sources of what has the words, after the worker.
fn found(home: &Home, query: &str) -> Vec<String> {
    done(&mut home.b24(&["index", "work"]));
    let answer = done(&mut home.b24(&["search", query, "--mode", "text", "--json"])).json();
    let hits = answer["data"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["source"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn row_11_a_file_is_one_document_under_every_spelling_of_its_path() {
    let home = Home::new();
    for folder in ["docs", "sub"] {
        fs::create_dir(home.path().join(folder)).unwrap();
    }
    home.write("docs/a.txt", "Отгрузка по средам");
    home.write("docs/b.txt", "Отгрузка по пятницам");
    add(&home, &["docs"]);
    assert_eq!(add(&home, &["sub/../docs", "sub/../docs/*.txt"])["unchanged"], 4);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(home.path().join("docs"), home.path().join("link")).unwrap();
        assert_eq!(add(&home, &["link", "link/a.txt"])["unchanged"], 3);
    }
    assert_eq!(found(&home, "отгрузка").len(), 2);
    assert_eq!(
        done(&mut home.b24(&["index", "why", "sub/../docs/a.txt", "--json"])).json()["data"]["collection"],
        "files"
    );
    fs::remove_file(home.path().join("docs").join("a.txt")).unwrap();
    assert_eq!(add(&home, &["sub/../docs/a.txt", "--prune"])["pruned"], 1);
    assert_eq!(found(&home, "отгрузка").len(), 1);
}

#[test]
fn keys_of_records_and_entries_are_keys_within_their_file() {
    let home = Home::new();
    fs::create_dir(home.path().join("data")).unwrap();
    home.write("data/deals.jsonl", "{\"id\":1,\"text\":\"Щебень\"}\n{\"id\":2,\"text\":\"Песок\"}\n");
    home.write(
        "data/contacts.jsonl",
        "{\"id\":1,\"text\":\"Иванов\"}\n{\"source\":\"own\",\"text\":\"Петров\"}\n",
    );
    for (feed, text) in [("one.rss", "Первая"), ("two.rss", "Вторая")] {
        let guid = "<guid isPermaLink=\"false\">1</guid>";
        let item =
            format!("<rss><channel><item>{guid}<description>{text}</description></item></channel></rss>");
        home.write(&format!("data/{feed}"), &item);
    }
    assert_eq!(add(&home, &["data"])["documents"], 6);
    assert_eq!(add(&home, &["data"])["unchanged"], 6);
    assert!(found(&home, "щебень")[0].ends_with("deals.jsonl#1"));
    assert!(found(&home, "иванов")[0].ends_with("contacts.jsonl#1"));
    assert_eq!(found(&home, "петров"), ["own"]);
    assert_eq!((found(&home, "первая").len(), found(&home, "вторая").len()), (1, 1));
    let shown = done(&mut home.b24(&["search", "щебень", "--mode", "text"])).stdout;
    assert!(shown.starts_with("1. deals.jsonl"), "{shown}");
}

#[test]
fn a_file_s_name_stands_beside_a_title_of_its_own() {
    let home = Home::new();
    home.write("page 4711.html", "<title>Шаблон</title><p>Отгрузка</p>");
    add(&home, &["page 4711.html"]);
    assert!(found(&home, "4711")[0].ends_with("page 4711.html"));
    let shown = done(&mut home.b24(&["search", "4711"])).stdout;
    assert!(shown.starts_with("1. Шаблон (page 4711.html)"), "{shown}");
}

#[test]
fn the_portal_s_name_is_refused_for_files() {
    let home = Home::new();
    home.write("a.md", "Отгрузка");
    for name in ["crm", "crm.deal", ""] {
        let refused = run(&mut home.b24(&["index", "add", "a.md", "--collection", name]));
        assert_eq!(refused.code, 2, "{refused:?}");
    }
    add(&home, &["a.md", "--collection", "crmnotes"]);
}

#[test]
fn an_order_that_reads_nothing_says_why() {
    let home = Home::new();
    fs::create_dir_all(home.path().join("docs").join("hidden")).unwrap();
    home.write("docs/hidden/.gitignore", "*\n");
    home.write("docs/hidden/a.md", "Отгрузка");
    home.write("docs/b.txt", "Отгрузка");
    let missing = run(&mut home.b24(&["index", "add", "nothere/*.md"]));
    assert_eq!(missing.code, 2, "{missing:?}");
    let warned = |ran: Ran, words: &str| assert!(ran.stderr.contains(words), "{ran:?}");
    warned(done(&mut home.b24(&["index", "add", "docs/*.md"])), "no file is there that fits");
    warned(
        done(&mut home.b24(&["index", "add", "docs/hidden"])),
        "no file fits but 2 that are hidden or named by",
    );
    let added = done(&mut home.b24(&["index", "add", "docs"]));
    assert!(!added.stderr.contains("fits"), "{added:?}");
    done(&mut home.b24(&["index", "work"]));
    let none = done(&mut home.b24(&["search", "отгрузка", "--since", "2130-01-01"])).stdout;
    assert_eq!(none, "none of the 1 documents here is of that day or later\n");
}

#[test]
fn links_and_rich_text_are_told_and_not_read() {
    let home = Home::new();
    fs::create_dir(home.path().join("docs")).unwrap();
    home.write("docs/a.rtf", "{\\rtf1\\ansi \\'c4\\'ee}");
    home.write("docs/b.txt", "Отгрузка");
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        home.path().join("docs").join("b.txt"),
        home.path().join("docs").join("c.txt"),
    )
    .unwrap();
    let added = add(&home, &["docs"]);
    assert_eq!((&added["documents"], &added["skipped"]["rtf"]), (&1.into(), &1.into()), "{added}");
    #[cfg(unix)]
    assert_eq!(added["skipped"]["symlink"], 1, "{added}");
}
