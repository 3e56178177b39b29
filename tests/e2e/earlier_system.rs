//! Defects of earlier systems that are about the program; see `docs/defects.md`.

use crate::clinic::{Clinic, MAPPING, visits};
use crate::stage::{Home, Stage, done, run};

#[test]
fn b9_09_a_failing_portal_gives_a_reason_and_no_crash() {
    let faults = "[[fault]]\nmethod = \"*\"\nevery = 1\ndo = \"401\"\n".parse().unwrap();
    let stage = Stage::with(|sandbox| sandbox.faults(faults));
    let ran = run(&mut stage.b24(&["report", "invoices", "--period", "2026", "-o", "r.xlsx"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("why:") && ran.stderr.contains("try:"), "{ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
}

#[test]
fn b9_18_nobody_has_to_press_a_key_and_the_exit_code_tells() {
    let stage = Stage::new();
    let ran = done(&mut stage.b24(&["report", "invoices", "--period", "2026", "-o", "r.xlsx"]));
    assert!(
        !ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'),
        "no colours without a terminal"
    );
    let again = run(&mut stage.b24(&["report", "invoices", "--period", "2026", "-o", "r.xlsx"]));
    assert_eq!(again.code, 4, "the file exists: {again:?}");
}

/// The clinic's visits as a query that looks at every moment which a status depends on.
fn query(billed: &str) -> String {
    format!(
        "WITH visits (id, patient, status, amount, added, changed, billed) AS (VALUES\n\
         (1, 'Иванова Анна', 'Запланирован', 100, '2026-03-01T09:00:00', '2026-03-01T09:30:00', NULL),\n\
         (2, 'Петров Олег', 'Завершен', 200, '2026-03-01T10:00:00', '2026-03-01T11:00:00', {billed})),\n\
         moved AS (SELECT *, max(added, changed, ifnull(billed, added)) AS at FROM visits)\n\
         SELECT * FROM moved WHERE at >= :cursor"
    )
}

#[test]
fn a13_03_a_moment_that_only_the_bill_moves_is_read() {
    let clinic = Clinic::new();
    // An empty file is a database without tables.
    clinic.stage.home.write("visits.db", "");
    let source = |billed| {
        let start = MAPPING.find("encoding =").unwrap()..MAPPING.find("[key]").unwrap();
        let mut text = MAPPING.to_owned();
        text.replace_range(
            start,
            &format!(
                "query = \"\"\"{}\"\"\"\n\n[source.cursor]\ncolumn = \"at\"\ntype = \"time\"\ninitial = \"2026-01-01\"\n\
                 overlap = \"10m\"\n\n",
                query(billed)
            ),
        );
        let text = text.replace("kind = \"csv\"", "kind = \"sqlite\"").replace("visits.csv", "visits.db");
        let text = text
            .replace("\"Врач\" = \"doctor\"\n", "")
            .replace("\n[comment]\ntemplate = \"{comment}\"\n", "");
        let (contact, stages) = (text.find("[contact]").unwrap(), text.find("[stages]").unwrap());
        clinic.map(
            &(text[..contact].to_owned() + &text[stages..])
                .replace("[stages]\n", "[stages]\nupdate = true\n"),
        );
    };
    source("NULL");
    let data = clinic.run_clean();
    assert_eq!(data["plan"]["counts"]["create"], 2, "{data}");
    assert_eq!(clinic.deal("T1_2")["stageId"], "C4:WON");
    // Nothing but the bill's moment moves: the visit of 09:30 is behind the cursor, this one is read.
    source("'2026-03-01T15:00:00'");
    let data = clinic.run_clean();
    assert_eq!(data["plan"]["counts"]["unchanged"], 1, "{data}");
    let status = run(&mut clinic.sync(&["status", "--json"])).json()["data"].clone();
    assert_eq!(status["sources"][0]["cursor"]["value"], "2026-03-01T12:00:00.000000000Z", "{status}");
}

/// A service has another home, or none, and another user's name.
#[test]
fn a13_21_a_secret_is_bound_to_no_account_and_can_be_given_to_a_service() {
    let stage = Stage::new();
    // Stored by one account …
    done(stage.home.b24(&["config", "init"]).write_stdin(stage.sandbox.webhook()));
    let stored = stage.home.config();
    let service = Home::new();
    // … and used by another that was given the file,
    let mut command = service.b24(&["call", "profile", "--config", stored.to_str().unwrap()]);
    done(command.env("USER", "SYSTEM").env_remove("B24_CONFIG").args(["--state-dir", "state"]));
    // by a copy of the file,
    std::fs::copy(&stored, service.config()).unwrap();
    done(&mut service.b24(&["call", "profile"]));
    // by a file that a service manager provides,
    service.write("hook", &stage.sandbox.webhook());
    service.write("config.toml", "[profile.service]\nwebhook_file = \"hook\"\n");
    done(&mut service.b24(&["call", "profile"]));
    // or from the environment, without any home.
    let mut command = service.b24(&["call", "profile", "--config", "none.toml", "--state-dir", "state"]);
    command.env_remove("HOME").env_remove("B24_CONFIG").env("B24_WEBHOOK", stage.sandbox.webhook());
    done(&mut command);
}

#[test]
fn a13_22_two_sources_with_one_prefix_are_refused_before_anything_is_written() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    clinic.stage.home.write("two.toml", &MAPPING.replace("name = \"clinic\"", "name = \"branch two\""));
    let ran = run(&mut clinic.sync(&["check", "m.toml", "two.toml", "--json"]));
    let problem = ran.json()["problems"][0].clone();
    assert_eq!((ran.code, problem["code"].as_str()), (4, Some("sync.key-prefix-shared")), "{ran:?}");
    assert!(
        problem["hint"].as_str().unwrap().contains("give each a prefix that begins no other"),
        "{problem}"
    );
    // Run on its own, by another program on this machine, the journal knows whose the prefix is.
    clinic.run_clean();
    let before = clinic.deals();
    let ran = run(&mut clinic.sync(&["run", "two.toml", "--json"]));
    let document = ran.json();
    let error =
        if document["error"].is_null() { &document["data"]["runs"][0]["error"] } else { &document["error"] };
    assert_eq!((ran.code, error["code"].as_str()), (4, Some("sync.key-prefix-shared")), "{ran:?}");
    assert!(ran.stderr.contains("clinic"), "the owner is named: {ran:?}");
    assert_eq!(clinic.deals(), before);
}
