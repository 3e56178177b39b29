//! `b24 login`, and the commands with an application's profile.

use std::fs;
use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;

use assert_cmd::Command;

use crate::stage::{Ran, Stage, done, run, wait_until_by};

/// A stage whose config file has an application of the sandbox.
struct Installed {
    stage: Stage,
}

impl Installed {
    fn new(more: &str) -> Self {
        Self::on(Stage::new(), more)
    }

    fn on(stage: Stage, more: &str) -> Self {
        let (address, known) = (stage.sandbox.address(), stage.sandbox.oauth());
        let text = format!(
            "[profile.app]\nportal = \"{address}\"\noauth_host = \"{address}\"\nclient_id = \"{}\"\n{more}",
            known.client_id
        );
        stage.home.write("config.toml", &text);
        Self { stage }
    }

    fn b24(&self, args: &[&str]) -> Command {
        let mut command = self.stage.home.b24(args);
        command.env("B24_CLIENT_SECRET", self.stage.sandbox.oauth().client_secret);
        command.arg("--state-dir").arg(self.state());
        command
    }

    fn start(&self, args: &[&str]) -> Child {
        let mut command = self.stage.home.spawn(args);
        command.env("B24_CLIENT_SECRET", self.stage.sandbox.oauth().client_secret);
        command.arg("--state-dir").arg(self.state()).spawn().unwrap()
    }

    fn state(&self) -> PathBuf {
        self.stage.home.path().join("состояние b24")
    }

    fn tokens(&self) -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(self.state().join("app").join("tokens.json")).unwrap())
            .unwrap()
    }

    fn login(&self) -> Ran {
        self.silent(done(self.b24(&["login"]).write_stdin(self.stage.sandbox.authorization_code())))
    }

    /// The same run, in which no token, code or client secret was printed.
    fn silent(&self, ran: Ran) -> Ran {
        let tokens = self.tokens();
        let secrets = ["access_token", "refresh_token"].map(|key| tokens[key].as_str().unwrap().to_owned());
        let secret = self.stage.sandbox.oauth().client_secret.to_owned();
        for secret in secrets.iter().chain([&secret]) {
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{ran:?}");
        }
        assert!(!ran.stderr.contains("c0de"), "{ran:?}");
        ran
    }

    fn steady(&self, text: &str) -> String {
        text.replace(&self.stage.portal(), "PORTAL").replace(&self.state().display().to_string(), "STATE")
    }
}

#[test]
fn login_prints_the_address_takes_the_code_and_runs_doctor() {
    let app = Installed::new("");
    let ran = app.login();
    let lines: Vec<String> = app.steady(&ran.stderr).lines().take(3).map(str::to_owned).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    Open this address in a browser as the user whose rights b24 is to have:
    http://PORTAL/oauth/authorize/?client_id=local.b24sandbox.00000001
    the tokens are stored in STATE/app/tokens.json, readable by you only
    ");
    assert!(ran.stdout.contains("PORTAL") || ran.stdout.contains("companies"), "doctor ran: {ran:?}");
    let address = format!("https://app.example/?state=&code={}", app.stage.sandbox.authorization_code());
    done(app.b24(&["login", "--quiet"]).write_stdin(address));
    assert_eq!(app.stage.sandbox.oauth().logins, 2);
}

#[cfg(unix)]
#[test]
fn tokens_belong_to_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let app = Installed::new("");
    app.login();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(app.state().join("app")), 0o700);
    assert_eq!(mode(app.state().join("app").join("tokens.json")), 0o600);
}

#[test]
fn every_command_works_with_an_application_and_renews_its_tokens_during_a_run() {
    let app = Installed::new("");
    app.login();
    let first = app.tokens();
    app.stage.sandbox.expire_tokens();
    let call = app.silent(done(&mut app.b24(&["call", "crm.deal.list", "-p", "select[]=ID"])));
    assert!(call.stdout.contains("ID") && call.stderr.contains(&app.stage.portal()), "{call:?}");
    assert_eq!(app.stage.sandbox.oauth().refreshes, 1);
    assert_ne!(app.tokens()["refresh_token"], first["refresh_token"], "the new pair is stored");
    assert_eq!(app.tokens()["member_id"], app.stage.sandbox.oauth().member_id);

    app.stage.sandbox.expire_tokens();
    let args = ["report", "invoices", "--period", "2026", "-o", "r.jsonl"];
    app.silent(done(&mut app.b24(&args)));
    done(&mut app.b24(&["fields", "deal", "--find", "TITLE"]));
    assert_eq!((app.stage.sandbox.oauth().refreshes, app.stage.sandbox.oauth().refused), (2, 0));
}

#[test]
fn tokens_that_end_in_the_middle_of_a_run_are_renewed_once() {
    let app = Installed::on(Stage::with(|sandbox| sandbox.latency(Duration::from_millis(60))), "");
    app.login();
    let before = app.stage.sandbox.journal().requests;
    let mut child = app.start(&["report", "invoices", "--period", "2026", "-o", "r.jsonl"]);
    let requests = || app.stage.sandbox.journal().requests;
    wait_until_by(&mut child, "the report is under way", || requests() >= before + 2);
    app.stage.sandbox.expire_tokens();
    let ran = app.silent(Ran::new(&child.wait_with_output().unwrap()));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(app.stage.sandbox.oauth().refreshes, 1);
    let rows = fs::read_to_string(app.stage.home.path().join("r.jsonl")).unwrap();
    assert!(rows.lines().count() > 1 && !rows.contains("\"gap\""), "{rows}");
}

