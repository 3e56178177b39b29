//! `b24 import`: every row at most once, with an outcome.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::stage::{Home, Ran, Stage, done, run};

/// Rows of deals with a key.
pub(crate) fn deals(count: usize) -> String {
    let mut text = "TITLE,ORIGIN_ID,ORIGINATOR_ID\n".to_owned();
    for n in 1..=count {
        writeln!(text, "Сделка {n},K-{n},import").unwrap();
    }
    text
}

/// The outcome file, line by line.
pub(crate) fn outcomes(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Keys of all deals that the import made, each as often as it is there.
pub(crate) fn imported(stage: &Stage) -> Vec<String> {
    let mut keys = Vec::new();
    let mut start = Some(0);
    while let Some(at) = start {
        let args = ["call", "crm.deal.list", "--json", "-p", "filter[ORIGINATOR_ID]=import"];
        let mut command = stage.b24(&args);
        let start_at = format!("start={at}");
        command.args(["-p", "select[]=ORIGIN_ID", "-p", "order[ID]=ASC", "-p", &start_at]);
        let page = done(&mut command).json();
        let rows = page["result"].as_array().unwrap().clone();
        keys.extend(rows.iter().map(|row| row["ORIGIN_ID"].as_str().unwrap().to_owned()));
        start = page["next"].as_u64();
    }
    keys
}

fn counts(ran: &Ran) -> [u64; 4] {
    let data = ran.json()["data"].clone();
    ["ok", "rejected", "unknown", "not_sent"].map(|name| data[name].as_u64().unwrap())
}

const ADD: [&str; 4] = ["import", "crm.deal.add", "d.csv", "--json"];
const OUTCOMES: &str = "d.csv.outcomes.jsonl";

#[test]
fn every_row_has_one_line_with_its_outcome_and_a_second_run_sends_nothing() {
    let stage = Stage::new();
    stage.home.write("d.csv", &deals(120));
    let ran = done(&mut stage.b24(&ADD));
    assert_eq!(counts(&ran), [120, 0, 0, 0]);
    assert!(ran.stderr.contains("d.csv: CSV with commas, UTF-8, 120 rows"), "{ran:?}");
    let lines = outcomes(&stage.home.path().join(OUTCOMES));
    assert_eq!(lines.len(), 120);
    assert_eq!((&lines[0]["line"], &lines[0]["outcome"]), (&2.into(), &"ok".into()));
    assert!(lines.iter().all(|line| line["id"].as_u64().is_some_and(|id| id > 60)));
    let again = done(&mut stage.b24(&ADD));
    assert_eq!((counts(&again), &again.json()["data"]["sent"]), ([120, 0, 0, 0], &0.into()));
    assert_eq!(imported(&stage).len(), 120);
}

#[test]
fn malformed_rows_are_kept_and_reported_and_the_rest_goes_on() {
    let stage = Stage::new();
    let text = "\u{feff}Название;Ключ;Сумма;\r\nОдин;k1;100;\r\n\"open;k2;1;\r\nДва;k3;5;\r\nтри;k4\r\nЕщё;k1;7;\r\n\
                \"в две\r\nстроки\";k6;8;\r\n";
    stage.home.write("d.csv", text);
    let maps = ["--map", "Название=TITLE", "--map", "Ключ=ORIGIN_ID", "--map", "Сумма=OPPORTUNITY"];
    let with = |more: &[&str]| run(stage.b24(&ADD).args(maps).args(["--key", "ORIGIN_ID"]).args(more));

    let dry = with(&["--dry-run"]);
    assert_eq!((dry.code, &dry.json()["data"]["to_send"]), (3, &3.into()), "{dry:?}");
    assert!(!stage.home.path().join(OUTCOMES).exists());

    let ran = with(&[]);
    assert_eq!((ran.code, counts(&ran)), (3, [3, 3, 0, 0]), "{ran:?}");
    assert!(ran.stderr.contains("CSV with semicolons"), "{ran:?}");
    let told: Vec<String> = outcomes(&stage.home.path().join(OUTCOMES))
        .iter()
        .map(|line| format!("{} {} {}", line["line"], line["outcome"], line["reason"]))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    2 "ok" null
    3 "rejected" "a quote is not closed"
    4 "ok" null
    5 "rejected" "it has 2 columns, the heading has 4"
    6 "rejected" "its key stands in line 2 already"
    7 "ok" null
    "#);
    // What an earlier run reported is no news.
    assert_eq!(with(&[]).code, 0);

    // A corrected row is sent, the others stay what they are.
    stage.home.write("d.csv", &text.replace("три;k4\r\n", "три;k4;9;\r\n"));
    assert_eq!(counts(&with(&[])), [4, 2, 0, 0]);
}

#[test]
fn json_lines_keep_nested_values_and_the_limit_is_continued() {
    let stage = Stage::new();
    let rows = "{\"NAME\":\"Анна\",\"PHONE\":[{\"VALUE\":\"+79990000001\",\"VALUE_TYPE\":\"WORK\"}]}\n\
                {\"NAME\":\"Борис\"}\n{\"NAME\":\n{\"NAEM\":\"Вера\"}\n{\"NAME\":\"Глеб\"}\n";
    stage.home.write("c.jsonl", rows);
    let import = ["import", "crm.contact.add", "c.jsonl", "--json"];
    let first = run(stage.b24(&import).args(["--limit", "1"]));
    assert_eq!(counts(&first), [1, 2, 0, 0]);
    let second = done(&mut stage.b24(&import));
    assert_eq!(counts(&second), [3, 2, 0, 0]);
    let lines = outcomes(&stage.home.path().join("c.jsonl.outcomes.jsonl"));
    let id = format!("id={}", lines[0]["id"]);
    let contact = done(&mut stage.b24(&["call", "crm.contact.get", "--json", "-p", &id])).json();
    assert_eq!(contact["result"]["PHONE"][0]["VALUE"], "+79990000001");
    assert_eq!(lines[3]["reason"], "the portal has no field `NAEM`");
}

#[test]
fn items_need_their_entity_type_and_updates_keep_the_old_values() {
    let stage = Stage::new();
    stage.home.write("i.csv", "title,xmlId\nСчёт А,x1\nСчёт Б,x2\n");
    let items = ["import", "crm.item.add", "i.csv", "--json", "-p", "entityTypeId=31", "--key", "xmlId"];
    let ran = done(&mut stage.b24(&items));
    assert_eq!(counts(&ran), [2, 0, 0, 0]);
    assert!(outcomes(&stage.home.path().join("i.csv.outcomes.jsonl"))[1]["id"].as_u64().unwrap() > 0);

    stage.home.write("u.csv", "ID;TITLE\n1;Новый\n999999;Нет такой\n2;Второй\n;Без номера\n");
    let ran = run(&mut stage.b24(&["import", "crm.deal.update", "u.csv", "--json"]));
    assert_eq!((ran.code, counts(&ran)), (3, [2, 2, 0, 0]), "{ran:?}");
    let lines = outcomes(&stage.home.path().join("u.csv.outcomes.jsonl"));
    assert!(lines[0]["before"]["TITLE"].as_str().is_some_and(|title| title != "Новый"), "{lines:?}");
    assert_eq!(lines[1]["reason"], "Not found");
    assert_eq!(lines[3]["code"], "import.id-missing");
    let deal = done(&mut stage.b24(&["call", "crm.deal.get", "--json", "-p", "id=2"])).json();
    assert_eq!(deal["result"]["TITLE"], "Второй");
}

#[test]
fn an_outcome_file_of_another_portal_or_of_changed_rows_is_refused() {
    let stage = Stage::new();
    stage.home.write("d.csv", &deals(3));
    done(&mut stage.b24(&ADD));
    let path = stage.home.path().join(OUTCOMES);
    let kept = std::fs::read_to_string(&path).unwrap();

    std::fs::write(&path, kept.replace(&stage.portal(), "acme.bitrix24.ru")).unwrap();
    let ran = run(&mut stage.b24(&ADD));
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (4, &"import.outcomes-foreign".into()), "{ran:?}");
    assert!(ran.stderr.contains("crm.deal.add on acme.bitrix24.ru"), "{ran:?}");

    std::fs::write(&path, &kept).unwrap();
    stage.home.write("d.csv", &deals(3).replace("Сделка 2", "Другая"));
    let ran = run(&mut stage.b24(&ADD));
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (4, &"import.input-changed".into()), "{ran:?}");
    assert_eq!(imported(&stage).len(), 3);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), kept);
}

