//! `b24 index` and `b24 search` over files and records.

use std::fs;

use crate::stage::{Home, done, run};

/// Documents of a folder with everything that folders have.
fn folder(home: &Home) {
    let docs = home.path().join("Документы 2026");
    fs::create_dir_all(docs.join("черновики")).unwrap();
    fs::write(docs.join("склад.md"), "# Склад\n\n## Отгрузка\n\nОтгрузка идёт по средам.\n").unwrap();
    fs::write(docs.join("old.txt"), b"\xce\xf2\xe3\xf0\xf3\xe7\xea\xe0 \xf2\xee\xe2\xe0\xf0\xe0").unwrap();
    fs::write(docs.join("logo.png"), b"\x89PNG\0\0").unwrap();
    fs::write(docs.join("пусто.md"), " \n").unwrap();
    fs::write(docs.join(".gitignore"), "черновики/\n").unwrap();
    fs::write(docs.join("черновики").join("план.md"), "# План\n\nсекрет\n").unwrap();
}

#[test]
fn documents_are_stored_at_once_found_after_the_worker_and_what_waits_is_said() {
    let home = Home::new();
    folder(&home);
    let added = done(&mut home.b24(&["index", "add", "Документы 2026"]));
    assert!(added.stdout.contains("2 documents, 0 unchanged"), "{added:?}");
    assert!(
        added.stdout.contains("skipped, binary: 1") && added.stdout.contains("skipped, empty: 1"),
        "{added:?}"
    );
    assert!(added.stderr.contains("read as Windows-1251"), "{added:?}");
    assert!(added.stderr.contains("start a worker: b24 index work"), "{added:?}");

    let before = done(&mut home.b24(&["search", "отгрузки", "по", "среде"]));
    assert!(
        before.stderr.contains("0 results; 2 documents are still being processed; no worker"),
        "{before:?}"
    );
    assert!(done(&mut home.b24(&["index", "work"])).stdout.starts_with("2 texts became ready"));
    let after = done(&mut home.b24(&["search", "отгрузки по среде", "--json"])).json();
    let hit = &after["data"]["hits"][0];
    assert!(hit["source"].as_str().unwrap().ends_with("склад.md"), "{after}");
    assert_eq!(hit["heading"], serde_json::json!(["Склад", "Отгрузка"]));
    assert_eq!(hit["lines"], serde_json::json!([1, 5]));
    assert_eq!((&after["data"]["ready"], &after["data"]["pending"]), (&2.into(), &0.into()));
    assert_eq!(after["data"]["chunks"]["ready"], 2);

    let again = done(&mut home.b24(&["index", "add", "Документы 2026", "--no-ignore", "--glob", "*.md"]));
    assert!(again.stdout.contains("2 documents, 1 unchanged"), "{again:?}");
}

#[test]
fn what_is_gone_leaves_the_queue_with_prune_only() {
    let home = Home::new();
    folder(&home);
    fs::create_dir(home.path().join("Документы 2026-old")).unwrap();
    let neighbour = home.path().join("Документы 2026-old").join("a.md");
    fs::write(&neighbour, "сосед").unwrap();
    done(&mut home.b24(&["index", "add", "Документы 2026", "Документы 2026-old"]));
    fs::remove_file(home.path().join("Документы 2026").join("склад.md")).unwrap();
    fs::remove_file(&neighbour).unwrap();
    done(&mut home.b24(&["index", "add", "Документы 2026"]));
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    assert_eq!(status["data"]["pending"], 3, "{status}");
    let pruned = done(&mut home.b24(&["index", "add", "Документы 2026", "--prune", "--json"])).json();
    assert_eq!(pruned["data"]["pruned"], 1, "the neighbour folder was not named");
    let missing = run(&mut home.b24(&["index", "add", "Документы 2026-old/a.md"]));
    assert_eq!(missing.code, 2, "{missing:?}");
    let gone = done(&mut home.b24(&["index", "add", "Документы 2026-old/a.md", "--prune", "--json"])).json();
    assert_eq!(gone["data"]["pruned"], 1);
}

