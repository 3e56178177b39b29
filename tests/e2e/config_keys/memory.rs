//! `[index]`, `[index.crm]`, `[embedder.X]`.

use serde_json::Value;

use super::Case;
use crate::endpoint::{Endpoint, Mishap};
use crate::stage::{Home, Ran, Stage, done, run};

const OWN: &str = "kind = \"openai\"\nmodel = \"m\"\ndimensions = 16\n";

/// A home with two notes and these lines of the config file.
fn home(config: &str) -> Home {
    let home = Home::new();
    home.write("config.toml", config);
    home.write("a.md", "# Склад\n\nОтгрузка идёт по средам.\n");
    home.write("b.md", "# Приём\n\nВозвраты по пятницам.\n");
    home.write("key.txt", "geheim");
    done(&mut home.b24(&["index", "add", "a.md", "b.md"]));
    home
}

/// What a provider hears of two notes: path, head and body of each call, and how the worker ended.
fn heard(lines: &str) -> (Vec<(String, String, Value)>, Ran, Home) {
    let endpoint = Endpoint::start(16);
    let home =
        home(&format!("[index]\nembedder = \"own\"\n[embedder.own]\nurl = \"{}\"\n{lines}", endpoint.url()));
    let ran = run(&mut home.b24(&["index", "work"]));
    (endpoint.requests(), ran, home)
}

fn input(call: &(String, String, Value)) -> String {
    call.2["input"].to_string()
}

/// The first entry of `spending` of `index status`.
fn spending(lines: &str) -> Value {
    let (_, _, home) = heard(&format!("{OWN}{lines}"));
    done(&mut home.b24(&["index", "status", "--json"])).json()["data"]["spending"][0].clone()
}

/// Chunks of a long note with these lines of `[index]`.
fn chunks(lines: &str) -> usize {
    let home = home(&format!("[index]\n{lines}"));
    let sentences: Vec<String> =
        (1..200).map(|n| format!("Правило {n} про отгрузку и возврат.\n\n")).collect();
    home.write("long.md", &sentences.concat());
    done(&mut home.b24(&["index", "add", "long.md"]));
    let why = done(&mut home.b24(&["index", "why", "long.md", "--json"])).json();
    why["data"]["chunks"].as_array().unwrap().len()
}

/// What the next reading of the portal counts, without and with a line of `[index.crm]`.
fn crm(line: &str) -> [Value; 2] {
    let stage = Stage::with(|sandbox| sandbox.invoices(12).deals(12));
    let comment = ["call", "crm.timeline.comment.add", "-p", "fields[ENTITY_ID]=1", "-p"];
    let more = ["fields[ENTITY_TYPE]=deal", "-p", "fields[COMMENT]=Звонил"];
    done(&mut stage.b24(&[&comment[..], &more].concat()));
    ["", line].map(|line| {
        stage.home.write("config.toml", &format!("[index.crm]\n{line}\n"));
        let folder = if line.is_empty() { "one" } else { "two" };
        done(&mut stage.b24(&["index", "crm", "--state-dir", folder, "--json"])).json()["data"].clone()
    })
}

/// An empty list leaves a kind of records out.
fn left_out(entity: &str) {
    let [with, without] = crm(&format!("{entity} = []"));
    assert!(with["records"].get(entity).is_some(), "{entity}: {with}");
    assert!(without["records"].get(entity).is_none(), "{entity}: {without}");
}