#[test]
fn a_read_only_portal_gets_no_row_but_a_dry_run_is_fine() {
    let stage = Stage::new();
    stage.home.write("d.csv", &deals(3));
    let ran = run(stage.b24(&ADD).env("B24_ACCESS", "read"));
    assert_eq!((ran.code, stage.sandbox.journal().requests), (4, 0), "{ran:?}");
    done(stage.b24(&ADD).arg("--dry-run").env("B24_ACCESS", "read"));
    assert!(!stage.home.path().join(OUTCOMES).exists());
}

#[test]
fn a_portal_that_goes_away_is_five_and_the_next_run_continues() {
    let stage = Stage::new();
    stage.home.write("d.csv", &deals(200));
    // The whole request is refused for its credentials: nothing was executed, no row is to blame.
    stage.sandbox.inject("[[fault]]\nmethod = \"batch\"\nnth = 1\ndo = \"401\"".parse().unwrap());
    let ran = run(&mut stage.b24(&ADD));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert_eq!(ran.json()["data"]["rejected"], 0, "{ran:?}");
    stage.sandbox.inject("".parse().unwrap());
    assert_eq!(counts(&done(&mut stage.b24(&ADD))), [200, 0, 0, 0]);
    assert_eq!(imported(&stage).len(), 200);
}

#[test]
fn wrong_imports_are_told_before_anything_is_asked() {
    let home = Home::new();
    home.write("d.csv", "TITLE,TITLE\n1,2\n");
    home.write("e.csv", "");
    home.write("f.csv", "TITLE\nx\n");
    let code = |args: &[&str]| {
        let ran = run(home.b24(&["import"]).args(args).arg("--json"));
        assert_eq!(ran.code, 2, "{ran:?}");
        ran.json()["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code(&["crm.deal.delete", "f.csv"]), "import.method");
    assert_eq!(code(&["crm.deal.add", "missing.csv"]), "import.not-readable");
    assert_eq!(code(&["crm.deal.add", "d.csv"]), "import.heading");
    assert_eq!(code(&["crm.deal.add", "e.csv"]), "import.heading");
    assert_eq!(code(&["crm.deal.add", "f.csv", "--map", "X=TITLE"]), "import.map");
    assert_eq!(code(&["crm.deal.add", "f.csv", "--map", "X"]), "cli.usage");
    assert_eq!(code(&["crm.deal.add", "f.csv", "--key", "ORIGIN_ID"]), "import.key-not-mapped");
    assert_eq!(code(&["crm.deal.update", "f.csv"]), "import.map");
}
