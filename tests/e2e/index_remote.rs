//! Embedding by a provider over HTTP: keys, faults, money, personal data.

use rust_decimal::Decimal;

use crate::endpoint::{Endpoint, Mishap};
use crate::stage::{Home, done, run};

const KEY: &str = "sk-verysecret";

/// A home whose embedder is a provider on this machine.
fn home(endpoint: &Endpoint, more: &str) -> Home {
    let home = Home::new();
    home.write("key.txt", KEY);
    configure(&home, &endpoint.url(), more);
    home.write("a.md", "# Склад\n\nОтгрузка идёт по средам.\n");
    home.write("b.md", "# Приём\n\nВозвраты по пятницам.\n");
    home
}

fn configure(home: &Home, url: &str, more: &str) {
    home.write(
        "config.toml",
        &format!(
            "[index]\nembedder = \"own\"\n[embedder.own]\nkind = \"openai\"\nurl = \"{url}\"\nmodel = \"m\"\n\
             dimensions = 16\nkey_file = \"key.txt\"\nprice_per_million = \"20000\"\n{more}"
        ),
    );
}

#[test]
fn a_provider_embeds_what_waits_and_its_cost_is_told() {
    let endpoint = Endpoint::start(16);
    let home = home(&endpoint, "");
    done(&mut home.b24(&["index", "add", "a.md", "b.md"]));
    assert_eq!(endpoint.requests().len(), 0, "nothing is sent before the worker");
    let worked = done(&mut home.b24(&["index", "work"]));
    assert!(worked.stderr.contains("2 texts, about"), "{worked:?}");
    assert_eq!(endpoint.requests().len(), 1);
    done(&mut home.b24(&["index", "add", "a.md", "--collection", "copies"]));
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    let spending = &status["data"]["spending"][0];
    assert_eq!(spending["calls"], 1, "{status}");
    let (sent, saved) = (spending["tokens"].as_u64().unwrap(), spending["saved_tokens"].as_u64().unwrap());
    assert!(sent > 50, "{status}");
    assert!(saved > 20, "the same text in another collection is not sent again: {status}");
    // A million tokens cost 20,000 here, so that one costs two hundredths.
    let money =
        |tokens: u64| format!("{} USD", Decimal::new(i64::try_from(tokens).unwrap() * 2, 2).normalize());
    assert_eq!((&spending["spent"], &spending["saved"]), (&money(sent).into(), &money(saved).into()));
    let told = done(&mut home.b24(&["index", "status"])).stdout;
    let line = told.lines().find(|line| line.contains(&money(sent))).unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains(&money(saved)) && line.starts_with("openai/m"), "{told}");
    assert_eq!(status["data"]["ready"], 3);
    let found = done(&mut home.b24(&["search", "возвраты", "--json"])).json();
    assert_eq!(found["data"]["hits"][0]["title"], "b.md", "{found}");
    assert_eq!(found["data"]["lexical"], false);
}

#[test]
fn a_wrong_key_stops_the_worker_and_the_texts_wait() {
    let endpoint = Endpoint::start(16);
    let home = home(&endpoint, "");
    done(&mut home.b24(&["index", "add", "a.md"]));
    endpoint.then(Mishap::Refuse(
        401,
        None,
        format!("{{\"error\":{{\"message\":\"Incorrect API key {KEY}\"}}}}"),
    ));
    let refused = run(&mut home.b24(&["index", "work"]));
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("Incorrect API key ***") && !refused.stderr.contains(KEY), "{refused:?}");
    endpoint.then(Mishap::Refuse(401, None, "no".to_owned()));
    let at_once = run(&mut home.b24(&["index", "add", "b.md", "--mode", "sync"]));
    assert_eq!(at_once.code, 4, "{at_once:?}");
    endpoint.then(Mishap::Refuse(401, None, "no".to_owned()));
    let deferred = run(&mut home.b24(&["index", "add", "b.md", "--mode", "sync", "--on-failure", "defer"]));
    assert_eq!(deferred.code, 3, "{deferred:?}");
    done(&mut home.b24(&["index", "work"]));
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    assert_eq!(status["data"]["ready"], 2, "{status}");
}

