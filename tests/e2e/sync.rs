//! `b24 sync plan`, `apply`, `run`, `revert` as operators use them.

use serde_json::Value;

use crate::clinic::{Clinic, MAPPING, visits};
use crate::stage::{done, run, steady, wait_until_by};

fn plan(clinic: &Clinic, args: &[&str]) -> Value {
    done(&mut clinic.sync(&[&["plan", "m.toml", "--json"], args].concat())).json()["data"].clone()
}

#[test]
fn twenty_new_records_take_five_requests_and_unchanged_ones_two() {
    let clinic = Clinic::new();
    clinic.record(&visits(20));
    let data = clinic.run_clean();
    assert_eq!(data["applied"]["deals_created"], 20, "{data}");
    let first = clinic.stage.sandbox.journal().requests;
    assert!(first <= 5, "{first} requests");
    clinic.assert_complete(20);
    let data = clinic.run_clean();
    assert_eq!(data["plan"]["counts"]["unchanged"], 20, "{data}");
    assert!(clinic.stage.sandbox.journal().requests - first <= 2);
}

#[test]
fn a_plan_is_a_diff_with_counts_and_robots_and_writes_nothing() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    let ran = done(&mut clinic.sync(&["plan", "m.toml"]));
    let said = steady(&ran.stderr, &clinic.stage.portal());
    assert!(said.starts_with("portal PORTAL, user 1 NAME, administrator"), "{said}");
    insta::assert_snapshot!(ran.stdout, @"
    + T1_1  new deal
        Название: Иванова1 Анна Петровна
        Сумма: 1001.5
        Врач: Орлов С. В.
        Воронка: Клиника
        Стадия: Приём назначен
        Внешний ключ: T1_1
        new contact: Иванова1 Анна Петровна +7900***0001
        comment: Приём 1: осмотр
    + T1_2  new deal
        Название: Иванова1 Анна Петровна
        Сумма: 1002.5
        Врач: Орлов С. В.
        Воронка: Клиника
        Стадия: Приём назначен
        Внешний ключ: T1_2
        new contact: Иванова1 Анна Петровна +7900***0001
        comment: Приём 2: осмотр

       records
    +  create                     2  1 new contact, 2 comments
    *  update                     0
    =  unchanged                  0
    -  left alone by a rule       0
    !  to be decided by a person  0
    !  not known                  0
    3 writes start robots and business processes:
      2 deals enter «Приём назначен»
      1 contact to create or change
    dates and times are on the clocks of Europe/Moscow
    ");
    assert!(clinic.deals().is_empty());
    let ran = run(&mut clinic.sync(&["plan", "m.toml", "--detailed-exit-code"]));
    assert_eq!(ran.code, 6, "{ran:?}");
    clinic.run_clean();
    assert_eq!(run(&mut clinic.sync(&["plan", "m.toml", "--detailed-exit-code"])).code, 0);
}

#[test]
fn a_saved_plan_is_judged_record_by_record_when_it_is_applied() {
    let clinic = Clinic::new();
    clinic.record(&visits(4));
    clinic.run_clean();
    let mut changed = visits(5);
    for visit in &mut changed {
        visit.amount = "7.00".to_owned();
    }
    clinic.record(&changed);
    let data = plan(&clinic, &["-o", "plan.json", "-o", "plan.xlsx"]);
    assert_eq!((data["counts"]["create"].as_u64(), data["counts"]["update"].as_u64()), (Some(1), Some(4)));
    assert!(clinic.stage.home.path().join("plan.xlsx").exists());
    // A manager changes the amount of one deal meanwhile.
    let id = format!("id={}", clinic.deal("T1_2")["id"]);
    let args = ["call", "crm.item.update", "-p", "entityTypeId=2", "-p", &id, "-p", "fields[opportunity]=55"];
    done(&mut clinic.stage.b24(&args));
    let apply = ["apply", "plan.json", "--mapping", "m.toml", "--yes", "--json"];
    let ran = run(&mut clinic.sync(&apply));
    let data = ran.json()["data"].clone();
    assert_eq!((ran.code, &data["plan"]["counts"]["conflict"]), (3, &1.into()), "{data}");
    assert_eq!(data["applied"]["outcomes"]["updated"], 3, "{data}");
    assert_eq!(clinic.deal("T1_2")["opportunity"], 55);
    assert_eq!(clinic.deal("T1_1")["opportunity"], 7);
    // A mapping that was changed since is another plan.
    clinic.map(&MAPPING.replace("\"Врач\" = \"doctor\"", "\"Врач\" = \"{doctor}.\""));
    let ran = run(&mut clinic.sync(&apply));
    assert_eq!(
        (ran.code, ran.json()["error"]["code"].as_str()),
        (4, Some("sync.plan-mapping-changed")),
        "{ran:?}"
    );
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_written() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    let ran = run(&mut clinic.sync(&["apply", "m.toml", "--json"]));
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (4, Some("cli.not-confirmed")), "{ran:?}");
    assert!(clinic.deals().is_empty());
    done(&mut clinic.sync(&["apply", "m.toml", "--yes"]));
    clinic.assert_complete(2);
}

