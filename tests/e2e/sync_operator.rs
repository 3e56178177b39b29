//! What `b24 sync` says to the person in front of it: where something is wrong, and what to do next.

use crate::clinic::{Clinic, MAPPING, visits};
use crate::stage::{Ran, done, run};

fn clinic() -> Clinic {
    let clinic = Clinic::new();
    clinic.map(&MAPPING.replace("\"Сумма\"", "\"Статус приёма\" = \"status\"\n\"Сумма\""));
    clinic
}

fn told(clinic: &Clinic, args: &[&str]) -> Ran {
    run(&mut clinic.sync(args))
}

#[test]
fn bad_input_is_told_with_its_place_and_the_way_out() {
    let clinic = clinic();
    clinic.record(&visits(2));
    clinic.run_clean();
    clinic.stage.home.write("unfit.toml", &MAPPING.replace("\"Сумма\"", "\"Сума\""));
    clinic.stage.home.write("no-plan.json", "{}");
    clinic.stage.home.write("plan.xlsx", "not for programs");
    let cases: &[(&[&str], i32, &[&str])] = &[
        (
            &["plan", "unfit.toml"],
            4,
            &["does not fit the portal", "line 25: ", "`Сума`", "`Сумма`", "b24 sync check"],
        ),
        (&["plan", "m.toml", "-o", "no-plan.json"], 4, &["`no-plan.json` exists already", "--force"]),
        (&["plan", "m.toml", "-o", "nowhere/plan.json"], 4, &["nowhere/plan.json", "choose a folder"]),
        (&["plan", "m.toml", "-o", "plan.pdf"], 2, &["plan.pdf", ".json", ".xlsx"]),
        (&["apply", "plan.xlsx"], 2, &["plan.xlsx", "neither a mapping", "--mapping"]),
        (&["apply", "no-plan.json", "--mapping", "m.toml"], 2, &["no-plan.json", "b24 sync plan MAPPING -o"]),
        (&["apply", "missing.json", "--mapping", "m.toml"], 4, &["missing.json", "check the path"]),
        (&["history", "x"], 2, &["`x`", "no whole number", "b24 sync history"]),
        (&["history", "99"], 2, &["run 99", "b24 sync history"]),
        (&["revert", "99", "m.toml"], 2, &["run 99", "b24 sync history"]),
        (&["why", "T1_99"], 4, &["`T1_99`", "prefix"]),
        (&["rejects", "retry"], 2, &["--all", "--code"]),
        (&["rejects", "retry", "7"], 2, &["reject 7", "b24 sync rejects list"]),
        (&["rejects", "export", "-o", "r.txt"], 2, &["r.txt", ".csv", ".jsonl"]),
        (&["state", "forget-comments"], 2, &["--all", "KEY"]),
        (&["state", "import-comments", "no-plan.csv"], 4, &["no-plan.csv"]),
        (&["state", "import-comments", "m.toml"], 2, &["reading m.toml", "JSON object"]),
        (&["init", "--source", "m.toml", "-o", "m.toml"], 4, &["`m.toml` exists already", "--force"]),
        (&["run", "m.toml", "--every", "2"], 2, &["--every", "2m"]),
    ];
    for (args, code, texts) in cases {
        let ran = told(&clinic, args);
        assert_eq!(ran.code, *code, "{args:?}: {ran:?}");
        for text in *texts {
            assert!(ran.stderr.contains(text), "{args:?} does not say {text}: {}", ran.stderr);
        }
    }
}