#[test]
fn a_used_up_day_ends_the_run_as_unreachable_and_is_shown() {
    let endpoint = Endpoint::start(16);
    let home = home(&endpoint, "");
    done(&mut home.b24(&["index", "add", "a.md"]));
    endpoint.then(Mishap::Refuse(
        429,
        None,
        "{\"error\":{\"message\":\"Limit of requests per day\"}}".to_owned(),
    ));
    let ended = run(&mut home.b24(&["index", "work"]));
    assert_eq!(ended.code, 5, "{ended:?}");
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    assert!(status["data"]["pauses"][0]["error"].as_str().unwrap().contains("daily quota"), "{status}");
    assert_eq!(status["data"]["troubles"][0]["class"], "provider", "{status}");
}

#[test]
fn vectors_of_the_wrong_length_are_a_wrong_configuration() {
    let endpoint = Endpoint::start(8);
    let home = home(&endpoint, "");
    done(&mut home.b24(&["index", "add", "a.md"]));
    let refused = run(&mut home.b24(&["index", "work"]));
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("8 dimensions, the settings say 16"), "{refused:?}");
}

#[test]
fn another_model_takes_over_while_the_old_one_answers() {
    let endpoint = Endpoint::start(16);
    let home = home(&endpoint, "");
    home.write("config.toml", "");
    done(&mut home.b24(&["index", "add", "a.md", "b.md"]));
    done(&mut home.b24(&["index", "work"]));
    configure(&home, &endpoint.url(), "");
    let found = done(&mut home.b24(&["search", "отгрузка", "--json"])).json();
    assert_eq!(found["data"]["lexical"], true, "the old model answers: {found}");
    let worked = done(&mut home.b24(&["index", "work"]));
    assert!(worked.stderr.contains("changing from builtin/lexical-1 to openai/m"), "{worked:?}");
    let found = done(&mut home.b24(&["search", "отгрузка", "--json"])).json();
    assert_eq!(found["data"]["lexical"], false);
    assert_eq!(found["data"]["ready"], 2);
}