#[test]
fn a_portal_that_is_only_read_is_planned_and_never_written_to() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    done(clinic.sync(&["plan", "m.toml"]).env("B24_ACCESS", "read"));
    let before = clinic.stage.sandbox.journal().requests;
    let ran = run(clinic.sync(&["run", "m.toml"]).env("B24_ACCESS", "read"));
    assert_eq!((ran.code, clinic.stage.sandbox.journal().requests), (4, before), "{ran:?}");
}

#[test]
fn a_tripped_guard_writes_nothing() {
    let clinic = Clinic::new();
    clinic.map(&MAPPING.replace("creates = 20000", "creates = 3"));
    clinic.record(&visits(4));
    let ran = clinic.run();
    assert_eq!(ran.code, 4, "{ran:?}");
    assert_eq!(ran.json()["problems"][0]["code"], "sync.guard-creates");
    assert!(clinic.deals().is_empty());
    clinic.record(&visits(3));
    clinic.run_clean();
    clinic.assert_complete(3);
}

#[test]
fn a_gentle_first_write_takes_some_records_and_leaves_the_rest() {
    let clinic = Clinic::new();
    clinic.record(&visits(6));
    done(&mut clinic.sync(&["run", "m.toml", "--limit", "2"]));
    assert_eq!(clinic.deals().len(), 2);
    done(&mut clinic.sync(&["run", "m.toml", "--only", "T1_6"]));
    assert_eq!(clinic.deals().keys().collect::<Vec<_>>(), ["T1_1", "T1_2", "T1_6"]);
    clinic.run_clean();
    clinic.assert_complete(6);
}

#[test]
fn bad_rows_are_put_aside_once_and_healed_after_the_fix() {
    let clinic = Clinic::new();
    let mut records = visits(6);
    records[1].amount = "много".to_owned();
    records[2].id = String::new();
    records[3].phone = "нет".to_owned();
    records[5].id = "5".to_owned();
    clinic.record(&records);
    let ran = clinic.run();
    let codes: Vec<String> = ran.json()["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ran.code, 3, "{ran:?}");
    insta::assert_snapshot!(codes.join("\n"), @"
    sync.number-unreadable
    sync.key-missing
    sync.key-duplicate
    sync.key-duplicate
    ");
    // The record with the bad number went on without it.
    assert_eq!(clinic.deals().keys().collect::<Vec<_>>(), ["T1_1", "T1_4"]);
    // What was told is no news.
    assert_eq!(clinic.run().code, 0);
    clinic.record(&visits(6));
    clinic.run_clean();
    let listed = done(&mut clinic.sync(&["rejects", "list", "--json"])).json()["data"].clone();
    let keys: Vec<&Value> = listed.as_array().unwrap().iter().map(|reject| &reject["key"]).collect();
    assert_eq!(clinic.deals().len(), 6, "{keys:?}");
    done(&mut clinic.sync(&["rejects", "drop", "--all"]));
}

#[test]
fn robots_are_started_by_run_and_by_nobody_with_skip() {
    let clinic = Clinic::new();
    clinic.record(&visits(4));
    let robots = plan(&clinic, &[])["robots"]["by_stage"]["C4:NEW"].clone();
    assert_eq!(robots, 4);
    clinic.run_clean();
    let starts = clinic.stage.sandbox.journal().robot_starts;
    assert_eq!(starts["deal"].values().sum::<u64>(), 4, "{starts:?}");

    let clinic = Clinic::new();
    clinic.map(&MAPPING.replace("automation = \"run\"", "automation = \"skip\""));
    clinic.record(&visits(30));
    let data = clinic.run_clean();
    assert_eq!(data["applied"]["deals_created"], 30, "{data}");
    clinic.assert_complete(30);
    assert_eq!(clinic.stage.sandbox.journal().robots, 0);
}

#[test]
fn a_user_who_may_not_import_is_told_before_anything_is_written_without_robots() {
    let clinic = Clinic::new();
    clinic.map(&MAPPING.replace("automation = \"run\"", "automation = \"skip\""));
    clinic.record(&visits(3));
    let restricted = clinic.stage.sandbox.webhook_of(2, "restricted");
    let as_manager = |args: &[&str]| {
        run(&mut clinic.stage.b24_as(&restricted, &[&["--state-dir", "state", "sync"], args].concat()))
    };
    let checked = as_manager(&["check", "m.toml", "--json"]);
    assert_eq!(checked.code, 4, "{checked:?}");
    assert_eq!(checked.json()["problems"][0]["code"], "sync.import-refused");
    let ran = as_manager(&["run", "m.toml", "--json"]);
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (4, Some("sync.import-refused")), "{ran:?}");
    assert!(clinic.deals().is_empty() && clinic.people().is_empty());
    assert_eq!(done(&mut clinic.sync(&["check", "m.toml"])).code, 0, "an administrator may");
    clinic.run_clean();
    clinic.assert_complete(3);
}

#[test]
fn a_run_is_taken_back_where_nobody_wrote_since() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    clinic.run_clean();
    let mut changed = visits(2);
    for visit in &mut changed {
        visit.amount = "7.00".to_owned();
    }
    clinic.record(&changed);
    let number = clinic.run_clean()["plan"]["run"].as_str().unwrap().to_owned();
    let id = format!("id={}", clinic.deal("T1_2")["id"]);
    let args = ["call", "crm.item.update", "-p", "entityTypeId=2", "-p", &id, "-p", "fields[opportunity]=55"];
    done(&mut clinic.stage.b24(&args));
    done(&mut clinic.sync(&["revert", &number, "m.toml", "--yes"]));
    assert_eq!(clinic.deal("T1_1")["opportunity"], 1001.5);
    assert_eq!(clinic.deal("T1_2")["opportunity"], 55);
}