#[test]
fn an_order_that_meets_nothing_explains_itself() {
    let clinic = clinic();
    let mut records = visits(3);
    records[1].amount = "много".to_owned();
    clinic.record(&records);
    let ran = told(&clinic, &["run", "m.toml", "--only", "T1_1", "--only", "T1_9"]);
    assert_eq!(ran.code, 0, "the bad row of another record is told by a run that takes it: {ran:?}");
    assert!(ran.stderr.contains("T1_9: not in the source; give whole keys"), "{ran:?}");
    assert_eq!(told(&clinic, &["run", "m.toml"]).code, 3);
    clinic.record(&[]);
    let ran = told(&clinic, &["run", "m.toml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("the source gave no row at all"), "{ran:?}");
}

#[test]
fn commands_that_have_nothing_to_do_say_so() {
    let clinic = clinic();
    clinic.record(&visits(1));
    clinic.run_clean();
    let cases: &[(&[&str], &str)] = &[
        (
            &["rejects", "drop", "--code", "sync.key-missing"],
            "no row is put aside with the code `sync.key-missing`",
        ),
        (&["rejects", "retry", "--all"], "nothing is put aside"),
        (&["state", "show"], "no cursor yet"),
        (&["status"], "no cursor yet: the next run begins at `initial`, or reads everything"),
        (
            &["state", "forget-comments", "T1_1"],
            "of 1 deal are posted anew by the next run that reads the records, such as `b24 sync run MAPPING --only T1_1 --full`",
        ),
        (&["state", "forget-comments", "T1_1"], "nothing is posted anew"),
        (&["history", "1"], "1 comment"),
    ];
    for (args, text) in cases {
        let ran = done(&mut clinic.sync(args));
        assert!(ran.stdout.contains(text), "{args:?}: {}", ran.stdout);
    }
    done(&mut clinic.sync(&["plan", "m.toml"]));
    let ran = done(&mut clinic.sync(&["history"]));
    assert!(ran.stdout.contains("nothing written: 0 to create, 1 to update"), "{}", ran.stdout);
}

#[test]
fn what_a_record_became_is_told_in_the_words_of_the_portal_with_the_numbers_of_its_cards() {
    let clinic = clinic();
    let mut visits = visits(1);
    clinic.record(&visits);
    clinic.run_clean();
    visits[0].status = "В процессе";
    visits[0].comment = "Приём 1: перенесён".to_owned();
    clinic.record(&visits);
    clinic.run_clean();
    let ran = done(&mut clinic.sync(&["why", "T1_1"]));
    assert!(ran.stdout.contains("Запланирован"), "what was there: {}", ran.stdout);
    assert!(ran.stdout.contains("В процессе"), "what it became: {}", ran.stdout);
    let stories = done(&mut clinic.sync(&["why", "T1_1", "--json"])).json()["data"].clone();
    let changes = stories[0]["changes"].as_array().unwrap();
    let numbers = |entity: &str| -> Vec<u64> {
        let of_entity = changes.iter().filter(|change| change["entity"] == entity);
        of_entity.map(|change| change["id"].as_u64().unwrap()).collect()
    };
    let deal = numbers("deal")[0];
    let comments = numbers("comment");
    assert_eq!(comments.len(), 2);
    assert!(comments[0] != comments[1] && !comments.contains(&deal), "deal {deal}, comments {comments:?}");
}

#[test]
fn why_a_deal_is_left_alone_is_told_in_words() {
    let clinic = clinic();
    let mut visits = visits(1);
    visits[0].status = "Завершен";
    clinic.record(&visits);
    clinic.run_clean();
    visits[0].status = "В процессе";
    clinic.record(&visits);
    let planned = done(&mut clinic.sync(&["plan", "m.toml"]));
    assert!(planned.stdout.contains("Счёт выдан [sync."), "the stage by its name: {}", planned.stdout);
    clinic.run_clean();
    let ran = done(&mut clinic.sync(&["why", "T1_1"]));
    assert!(ran.stdout.contains("the deal is closed; nothing to do; `closed` of [deal]"), "{}", ran.stdout);
}

#[test]
fn taking_a_run_back_lists_what_the_run_created() {
    let clinic = clinic();
    clinic.record(&visits(2));
    clinic.run_clean();
    let ran = done(&mut clinic.sync(&["revert", "1", "m.toml", "--yes"]));
    for key in ["- T1_1  deal ", "- T1_2  deal "] {
        assert!(ran.stdout.contains(key), "{}", ran.stdout);
    }
    assert!(ran.stdout.contains("the run created this deal; nothing is ever deleted"), "{}", ran.stdout);
}

#[test]
fn commands_whose_use_is_not_obvious_show_an_example() {
    let clinic = clinic();
    let commands: &[&[&str]] = &[
        &["init"],
        &["check"],
        &["plan"],
        &["apply"],
        &["run"],
        &["revert"],
        &["history"],
        &["why"],
        &["rejects", "retry"],
        &["rejects", "drop"],
        &["rejects", "export"],
        &["state", "set"],
        &["state", "rewind"],
        &["state", "forget-comments"],
        &["state", "import-comments"],
    ];
    for command in commands {
        let ran = told(&clinic, &[command, &["--help"][..]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        let example = format!("  b24 sync {}", command.join(" "));
        assert!(
            ran.stdout.contains("Example") && ran.stdout.contains(&example),
            "{command:?}: {}",
            ran.stdout
        );
        for line in ran.stdout.lines() {
            assert!(line.chars().count() <= 100, "{command:?}: {line}");
        }
    }
}