#[test]
fn an_embedder_that_is_not_there_or_incomplete_is_said_before_anything_happens() {
    let home = Home::new();
    home.write("a.md", "текст");
    for (config, said) in [
        ("[index]\nembedder = \"x\"", "has no [embedder.x]"),
        ("[index]\nembedder = \"x\"\n[embedder.x]\nkind = \"openai\"\nmodel = \"m\"", "names no dimensions"),
        (
            "[index]\nembedder = \"x\"\n[embedder.x]\nkind = \"ollama\"\nmodel = \"m\"\ndimensions = 3\nurl = \"http://a.ru\"",
            "unprotected to a.ru",
        ),
        ("[embedder.x]\nkind = \"openai\"\npersonal_data = \"yes\"", "personal_data"),
    ] {
        home.write("config.toml", config);
        let refused = run(&mut home.b24(&["index", "add", "a.md"]));
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
}

fn used_up() -> Mishap {
    Mishap::Refuse(429, None, "{\"error\":{\"message\":\"Limit of requests per day\"}}".to_owned())
}

/// A table for another provider; the one of `configure` stays if it is wanted.
fn configure_two(home: &Home, first: Option<&Endpoint>, second: &Endpoint) {
    let table = |name: &str, model: &str, url: String| {
        format!(
            "[embedder.{name}]\nkind = \"openai\"\nurl = \"{url}\"\nmodel = \"{model}\"\ndimensions = 16\n"
        )
    };
    let own = first.map(|endpoint| table("own", "m", endpoint.url())).unwrap_or_default();
    let config = format!("[index]\nembedder = \"new\"\n{own}{}", table("new", "n", second.url()));
    home.write("config.toml", &config);
}

#[test]
fn a_change_that_the_settings_no_longer_want_is_given_up() {
    let endpoint = Endpoint::start(16);
    let home = home(&endpoint, "");
    home.write("config.toml", "");
    done(&mut home.b24(&["index", "add", "a.md", "b.md", "--mode", "sync"]));
    configure(&home, &endpoint.url(), "");
    endpoint.then(used_up());
    assert_eq!(run(&mut home.b24(&["index", "work"])).code, 5);
    home.write("config.toml", "");
    let worked = done(&mut home.b24(&["index", "work"]));
    assert!(worked.stderr.contains("the change to openai/m is given up"), "{worked:?}");
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    assert_eq!(status["data"]["spaces"].as_array().unwrap().len(), 1, "{status}");
    assert_eq!((&status["data"]["ready"], endpoint.requests().len()), (&2.into(), 1));
}

#[test]
fn a_provider_whose_day_is_used_up_does_not_end_the_work_of_another() {
    let (old, new) = (Endpoint::start(16), Endpoint::start(16));
    let home = home(&old, "");
    done(&mut home.b24(&["index", "add", "a.md"]));
    done(&mut home.b24(&["index", "work"]));
    done(&mut home.b24(&["index", "add", "b.md"]));
    configure_two(&home, Some(&old), &new);
    old.then(used_up());
    let worked = done(&mut home.b24(&["index", "work"]));
    assert!(worked.stderr.contains("changing from openai/m to openai/n"), "{worked:?}");
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    assert_eq!(
        (&status["data"]["ready"], &status["data"]["spaces"][0]["model"]),
        (&2.into(), &"openai/n".into())
    );
}

#[test]
fn a_run_that_finds_its_provider_paused_says_so_and_ends() {
    let endpoint = Endpoint::start(16);
    let home = home(&endpoint, "");
    done(&mut home.b24(&["index", "add", "a.md"]));
    endpoint.then(used_up());
    assert_eq!(run(&mut home.b24(&["index", "work"])).code, 5);
    let again = run(&mut home.b24(&["index", "work"]));
    assert_eq!((again.code, endpoint.requests().len()), (5, 1), "{again:?}");
    assert!(again.stderr.contains("daily quota"), "{again:?}");
}

#[test]
fn a_model_that_fails_texts_takes_over_by_order_only() {
    let (old, new) = (Endpoint::start(16), Endpoint::start(16));
    let home = home(&old, "");
    done(&mut home.b24(&["index", "add", "a.md", "b.md", "--mode", "sync"]));
    configure_two(&home, Some(&old), &new);
    new.refusing(Some("Отгрузка"));
    let held = run(&mut home.b24(&["index", "work"]));
    assert_eq!(held.code, 3, "{held:?}");
    assert!(
        held.stderr.contains("1 texts failed with openai/n, so the old model goes on answering"),
        "{held:?}"
    );
    assert_eq!(run(&mut home.b24(&["index", "work"])).code, 3, "held back as long as nobody decides");
    let found = done(&mut home.b24(&["search", "отгрузка", "--json"])).json();
    assert_eq!(found["data"]["ready"], 2, "{found}");
    let changed = done(&mut home.b24(&["index", "work", "--change-anyway"]));
    assert!(changed.stderr.contains("changed to the new model"), "{changed:?}");
    new.refusing(None);
    assert_eq!(done(&mut home.b24(&["index", "retry"])).stdout, "1 texts of everything wait again\n");
    done(&mut home.b24(&["index", "work"]));
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    assert_eq!(
        (&status["data"]["ready"], &status["data"]["spaces"][0]["model"]),
        (&2.into(), &"openai/n".into())
    );
}

#[test]
fn texts_that_wait_for_an_embedder_that_is_gone_are_no_success() {
    let (old, new) = (Endpoint::start(16), Endpoint::start(16));
    let home = home(&old, "");
    done(&mut home.b24(&["index", "add", "a.md"]));
    done(&mut home.b24(&["index", "work"]));
    done(&mut home.b24(&["index", "add", "b.md"]));
    configure_two(&home, None, &new);
    new.refusing(Some("Отгрузка"));
    let ended = run(&mut home.b24(&["index", "work"]));
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("1 of them wait for openai/m"), "{ended:?}");
}

/// A worker that goes on until it is killed or ends by itself, and what it says.
fn watching(home: &Home) -> std::process::Child {
    home.spawn(&["index", "work", "--watch"]).spawn().unwrap()
}

fn ready(home: &Home, texts: u64) -> bool {
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    status["data"]["ready"] == texts && status["data"]["pending"] == 0
}