#[test]
fn several_mappings_run_one_after_the_other_and_one_that_fails_keeps_nobody() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    let other = MAPPING.replace("name = \"clinic\"", "name = \"other\"").replace("T1_", "T2_");
    clinic.stage.home.write("other.toml", &other.replace("visits.csv", "missing.csv"));
    let ran = run(&mut clinic.sync(&["run", "other.toml", "m.toml", "--json"]));
    let runs = ran.json()["data"]["runs"].clone();
    assert_eq!(ran.code, 4, "{ran:?}");
    assert_eq!(runs[0]["error"]["code"], "sync.source-not-readable");
    clinic.assert_complete(2);
}

#[test]
fn a_loop_goes_on_until_it_is_asked_to_stop() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    let args = ["--state-dir", "state", "sync", "run", "m.toml", "--every", "1s"];
    let mut command = clinic.stage.home.spawn(&args);
    let mut child = command.env("B24_WEBHOOK", clinic.stage.sandbox.webhook()).spawn().unwrap();
    wait_until_by(&mut child, "the first run has written", || clinic.comments().len() >= 2);
    clinic.record(&visits(4));
    wait_until_by(&mut child, "a later run has written", || clinic.comments().len() >= 4);
    stop(&child);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    clinic.assert_complete(4);
}

/// Asks a process to stop, as a service manager does.
#[cfg(unix)]
fn stop(child: &std::process::Child) {
    let number = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &number]).status().unwrap().success());
}

#[cfg(not(unix))]
fn stop(child: &std::process::Child) {
    let number = child.id().to_string();
    std::process::Command::new("taskkill").args(["/PID", &number, "/F"]).status().unwrap();
}

#[test]
fn a_mapping_is_checked_against_the_portal_and_its_source() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    let ran = done(&mut clinic.sync(&["check", "m.toml"]));
    assert!(ran.stdout.contains("m.toml: 7 columns") && ran.stderr.starts_with("portal "), "{ran:?}");
    let wrong = MAPPING.replace("\"Врач\" = \"doctor\"", "\"Вроч\" = \"doctor\"");
    clinic.map(&wrong.replace("final = [\"Счёт выдан\"", "final = [\"Лист ожидания\""));
    let ran = run(&mut clinic.sync(&["check", "m.toml", "--json"]));
    let found: Vec<String> =
        ran.json()["problems"].as_array().unwrap().iter().map(|one| one["hint"].to_string()).collect();
    assert_eq!((ran.code, found.len()), (4, 2), "{ran:?}");
    assert!(found.iter().any(|hint| hint.contains("Врач")), "{found:?}");
}

#[test]
fn a_draft_says_what_is_left_to_decide_and_can_be_read() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    let ran = done(&mut clinic.sync(&["init", "--source", "visits.csv", "-o", "draft.toml"]));
    assert!(ran.stdout.contains("Left to decide:\n- "), "{ran:?}");
    let text = std::fs::read_to_string(clinic.stage.home.path().join("draft.toml")).unwrap();
    assert!(text.contains("visits.csv") && text.contains("Внешний ключ"), "{text}");
    assert_eq!(run(&mut clinic.sync(&["init", "--source", "visits.csv", "-o", "draft.toml"])).code, 4);
}