#[test]
fn eight_programs_whose_tokens_end_at_once_renew_them_once_p34() {
    let app = Installed::new("");
    app.login();
    app.stage.sandbox.expire_tokens();
    let running: Vec<Child> = (0..8).map(|_| app.start(&["call", "profile"])).collect();
    for child in running {
        let ran = app.silent(Ran::new(&child.wait_with_output().unwrap()));
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert_eq!((app.stage.sandbox.oauth().refreshes, app.stage.sandbox.oauth().refused), (1, 0));
}

#[test]
fn diagnostics_show_no_token_and_no_client_secret_p41() {
    let app = Installed::new("");
    app.login();
    app.stage.sandbox.expire_tokens();
    let first = app.tokens();
    let ran = app.silent(done(app.b24(&["call", "crm.deal.list"]).env("B24_LOG", "trace")));
    assert!(ran.stderr.contains("renewed the tokens"), "{ran:?}");
    for key in ["access_token", "refresh_token"] {
        assert!(!ran.stderr.contains(first[key].as_str().unwrap()), "{ran:?}");
    }
}

#[test]
fn without_a_login_after_a_refusal_and_with_a_webhook_it_is_said_what_to_do() {
    let app = Installed::new("");
    let ran = run(&mut app.b24(&["call", "profile"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(app.steady(&ran.stderr), @"
    error[client.login-needed]: no valid login to PORTAL
      why: there are no tokens yet
      try: run `b24 login`
    ");
    let ran = run(app.b24(&["login"]).write_stdin("https://app.example/?error=access_denied"));
    assert!(ran.code == 4 && ran.stderr.contains("error[login.code]"), "{ran:?}");
    let ran = run(app.b24(&["login"]).write_stdin("0ldc0de"));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("invalid_grant") && ran.stderr.contains("30 seconds"), "{ran:?}");
    assert!(!ran.stderr.contains("0ldc0de"), "{ran:?}");

    app.login();
    app.stage.sandbox.expire_tokens();
    app.stage.sandbox.refuse_tokens(Some("NOT_INSTALLED"));
    let ran = run(&mut app.b24(&["call", "profile"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(app.steady(&ran.stderr), @"
    error[client.login-refused]: no valid login to PORTAL
      why: PORTAL refused: NOT_INSTALLED: refused by POST /sandbox/oauth
      try: install the application in the portal, then run `b24 login`
    ");

    let ran = run(&mut app.b24(&["login", "https://app.example/?code=0ldc0de&domain=acme.bitrix24.ru"]));
    assert!(ran.code == 2 && !ran.stderr.contains("0ldc0de"), "{ran:?}");

    let ran = run(app.b24(&["login"]).env("B24_WEBHOOK", app.stage.sandbox.webhook()));
    assert!(ran.code == 4 && ran.stderr.contains("error[login.no-application]"), "{ran:?}");
}

#[test]
fn a_renamed_portal_is_refused_until_the_profile_accepts_its_new_host_p44() {
    let app = Installed::new("");
    app.login();
    app.stage.sandbox.rename();
    let before = app.stage.sandbox.journal().requests;
    let ran = run(&mut app.b24(&["call", "profile"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    let name = app.stage.portal().replace("127.0.0.1", "localhost");
    insta::assert_snapshot!(app.steady(&ran.stderr).replace(&name, "NEW"), @r#"
    error[client.portal-moved]: the portal 127.0.0.1 has moved to NEW
      try: if the portal really was renamed, say accept_host = "NEW" in the profile, or make a new webhook there
    "#);
    assert_eq!(app.stage.sandbox.journal().requests - before, 1);

    let text = fs::read_to_string(app.stage.home.config()).unwrap();
    app.stage.home.write("config.toml", &format!("{text}accept_host = \"http://{name}\"\n"));
    let ran = done(&mut app.b24(&["call", "profile"]));
    assert!(ran.stderr.contains("portal"), "{ran:?}");
    assert_eq!(app.tokens()["portal"], format!("http://{name}"), "remembered for the next run");
    let before = app.stage.sandbox.journal().requests;
    done(&mut app.b24(&["call", "scope"]));
    assert_eq!(app.stage.sandbox.journal().requests - before, 2, "straight to the new host");

    let webhook = format!(
        "[profile.hook]\nwebhook = \"{}\"\naccept_host = \"http://{name}\"\n",
        app.stage.sandbox.webhook()
    );
    app.stage.home.write("config.toml", &webhook);
    done(&mut app.b24(&["call", "profile"]));
}

#[test]
fn config_show_says_what_opens_the_portal_and_no_secret() {
    let app = Installed::new("");
    let shown = |args: &[&str]| app.steady(&done(&mut app.b24(args)).stdout);
    assert!(shown(&["config", "show"]).contains(
        "in use: http://PORTAL, application local.b24sandbox.00000001, not logged in, access write"
    ));
    app.login();
    let ran = app.silent(done(&mut app.b24(&["config", "show", "--json"])));
    let application = &ran.json()["data"]["profiles"]["app"]["application"];
    assert_eq!(
        (&application["client_id"], &application["logged_in"]),
        (&"local.b24sandbox.00000001".into(), &true.into())
    );
    assert!(!shown(&["config", "show"]).contains("not logged in"));
}
