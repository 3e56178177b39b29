//! Bad input of every kind: three lines with what to do, the right exit code, no secret.

use std::net::TcpListener;

use crate::stage::{Home, SECRET, Stage, run, steady};

/// A port that nobody listens on.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_wrong_webhook_code_is_told_as_such() {
    let stage = Stage::new();
    let webhook = format!("http://{}/rest/1/{SECRET}/", stage.portal());
    let ran = run(&mut stage.b24_as(&webhook, &["doctor"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @"
    error[client.authorization]: the portal refused profile
      why: INVALID_CREDENTIALS: Invalid request credentials
      try: the webhook is wrong or was deleted: make a new one in the portal
    ");
}

#[test]
fn a_malformed_webhook_is_not_repeated() {
    let home = Home::new();
    let ran = run(home.b24(&["doctor"]).env("B24_WEBHOOK", format!("acme.bitrix24.ru {SECRET}")));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @"
    error[settings.webhook]: reading B24_WEBHOOK
      why: not a web address
      try: copy the address of the incoming webhook: https://PORTAL/rest/USER/CODE/
    ");
}

#[test]
fn plain_http_is_refused_for_any_other_machine() {
    let home = Home::new();
    let webhook = format!("http://acme.bitrix24.ru/rest/1/{SECRET}/");
    let ran = run(home.b24(&["doctor"]).env("B24_WEBHOOK", webhook));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @"
    error[settings.webhook]: reading B24_WEBHOOK
      why: http:// would send the secret unprotected to acme.bitrix24.ru
      try: use https://; http:// is for portals on this machine only
    ");
}

#[test]
fn an_unreachable_portal_is_five() {
    let home = Home::new();
    let webhook = format!("http://127.0.0.1:{}/rest/1/{SECRET}/", closed_port());
    let ran = run(home.b24(&["call", "profile", "--json"]).env("B24_WEBHOOK", webhook));
    assert_eq!(ran.code, 5, "{ran:?}");
    assert_eq!(ran.json()["error"]["code"], "client.unreachable");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{ran:?}");
    assert_eq!(lines[0], "error[client.unreachable]: cannot reach 127.0.0.1 for profile after 4 attempts");
    assert!(lines[1].starts_with("  why: no connection: "), "{ran:?}");
    assert_eq!(lines[2], "  try: check the address, the network and the proxy, then try again");
}

#[test]
fn a_portal_that_answers_html_is_five() {
    let faults = "[[fault]]\nmethod = \"*\"\nevery = 1\ndo = \"html\"\n".parse().unwrap();
    let stage = Stage::with(|sandbox| sandbox.faults(faults));
    let ran = run(&mut stage.b24(&["doctor"]));
    assert_eq!(ran.code, 5, "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @"
    error[client.not-an-answer]: the answer to profile is no portal's: status 502, it is a web page after 4 attempts
      try: try again later; the portal or something before it is in trouble
    ");
}

#[test]
fn a_missing_scope_is_four_and_names_the_scope() {
    let stage = Stage::new();
    let ran = run(&mut stage.b24_as(&stage.sandbox.webhook_of(1, "noscope"), &["fields", "deal"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(steady(&ran.stderr, &stage.portal()), @"
    portal PORTAL, user 1 NAME, administrator
    error[client.authorization]: the portal refused crm.deal.fields
      why: insufficient_scope: The request requires higher privileges than provided by the webhook token
      try: give the webhook the missing scope (crm, user_brief) in the portal
    ");
}

#[test]
fn an_unknown_key_in_the_config_file_is_refused_with_a_suggestion() {
    let home = Home::new();
    let text = format!("[profile.acme]\nwehbook = \"https://acme.bitrix24.ru/rest/1/{SECRET}/\"\n");
    let path = home.write("config.toml", &text);
    let ran = run(&mut home.b24(&["doctor"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(ran.stderr.replace(&path.display().to_string(), "CONFIG"), @"
    error[settings.unknown-key]: reading the config file CONFIG
      why: line 2: unknown key `wehbook` in [profile.acme]
      try: did you mean `webhook`?
    ");
}

#[test]
fn a_webhook_and_a_profile_of_another_host_are_refused_together() {
    let home = Home::new();
    home.write(
        "config.toml",
        &format!("[profile.acme]\nwebhook = \"https://acme.bitrix24.ru/rest/1/{SECRET}/\"\n"),
    );
    let webhook = format!("https://other.bitrix24.ru/rest/1/{SECRET}/");
    let ran = run(home.b24(&["doctor", "--profile", "acme"]).env("B24_WEBHOOK", webhook));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @"
    error[settings.another-portal]: choosing the portal
      why: B24_WEBHOOK is for other.bitrix24.ru, profile `acme` for acme.bitrix24.ru
      try: unset B24_WEBHOOK, or choose no profile
    ");
}

#[test]
fn a_bad_log_filter_is_four() {
    let home = Home::new();
    let ran = run(home.b24(&["config", "path"]).env("B24_LOG", "b24_client=loud"));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.starts_with("error[settings.log-filter]"), "{ran:?}");
}

#[test]
fn the_secret_is_not_in_the_most_talkative_log() {
    let stage = Stage::new();
    let ran = run(stage.b24(&["call", "profile"]).env("B24_LOG", "trace"));
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("TRACE") || ran.stderr.contains("DEBUG"), "there is a log at all: {ran:?}");
}
