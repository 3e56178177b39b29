//! Scenario 7 for the config file: every documented key does what it says. The keys are read from docs/cli.md and
//! docs/memory.md, so a key that is documented and has no case here fails.

mod memory;
mod portal;

use std::collections::BTreeSet;

/// A key and the proof of its effect.
type Case = (&'static str, fn());

/// Keys of the TOML blocks under a heading; the names of profiles and embedders are the user's.
fn keys_under(page: &str, heading: &str) -> BTreeSet<String> {
    let path = format!("{}/../../docs/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let part = text.split_once(heading).unwrap().1;
    let part = part.split_once("\n## ").map_or(part, |(part, _)| part);
    let mut keys = BTreeSet::new();
    for block in part.split("```toml\n").skip(1) {
        let table: toml::Table = block.split_once("```").unwrap().0.parse().unwrap();
        for (name, value) in &table {
            for (key, value) in value.as_table().unwrap() {
                match value {
                    toml::Value::Table(inner) if ["profile", "embedder"].contains(&name.as_str()) => {
                        keys.extend(inner.keys().map(|key| format!("{name}.{key}")));
                    }
                    toml::Value::Table(inner) => {
                        keys.extend(inner.keys().map(|last| format!("{name}.{key}.{last}")));
                    }
                    _ => {
                        keys.insert(format!("{name}.{key}"));
                    }
                }
            }
        }
    }
    keys
}

#[test]
fn scenario_7_every_documented_key_of_the_config_file_has_a_case() {
    let mut documented = keys_under("cli.md", "## The config file");
    documented.extend(keys_under("memory.md", "## Who embeds"));
    assert!(documented.len() > 35, "the pages are read: {documented:?}");
    // Both stand in a comment of their line, beside another key.
    documented.extend(["profile.webhook_file".to_owned(), "embedder.currency".to_owned()]);
    // «lead, deal, contact, company, invoice: the fields that are indexed».
    documented.extend(["contact", "company", "invoice"].map(|entity| format!("index.crm.{entity}")));
    let cases: BTreeSet<String> =
        [portal::CASES, memory::CASES].concat().iter().map(|(key, _)| (*key).to_owned()).collect();
    let without: Vec<_> = documented.difference(&cases).collect();
    assert!(without.is_empty(), "documented, and nothing proves them: {without:?}");
    let unknown: Vec<_> = cases.difference(&documented).collect();
    assert!(unknown.is_empty(), "not documented: {unknown:?}");
}

/// Runs the cases; all that fail are named.
fn prove(cases: &[Case]) {
    let failed: Vec<&str> = cases
        .iter()
        .filter(|(_, proof)| std::panic::catch_unwind(proof).is_err())
        .map(|(key, _)| *key)
        .collect();
    assert!(failed.is_empty(), "these keys do not do what they say: {failed:?}");
}

#[test]
fn scenario_7_every_key_of_profiles_limits_and_reports_does_what_it_says() {
    prove(portal::CASES);
}

#[test]
fn scenario_7_every_key_of_the_memory_does_what_it_says() {
    prove(memory::CASES);
}
