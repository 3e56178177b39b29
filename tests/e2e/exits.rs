//! Every exit code that a user can bring about, and the document beside it.

use crate::stage::{Home, SECRET, Stage, done, run, steady, wait_until_by};

#[test]
fn zero_when_done() {
    let home = Home::new();
    assert!(done(&mut home.b24(&["--version"])).stdout.starts_with("b24 "));
    assert!(done(&mut home.b24(&["--help"])).stdout.contains("130  interrupted"));
}

#[test]
fn zero_when_the_reader_of_stdout_has_gone() {
    let home = Home::new();
    let mut child = home.spawn(&["completions", "zsh"]).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn two_for_wrong_usage_and_a_document_when_it_was_asked_for() {
    let home = Home::new();
    for args in [&["--no-such-flag"][..], &["no-such-command"], &["call"], &[]] {
        assert_eq!(run(&mut home.b24(args)).code, 2, "{args:?}");
    }
    let ran = run(&mut home.b24(&["doctor", "--json", "--no-such-flag"]));
    let document = ran.json();
    assert_eq!((ran.code, document["ok"].as_bool()), (2, Some(false)));
    assert_eq!(document["error"]["code"], "cli.usage");
    assert_eq!(document["error"]["exit"], 2);
}

#[test]
fn two_for_a_webhook_on_the_command_line_which_is_not_repeated() {
    let home = Home::new();
    let webhook = format!("https://acme.bitrix24.ru/rest/1/{SECRET}/");
    assert_eq!(run(&mut home.b24(&["doctor", &webhook])).code, 2);
    assert_eq!(run(&mut home.b24(&["call", &webhook])).code, 2);
}

#[test]
fn three_when_the_portal_rejects_the_call() {
    let stage = Stage::new();
    let ran = run(&mut stage.b24(&["call", "crm.deal.get", "-p", "id=99999999"]));
    assert_eq!(ran.code, 3, "{ran:?}");
    insta::assert_snapshot!(steady(&ran.stderr, &stage.portal()), @"
    portal PORTAL, user 1 NAME, administrator
    error[client.refused]: the portal refused crm.deal.get
      why: Not found
      try: read the portal's reason above
    ");
}

#[test]
fn three_when_it_is_unknown_whether_a_write_happened() {
    let faults = "[[fault]]\nmethod = \"crm.deal.add\"\ndo = \"reset-after\"\n".parse().unwrap();
    let stage = Stage::with(|sandbox| sandbox.faults(faults));
    let ran = run(&mut stage.b24(&["call", "crm.deal.add", "-p", "fields[TITLE]=x", "--quiet"]));
    assert_eq!(ran.code, 3, "{ran:?}");
    let calls = stage.sandbox.journal().recent.iter().filter(|call| call.method == "crm.deal.add").count();
    assert_eq!(calls, 1, "a write is not sent twice");
    assert!(ran.stderr.starts_with("error[client.answer-lost]"), "{ran:?}");
}

#[test]
fn four_for_configuration_authorisation_and_guards() {
    let home = Home::new();
    let ran = run(&mut home.b24(&["doctor"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(ran.stderr.replace(&home.config().display().to_string(), "CONFIG"), @"
    error[settings.no-portal]: choosing the portal
      why: B24_WEBHOOK is not set and CONFIG has no profile
      try: run `b24 config init`, or set B24_WEBHOOK to the address of an incoming webhook
    ");
}

#[test]
fn the_document_of_a_failure_says_what_why_and_what_to_do() {
    let home = Home::new();
    let ran = run(&mut home.b24(&["doctor", "--json"]));
    let document = ran.stdout.replace(&home.config().display().to_string(), "CONFIG");
    insta::assert_snapshot!(document, @r#"
    {
      "schema": 1,
      "ok": false,
      "data": null,
      "problems": [],
      "stats": {
        "requests": 0,
        "commands": 0,
        "waits_ms": 0,
        "retries": 0,
        "refused": 0,
        "limiter": null
      },
      "error": {
        "code": "settings.no-portal",
        "message": "choosing the portal",
        "cause": "B24_WEBHOOK is not set and CONFIG has no profile",
        "hint": "run `b24 config init`, or set B24_WEBHOOK to the address of an incoming webhook",
        "exit": 4
      }
    }
    "#);
}

#[cfg(unix)]
#[test]
fn one_hundred_and_thirty_when_interrupted() {
    use std::time::Duration;

    let stage = Stage::with(|sandbox| sandbox.latency(Duration::from_secs(30)));
    let mut child =
        stage.home.spawn(&["call", "profile"]).env("B24_WEBHOOK", stage.sandbox.webhook()).spawn().unwrap();
    wait_until_by(&mut child, "the portal is asked", || stage.sandbox.journal().requests > 0);
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ran = crate::stage::Ran::new(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @"
    error[cli.interrupted]: interrupted
      try: run the same command again
    ");
}
