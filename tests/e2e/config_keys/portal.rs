//! `[profile.X]`, `[limits]`, `[report]`.

use calamine::Reader as _;
use serde_json::Value;

use super::Case;
use crate::clinic::{Clinic, visits};
use crate::stage::{Ran, Stage, done, run};

/// Exit codes of a command without and with lines of a profile; the webhook is in the profile, not in the environment.
fn codes(stage: &Stage, profile: &str, line: &str, args: &[&str]) -> (i32, i32) {
    let code = |lines: &str| {
        stage.home.write("config.toml", &format!("[profile.a]\n{lines}\n"));
        run(&mut stage.home.b24(args)).code
    };
    (code(profile), code(&format!("{profile}\n{line}")))
}

/// The limiter as a run shows it.
fn limiter(limits: &str) -> Value {
    let stage = Stage::new();
    stage.home.write("config.toml", &format!("[limits]\n{limits}"));
    done(&mut stage.b24(&["doctor", "--json"])).json()["stats"]["limiter"].clone()
}

/// A register's file without and with a line of `[report]`.
fn registers(line: &str, file: &str) -> [(Ran, Vec<u8>); 2] {
    let stage = Stage::new();
    ["", line].map(|line| {
        stage.home.write("config.toml", &format!("[report]\n{line}\n"));
        let args = ["report", "invoices", "--period", "2026", "--basis", "shipped", "--force", "-o", file];
        let ran = run(&mut stage.b24(&args));
        (ran, std::fs::read(stage.home.path().join(file)).unwrap_or_default())
    })
}

fn sheets(workbook: &[u8]) -> Vec<String> {
    calamine::Xlsx::new(std::io::Cursor::new(workbook)).unwrap().sheet_names()
}

/// A field that is not there is looked for, and named.
fn field(key: &str) {
    let [(fine, _), (refused, _)] = registers(&format!("{key} = \"Нет такого поля\""), "r.csv");
    assert_eq!(fine.code, 0, "{fine:?}");
    assert!(refused.stderr.contains("Нет такого поля"), "{refused:?}");
}

/// An application of the sandbox with one line left out or changed; how `login` ends, and what it says.
fn login(change: (&str, &str), secret_in_environment: bool) -> Ran {
    let stage = Stage::new();
    let (address, known) = (stage.sandbox.address(), stage.sandbox.oauth());
    let text = format!(
        "[profile.app]\nportal = \"{address}\"\noauth_host = \"{address}\"\nclient_id = \"{}\"\n\
         client_secret_file = \"secret.txt\"\n",
        known.client_id
    );
    assert!(text.contains(change.0), "{change:?}");
    stage.home.write("config.toml", &text.replace(change.0, change.1));
    stage.home.write("secret.txt", known.client_secret);
    let mut command = stage.home.b24(&["login", "--state-dir", "state"]);
    if secret_in_environment {
        command.env("B24_CLIENT_SECRET", known.client_secret);
    }
    run(command.write_stdin(stage.sandbox.authorization_code()))
}

