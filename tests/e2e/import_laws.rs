//! Whatever kills a run or loses its answers, no row is executed twice, and with a key none is lost.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use crate::import::{deals, imported, outcomes};
use crate::stage::{Stage, done, run, wait_until_by};

const ROWS: usize = 300;

/// The portal stops a request after this, so a look-up half a second later proves that nothing is executed any more.
const CAP: Duration = Duration::from_millis(1500);
const CONFIG: &str = "[limits]\nrate = 0\nsettle_after_s = 2.0\n";

/// A portal that takes its time: 300 rows are six requests, four of them at once.
fn stage() -> Stage {
    let stage = Stage::with(|sandbox| {
        sandbox
            .latency(Duration::from_millis(120))
            .command_latency(Duration::from_millis(4))
            .execution_cap(CAP)
    });
    stage.home.write("config.toml", CONFIG);
    stage.home.write("d.csv", &deals(ROWS));
    stage
}

/// A moment before the end of a run, different each time.
fn moment() -> Duration {
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    Duration::from_millis(40 + random % 900)
}

fn killed(stage: &Stage, args: &[&str], after: Duration) {
    let mut child = stage.home.spawn(args).env("B24_WEBHOOK", stage.sandbox.webhook()).spawn().unwrap();
    std::thread::sleep(after);
    // It may have ended already, which is a moment like any other.
    child.kill().ok();
    child.wait().unwrap();
}

fn trials() -> u32 {
    if std::env::var_os("B24_TEST_LONG").is_some() { 30 } else { 4 }
}

#[test]
fn after_kills_at_any_moment_the_next_run_ends_with_every_record_once() {
    let args = ["import", "crm.deal.add", "d.csv", "--key", "ORIGIN_ID", "--json"];
    for trial in 0..trials() {
        let stage = stage();
        let moments: Vec<Duration> = (0..=trial % 3).map(|_| moment()).collect();
        for after in &moments {
            killed(&stage, &args, *after);
        }
        let ran = done(&mut stage.b24(&args));
        let keys = imported(&stage);
        let distinct: BTreeSet<&String> = keys.iter().collect();
        assert_eq!((keys.len(), distinct.len()), (ROWS, ROWS), "killed after {moments:?}: {ran:?}");
        let lines = outcomes(&stage.home.path().join("d.csv.outcomes.jsonl"));
        assert_eq!(lines.len(), ROWS);
        assert!(lines.iter().all(|line| line["outcome"] == "ok" && line["id"].is_u64()), "{moments:?}");
    }
}

#[test]
fn without_a_key_a_row_that_was_perhaps_executed_stays_unknown_and_is_never_sent_again() {
    let args = ["import", "crm.deal.add", "d.csv", "--json"];
    for _ in 0..trials().div_ceil(2) {
        let stage = stage();
        let after = moment();
        killed(&stage, &args, after);
        let ran = run(&mut stage.b24(&args));
        let data = ran.json()["data"].clone();
        let (ok, unknown) = (data["ok"].as_u64().unwrap(), data["unknown"].as_u64().unwrap());
        assert_eq!(ok + unknown, ROWS as u64, "{after:?}: {ran:?}");
        assert_eq!(ran.code, if unknown == 0 { 0 } else { 3 }, "{after:?}: {ran:?}");
        // What the killed run had sent may still be executing.
        std::thread::sleep(CAP);
        let keys = imported(&stage);
        let distinct: BTreeSet<&String> = keys.iter().collect();
        assert_eq!(keys.len(), distinct.len(), "{after:?}");
        assert!(keys.len() as u64 >= ok, "{after:?}");
        // The second report is no news, and with a key the next run settles the rest.
        assert_eq!(run(&mut stage.b24(&args)).code, 0);
        done(stage.b24(&args).args(["--key", "ORIGIN_ID"]));
        assert_eq!(imported(&stage).len(), if unknown == 0 { ROWS } else { keys.len() });
    }
}