pub(super) const CASES: &[Case] = &[
    ("index.embedder", || assert_eq!(heard(OWN).0.len(), 1)),
    ("index.max_file_mb", || {
        let home = home("[index]\nmax_file_mb = 1\n");
        home.write("large.md", &"слово ".repeat(120_000));
        let ran = run(&mut home.b24(&["index", "add", "large.md", "--json"]));
        assert_eq!(ran.json()["data"]["skipped"]["too-large"], 1, "{ran:?}");
    }),
    ("index.chunk_tokens", || {
        let (usual, small) = (chunks(""), chunks("chunk_tokens = 40\n"));
        assert!(small > 2 * usual, "{usual} {small}");
    }),
    ("index.crm.lead", || left_out("lead")),
    ("index.crm.deal", || left_out("deal")),
    ("index.crm.contact", || left_out("contact")),
    ("index.crm.company", || left_out("company")),
    ("index.crm.invoice", || left_out("invoice")),
    ("index.crm.comments", || {
        let [with, without] = crm("comments = false");
        assert_eq!((&with["comments"], &without["comments"]), (&1.into(), &0.into()));
    }),
    ("embedder.kind", || {
        for (kind, path) in
            [("openai", "/embeddings"), ("ollama", "/api/embed"), ("gemini", ":batchEmbedContents")]
        {
            let (calls, ran, _) = heard(&format!("{}key_file = \"key.txt\"\n", OWN.replace("openai", kind)));
            assert!(calls[0].0.ends_with(path), "{kind}: {} {ran:?}", calls[0].0);
        }
    }),
    ("embedder.model", || assert_eq!(heard(&OWN.replace("\"m\"", "\"other\"")).0[0].2["model"], "other")),
    ("embedder.dimensions", || {
        let (_, ran, _) = heard(&OWN.replace("16", "8"));
        assert!(ran.code == 4 && ran.stderr.contains("the settings say 8"), "{ran:?}");
    }),
    ("embedder.url", || {
        let endpoint = Endpoint::start(16);
        let home = home(&format!(
            "[index]\nembedder = \"own\"\n[embedder.own]\n{OWN}url = \"{}/x\"\n",
            endpoint.url()
        ));
        done(&mut home.b24(&["index", "work"]));
        assert_eq!(endpoint.requests()[0].0, "/x/embeddings");
    }),
    ("embedder.key_file", || {
        let head = heard(&format!("{OWN}key_file = \"key.txt\"\n")).0[0].1.clone();
        assert!(head.to_lowercase().contains("authorization: bearer geheim"), "{head}");
    }),
    ("embedder.personal_data", || {
        let stage = Stage::with(|sandbox| sandbox.invoices(12).deals(12));
        let table = "[index]\nembedder = \"far\"\n[embedder.far]\nkind = \"openai\"\nmodel = \"m\"\ndimensions = 16\n\
                     url = \"https://models.invalid/v1\"\n";
        let code = |more: &str| {
            stage.home.write("config.toml", &format!("{table}{more}"));
            run(&mut stage.b24(&["index", "crm", "--dry-run"])).code
        };
        assert_eq!((code(""), code("personal_data = \"allowed\"\n")), (4, 0));
    }),
    ("embedder.price_per_million", || {
        assert_eq!(spending("")["spent"], Value::Null);
        assert!(spending("price_per_million = \"20000\"\n")["spent"].as_str().unwrap().ends_with(" USD"));
    }),
    ("embedder.currency", || {
        let spent = spending("price_per_million = \"20000\"\ncurrency = \"RUB\"\n")["spent"].clone();
        assert!(spent.as_str().unwrap().ends_with(" RUB"), "{spent}");
    }),
    ("embedder.ask_dimensions", || {
        let asked =
            |value| heard(&format!("{OWN}ask_dimensions = {value}\n")).0[0].2.get("dimensions").cloned();
        assert_eq!((asked(true), asked(false)), (Some(16.into()), None));
    }),
    ("embedder.document_prefix", || {
        let (calls, _, _) = heard(&format!("{OWN}document_prefix = \"passage: \"\n"));
        assert!(input(&calls[0]).contains("passage: "), "{calls:?}");
    }),
    ("embedder.query_prefix", || {
        let endpoint = Endpoint::start(16);
        let own = format!("[index]\nembedder = \"own\"\n[embedder.own]\n{OWN}url = \"{}\"\n", endpoint.url());
        let home = home(&format!("{own}query_prefix = \"query: \"\n"));
        done(&mut home.b24(&["index", "work"]));
        done(&mut home.b24(&["search", "склад"]));
        let calls = endpoint.requests();
        assert!(
            !input(&calls[0]).contains("query: ") && input(calls.last().unwrap()).contains("query: "),
            "{calls:?}"
        );
    }),
    ("embedder.max_items", || assert_eq!(heard(&format!("{OWN}max_items = 1\n")).0.len(), 2)),
    ("embedder.max_item_tokens", || {
        let own = |more: &str| {
            format!("embedder = \"own\"\n[embedder.own]\n{OWN}url = \"http://127.0.0.1:1\"\n{more}")
        };
        let (usual, small) = (chunks(&own("")), chunks(&own("max_item_tokens = 60\n")));
        assert!(small > 2 * usual, "{usual} {small}");
    }),
    ("embedder.timeout_s", || {
        let endpoint = Endpoint::start(16);
        let own = format!("[index]\nembedder = \"own\"\n[embedder.own]\n{OWN}url = \"{}\"\n", endpoint.url());
        let home = home(&format!("{own}timeout_s = 1\n"));
        // It hangs for thirty seconds.
        endpoint.then(Mishap::Hang);
        let started = std::time::Instant::now();
        run(&mut home.b24(&["index", "work"]));
        assert!(started.elapsed().as_secs() < 25, "the call was given up");
    }),
    ("embedder.ca_file", || {
        let sandbox = Stage::with(|sandbox| sandbox.tls_port(0));
        let hook = sandbox.sandbox.tls_webhook().unwrap();
        let url = hook.split("/rest/").next().unwrap();
        let said = |authority: &str| {
            let own =
                format!("[index]\nembedder = \"own\"\n[embedder.own]\n{OWN}url = \"{url}\"\n{authority}");
            run(&mut home(&own).b24(&["index", "work"])).stderr
        };
        // The sandbox has no model, but it answers whom it is trusted by.
        let trusted = said(&format!("ca_file = '{}'\n", sandbox.sandbox.ca_file().unwrap().display()));
        assert!(trusted.contains("404"), "{trusted}");
        assert!(!said("").contains("404"));
    }),
];