#[test]
fn records_come_on_stdin_one_a_line_and_a_broken_one_spoils_no_other() {
    let home = Home::new();
    let lines = "{\"id\":1,\"text\":\"Отгрузка в среду\",\"title\":\"Заметка\",\"url\":\"https://a.ru/1\",\"date\":\"2026-03-01\"}\n\
                 {\"id\":2}\nno json\n\n\
                 {\"source\":\"x\",\"text\":\"# Склад\\n\\nОтгрузка в пятницу\",\"format\":\"markdown\",\"date\":\"2025-01-01\"}\n";
    let mut command = home.b24(&["index", "add", "-", "--collection", "notes", "--mode", "sync", "--json"]);
    let added = run(command.write_stdin(lines));
    assert_eq!(added.code, 3, "{added:?}");
    let added = added.json();
    assert_eq!(added["data"]["documents"], 2);
    assert_eq!(added["data"]["skipped"]["bad-record"], 2);
    assert_eq!(added["problems"][1]["value"], "stdin:3");
    let found = done(&mut home.b24(&["search", "отгрузка", "--since", "01.02.2026", "--json"])).json();
    assert_eq!(found["data"]["hits"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["data"]["hits"][0]["url"], "https://a.ru/1");
    assert_eq!(found["data"]["ready"], 1, "counts are of what was searched");
    let wrong = run(&mut home.b24(&["search", "отгрузка", "--in", "nots"]));
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("notes"), "{wrong:?}");
    let reserved = run(&mut home.b24(&["index", "add", ".", "--collection", "crm.deal"]));
    assert_eq!(reserved.code, 2, "{reserved:?}");
}

#[test]
fn purge_states_its_scope_and_asks() {
    let home = Home::new();
    folder(&home);
    done(&mut home.b24(&["index", "add", "Документы 2026"]));
    let asked = run(&mut home.b24(&["index", "purge", "--in", "files"]));
    assert_eq!(asked.code, 4, "{asked:?}");
    assert!(asked.stderr.contains("the collection files: 2 documents, 2 chunks"), "{asked:?}");
    assert_eq!(run(&mut home.b24(&["index", "purge"])).code, 2);
    let one = done(&mut home.b24(&["index", "purge", "склад.md", "--yes"]));
    assert!(one.stdout.contains("1 documents removed"), "{one:?}");
    let all = done(&mut home.b24(&["index", "purge", "--all", "--yes", "--json"])).json();
    assert_eq!(all["data"]["documents"], 1);
}

#[test]
fn why_tells_the_state_of_every_chunk() {
    let home = Home::new();
    folder(&home);
    done(&mut home.b24(&["index", "add", "Документы 2026"]));
    let why = done(&mut home.b24(&["index", "why", "склад.md", "--json"])).json();
    assert_eq!(why["data"]["chunks"][0]["status"], "PENDING", "{why}");
    let unknown = run(&mut home.b24(&["index", "why", "nothing"]));
    assert_eq!(unknown.code, 2, "{unknown:?}");
}

#[test]
fn entries_of_a_feed_are_documents_with_address_and_date() {
    let home = Home::new();
    home.write(
        "news.rss",
        "<rss version='2.0'><channel><title>Новости</title><item><title>Приём</title><link>https://a.ru/1</link>\
         <guid>n1</guid><pubDate>Mon, 02 Mar 2026 10:00:00 +0300</pubDate>\
         <description>&lt;p&gt;Возвраты &lt;b&gt;по пятницам&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>",
    );
    home.write(
        "blog.atom",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>b1</id><title>Склад</title><link href='https://a.ru/2'/>\
         <updated>2025-01-02T03:04:05Z</updated><content type='html'><![CDATA[<p>Отгрузка по средам</p>]]></content></entry></feed>",
    );
    home.write("plain.xml", "<note>Просто текст</note>");
    let args = ["index", "add", "news.rss", "blog.atom", "plain.xml", "--mode", "sync", "--json"];
    let added = done(&mut home.b24(&args)).json();
    assert_eq!(added["data"]["documents"], 3, "{added}");
    let found = done(&mut home.b24(&["search", "возвраты", "--since", "2026-03-02", "--json"])).json();
    assert_eq!(found["data"]["hits"][0]["url"], "https://a.ru/1", "{found}");
    assert_eq!(found["data"]["hits"][0]["snippet"], "Возвраты по пятницам");
    let found = done(&mut home.b24(&["search", "отгрузка", "--json"])).json();
    let hit = &found["data"]["hits"][0];
    assert!(hit["source"].as_str().unwrap().ends_with("blog.atom#b1"), "{found}");
    assert_eq!(hit["url"], "https://a.ru/2");
}