pub(super) const CASES: &[Case] = &[
    ("profile.webhook", || {
        let stage = Stage::new();
        let line = format!("webhook = \"{}\"", stage.sandbox.webhook());
        assert_eq!(codes(&stage, "", &line, &["call", "profile"]), (4, 0));
    }),
    ("profile.webhook_file", || {
        let stage = Stage::new();
        stage.home.write("hook.txt", &format!("{}\n", stage.sandbox.webhook()));
        assert_eq!(codes(&stage, "", "webhook_file = \"hook.txt\"", &["call", "profile"]), (4, 0));
    }),
    ("profile.access", || {
        let stage = Stage::new();
        let profile = format!("webhook = \"{}\"", stage.sandbox.webhook());
        let add = ["call", "crm.deal.add", "-p", "fields[TITLE]=Т"];
        assert_eq!(codes(&stage, &profile, "access = \"read\"", &add), (0, 4));
    }),
    ("profile.ca_file", || {
        let stage = Stage::with(|sandbox| sandbox.tls_port(0));
        let profile = format!("webhook = \"{}\"", stage.sandbox.tls_webhook().unwrap());
        let authority = format!("ca_file = '{}'", stage.sandbox.ca_file().unwrap().display());
        let (without, with) = codes(&stage, &profile, &authority, &["call", "profile"]);
        assert!(without != 0 && with == 0, "{without} {with}");
    }),
    ("profile.accept_host", || {
        let stage = Stage::new();
        let profile = format!("webhook = \"{}\"", stage.sandbox.webhook());
        let name = stage.portal().replace("127.0.0.1", "localhost");
        stage.sandbox.rename();
        let line = format!("accept_host = \"http://{name}\"");
        assert_eq!(codes(&stage, &profile, &line, &["call", "profile"]), (4, 0));
    }),
    ("profile.portal", || {
        let ran = login(("portal = \"http://127.0.0.1", "portal = \"http://localhost"), true);
        assert!(
            ran.stderr.contains("http://localhost") && ran.stderr.contains("/oauth/authorize/"),
            "{ran:?}"
        );
    }),
    ("profile.client_id", || {
        let ran = login(("client_id = \"local.", "client_id = \"other."), true);
        assert!(ran.code == 4 && ran.stderr.contains("client_id=other."), "{ran:?}");
    }),
    ("profile.client_secret_file", || {
        assert_eq!(login(("", ""), false).code, 0);
        assert_eq!(login(("client_secret_file = \"secret.txt\"\n", ""), false).code, 4);
    }),
    ("profile.oauth_host", || {
        let ran = login(("oauth_host = \"http://127.0.0.1", "oauth_host = \"http://127.0.0.1:1/"), true);
        assert_ne!(ran.code, 0, "{ran:?}");
    }),
    ("limits.plan", || {
        assert_eq!(
            (&limiter("")["capacity"], &limiter("plan = \"enterprise\"")["capacity"]),
            (&49.into(), &249.into())
        );
    }),
    ("limits.rate", || assert_eq!(limiter("rate = 0"), Value::Null, "no limit is observed")),
    ("limits.burst", || assert_eq!(limiter("burst = 8")["capacity"], 7)),
    ("limits.settle_after_s", || {
        // A write that was lost is sent again when the portal can no longer execute it.
        let clinic = Clinic::new();
        clinic.stage.home.write("config.toml", "[limits]\nrate = 0\nsettle_after_s = 3\n");
        clinic.record(&visits(1));
        clinic.inject("crm.item.add", 2, "reset-before");
        let ran = clinic.run();
        assert!(ran.stderr.contains("waiting 3 s") && clinic.deals().len() == 1, "{ran:?}");
    }),
    ("report.shipped_field", || field("shipped_field")),
    ("report.paid_field", || field("paid_field")),
    ("report.layout", || {
        let [(_, register), (_, brief)] = registers("layout = \"brief\"", "r.xlsx");
        assert_eq!((sheets(&register)[0].as_str(), sheets(&brief)[0].as_str()), ("Реестр", "Краткий"));
    }),
    ("report.lang", || {
        let [(_, russian), (_, english)] = registers("lang = \"en\"", "r.xlsx");
        assert!(sheets(&russian)[0] == "Реестр" && sheets(&english)[0] != "Реестр");
    }),
    ("report.csv", || {
        let [(_, machine), (_, excel)] = registers("csv = \"ru-excel\"", "r.csv");
        assert!(machine.starts_with(b"id,") && excel.starts_with("\u{feff}".as_bytes()));
    }),
    ("report.columns", || {
        let [_, (_, file)] = registers("csv = \"ru-excel\"\ncolumns = [\"inn\", \"gross\"]", "r.csv");
        let text = String::from_utf8(file).unwrap();
        assert!(text.starts_with("\u{feff}ИНН;Сумма с НДС\r\n"), "{}", text.lines().next().unwrap());
    }),
];
