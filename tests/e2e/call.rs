//! `b24 call`.

use crate::stage::{Stage, done, run, steady};

#[test]
fn the_result_is_shown_indented_and_the_portal_and_user_on_stderr() {
    let stage = Stage::new();
    let ran = done(&mut stage.b24(&["call", "scope"]));
    insta::assert_snapshot!(ran.stdout, @r#"
    [
      "crm",
      "user_brief",
      "user"
    ]
    "#);
    insta::assert_snapshot!(steady(&ran.stderr, &stage.portal()), @"portal PORTAL, user 1 NAME, administrator");
}

#[test]
fn quiet_says_nothing_on_stderr() {
    let stage = Stage::new();
    assert_eq!(done(&mut stage.b24(&["call", "scope", "--quiet"])).stderr, "");
}

#[test]
fn json_is_the_reply_of_the_portal_unchanged() {
    let stage = Stage::new();
    let ran = done(&mut stage.b24(&[
        "call",
        "crm.deal.list",
        "--json",
        "-p",
        "select[]=ID",
        "-p",
        "filter[>ID]=5",
    ]));
    let reply = ran.json();
    assert!(reply["time"]["duration"].is_number(), "{reply}");
    assert!(reply["total"].is_number(), "{reply}");
    let ids: Vec<u64> = reply["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["ID"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| *id > 5), "{ids:?}");
}

#[test]
fn json_of_a_refused_call_is_the_refusal() {
    let stage = Stage::new();
    let ran = run(&mut stage.b24(&[
        "call",
        "crm.item.get",
        "--json",
        "-p",
        "entityTypeId=31",
        "-p",
        "id=99999999",
    ]));
    assert_eq!((ran.code, ran.json()["error"].as_str()), (3, Some("NOT_FOUND")), "{ran:?}");
}

#[test]
fn parameters_come_from_a_file_or_from_stdin_with_p_on_top() {
    let stage = Stage::new();
    let json = r#"{"entityTypeId": 31, "select": ["id"], "filter": {"<id": 1}}"#;
    let path = stage.home.write("параметры запроса.json", json);
    let from_file =
        ["call", "crm.item.list", "--json", "--params", path.to_str().unwrap(), "-p", "filter[<id]=100000"];
    let file = done(&mut stage.b24(&from_file)).json();
    let from_stdin = ["call", "crm.item.list", "--json", "--params", "-", "-p", "filter[<id]=100000"];
    let stdin = done(stage.b24(&from_stdin).write_stdin(json)).json();
    assert_eq!(file["result"], stdin["result"]);
    assert!(!file["result"]["items"].as_array().unwrap().is_empty(), "{file}");
}

#[test]
fn bad_parameters_are_two_and_name_line_and_column() {
    let stage = Stage::new();
    let ran = run(stage.b24(&["call", "crm.deal.list", "--params", "-"]).write_stdin("{\n\"filter\": {]\n}"));
    assert_eq!((ran.code, stage.sandbox.journal().requests), (2, 0), "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @"
    error[call.params-json]: reading the parameters from stdin
      why: key must be a string at line 2 column 12
      try: correct the JSON at this position
    ");
    assert_eq!(run(&mut stage.b24(&["call", "crm.deal.list", "-p", "id"])).code, 2);
    assert_eq!(run(&mut stage.b24(&["call", "crm.deal.list", "--params", "missing.json"])).code, 4);
    assert_eq!(run(&mut stage.b24(&["call", "../batch"])).code, 2);
}

#[test]
fn an_unknown_method_says_so() {
    let stage = Stage::new();
    let ran = run(&mut stage.b24(&["call", "crm.deal.lsit"]));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stderr.contains("error[client.method-unknown]"), "{ran:?}");
}

#[test]
fn a_certificate_of_its_own_needs_the_ca_file_of_the_profile() {
    let stage = Stage::with(|sandbox| sandbox.tls_port(0));
    let webhook = stage.sandbox.tls_webhook().unwrap();
    let ca = stage.sandbox.ca_file().unwrap().display().to_string();
    stage.home.write("config.toml", &format!("[profile.a]\nwebhook = \"{webhook}\"\nca_file = '{ca}'\n"));
    done(&mut stage.home.b24(&["call", "profile"]));
}

#[test]
fn a_batch_with_a_refused_command_is_partial() {
    let stage = Stage::new();
    let batch = |second: &str| {
        let second = format!("cmd[b]={second}");
        run(&mut stage.b24(&["call", "batch", "-p", "cmd[a]=profile", "-p", &second, "--quiet"]))
    };
    assert_eq!(batch("scope").code, 0);
    let ran = batch("crm.deal.get?id=99999999");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(ran.stderr, "warning: the portal refused 1 commands of the batch, see result_error\n");
}
