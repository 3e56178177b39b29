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