fn until(what: &str, mut reached: impl FnMut() -> bool) {
    for _ in 0..300 {
        if reached() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{what} never came");
}

#[test]
fn a_watching_worker_whose_model_was_replaced_follows_the_new_one() {
    let (old, new) = (Endpoint::start(16), Endpoint::start(16));
    let home = home(&old, "");
    done(&mut home.b24(&["index", "add", "a.md"]));
    let mut worker = watching(&home);
    until("the first vector", || ready(&home, 1));
    // Somebody chooses another model, and has the texts embedded anew by a run of their own.
    configure_two(&home, Some(&old), &new);
    done(&mut home.b24(&["index", "work"]));
    done(&mut home.b24(&["index", "add", "b.md"]));
    until("the vector of the new model", || ready(&home, 2));
    worker.kill().unwrap();
    let said = String::from_utf8(worker.wait_with_output().unwrap().stderr).unwrap();
    assert!(said.contains("openai/m is no longer the model of the queue; going on with openai/n"), "{said}");
}

#[test]
fn a_watching_worker_that_may_not_embed_for_the_new_model_says_so_and_ends() {
    let (old, new) = (Endpoint::start(16), Endpoint::start(16));
    let home = home(&old, "");
    done(&mut home.b24(&["index", "add", "a.md"]));
    let mut worker = watching(&home);
    until("the first vector", || ready(&home, 1));
    // Another machine's settings have the new model, those of the worker do not.
    configure_two(&home, Some(&old), &new);
    let other = std::fs::read_to_string(home.config()).unwrap();
    let other = home.write("other.toml", &other);
    configure(&home, &old.url(), "");
    done(home.b24(&["index", "work"]).env("B24_CONFIG", other));
    until("the end of the worker", || worker.try_wait().unwrap().is_some());
    let ended = worker.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(4), "{said}");
    assert!(said.contains("another run changed the queue to openai/n"), "{said}");
}

#[test]
fn a_watching_worker_that_changes_the_model_itself_goes_on() {
    let (old, new) = (Endpoint::start(16), Endpoint::start(16));
    let home = home(&old, "");
    done(&mut home.b24(&["index", "add", "a.md", "--mode", "sync"]));
    configure_two(&home, Some(&old), &new);
    let mut worker = watching(&home);
    until("the new model", || new.requests().len() == 1 && ready(&home, 1));
    done(&mut home.b24(&["index", "add", "b.md"]));
    until("its second vector", || ready(&home, 2));
    worker.kill().unwrap();
    let said = String::from_utf8(worker.wait_with_output().unwrap().stderr).unwrap();
    assert!(!said.contains("no longer"), "{said}");
}

#[test]
fn an_import_that_embeds_at_once_counts_as_throughput() {
    let endpoint = Endpoint::start(16);
    let home = home(&endpoint, "");
    done(&mut home.b24(&["index", "add", "a.md", "b.md", "--mode", "sync"]));
    let status = done(&mut home.b24(&["index", "status", "--json"])).json();
    assert!(status["data"]["ready_per_minute"].as_f64().unwrap() > 0.0, "{status}");
    assert_eq!(status["data"]["spending"][0]["calls"], 2, "{status}");
}

#[test]
fn what_needs_no_embedder_works_without_one() {
    let endpoint = Endpoint::start(16);
    let home = home(&endpoint, "");
    done(&mut home.b24(&["index", "add", "a.md", "b.md"]));
    done(&mut home.b24(&["index", "work"]));
    let commands = [
        &["search", "возвраты", "--mode", "text"][..],
        &["search", "возвраты"],
        &["index", "status"],
        &["index", "why", "a.md"],
        &["index", "retry"],
    ];
    let without_key = || std::fs::remove_file(home.path().join("key.txt")).unwrap();
    let without_table = || drop(home.write("config.toml", ""));
    for (missing, take_away) in [("key.txt", &without_key as &dyn Fn()), ("builtin", &without_table)] {
        take_away();
        for args in commands {
            let ran = run(&mut home.b24(args));
            assert_eq!(ran.code, 0, "{missing} {args:?}: {ran:?}");
        }
        let found = run(&mut home.b24(&["search", "возвраты", "--json"]));
        assert_eq!(found.json()["data"]["hits"][0]["title"], "b.md", "{missing}: {found:?}");
        assert!(found.stderr.contains("only words were compared"), "{missing}: {found:?}");
        let refused = run(&mut home.b24(&["search", "возвраты", "--mode", "vector"]));
        assert_eq!(refused.code, 4, "{missing}: {refused:?}");
    }
    done(&mut home.b24(&["index", "purge", "--all", "--yes"]));
}