#[test]
fn lost_answers_are_found_and_lost_requests_are_sent_again() {
    let args = ["import", "crm.deal.add", "d.csv", "--key", "ORIGIN_ID", "--json"];
    for (fault, found) in [("reset-after", 50), ("reset-before", 0), ("truncate", 50), ("html", 0)] {
        let stage = stage();
        let plan = format!("[[fault]]\nmethod = \"batch\"\nnth = 2\ndo = \"{fault}\"");
        stage.sandbox.inject(plan.parse().unwrap());
        let ran = done(&mut stage.b24(&args));
        assert_eq!(ran.json()["data"]["found"], found, "{fault}: {ran:?}");
        let keys = imported(&stage);
        let distinct: BTreeSet<&String> = keys.iter().collect();
        assert_eq!((keys.len(), distinct.len()), (ROWS, ROWS), "{fault}: {ran:?}");
    }
}

#[test]
fn lost_answers_to_updates_are_settled_by_the_old_values() {
    for fault in ["reset-after", "reset-before"] {
        let stage = stage();
        let page = done(&mut stage.b24(&["call", "crm.deal.list", "--json", "-p", "select[]=ID"])).json();
        let ids = page["result"].as_array().unwrap().iter().map(|row| row["ID"].as_str().unwrap().to_owned());
        let ids: Vec<String> = ids.collect();
        let rows: Vec<String> = ids.iter().map(|id| format!("{id},Новая {id}\n")).collect();
        stage.home.write("u.csv", &format!("ID,TITLE\n{}", rows.concat()));
        let plan = format!("[[fault]]\nmethod = \"crm.deal.update\"\nnth = 7\ndo = \"{fault}\"");
        stage.sandbox.inject(plan.parse().unwrap());
        let ran = done(&mut stage.b24(&["import", "crm.deal.update", "u.csv", "--json"]));
        assert_eq!(ran.json()["data"]["ok"], 50, "{fault}: {ran:?}");
        let lines = outcomes(&stage.home.path().join("u.csv.outcomes.jsonl"));
        assert!(lines.iter().all(|line| line["before"]["TITLE"].is_string()), "{fault}: {lines:?}");
        let deal = done(&mut stage.b24(&["call", "crm.deal.get", "--json", "-p", &format!("id={}", ids[6])]));
        assert_eq!(deal.json()["result"]["TITLE"], format!("Новая {}", ids[6]), "{fault}");
    }
}

#[test]
fn two_runs_on_one_outcome_file_exclude_each_other() {
    let stage = stage();
    let args = ["import", "crm.deal.add", "d.csv", "--json"];
    let mut first = stage.home.spawn(&args).env("B24_WEBHOOK", stage.sandbox.webhook()).spawn().unwrap();
    let lock = stage.home.path().join("d.csv.outcomes.jsonl");
    wait_until_by(&mut first, "the outcome file is there", || lock.exists());
    let ran = run(&mut stage.b24(&args));
    let first = first.wait().unwrap();
    // Either the second came while the first ran, or it found everything done.
    let expected = if ran.code == 4 { "import.outcomes-in-use" } else { "" };
    assert_eq!(ran.json()["error"]["code"].as_str().unwrap_or_default(), expected, "{ran:?}");
    assert!(first.success());
    assert_eq!(imported(&stage).len(), ROWS);
}

#[test]
fn what_a_user_with_few_rights_does_not_find_is_not_sent_again() {
    let stage = stage();
    let args = ["import", "crm.deal.add", "d.csv", "--key", "ORIGIN_ID", "--json"];
    stage.sandbox.inject("[[fault]]\nmethod = \"batch\"\nnth = 1\ndo = \"reset-before\"".parse().unwrap());
    let webhook = stage.sandbox.webhook_of(2, "restricted");
    let ran = run(&mut stage.b24_as(&webhook, &args));
    assert_eq!((ran.code, &ran.json()["data"]["unknown"]), (3, &50.into()), "{ran:?}");
    assert_eq!(imported(&stage).len(), ROWS - 50);
    // Who sees everything may conclude.
    done(&mut stage.b24(&args));
    let keys = imported(&stage);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), ROWS);
    assert_eq!(keys.len(), ROWS);
}
