//! Scenario 7, its second half: every documented key of a mapping does what it says. The keys are read from
//! docs/sync.md, so a key that is documented and has no case here fails.

mod deal;
mod people;
mod source;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use trial::Trial;

/// A key and the proof of its effect.
type Case = (&'static str, fn(&Trial));

/// The key of a heading such as "## `[source.cursor]`: only what changed", or of one without a table.
fn section(heading: &str) -> Option<&str> {
    let name = heading.trim_start_matches('#').trim().strip_prefix("`[")?;
    name.split_once(']').map(|(name, _)| name)
}

/// Keys of a TOML block below their table.
fn keys_of(block: &str) -> BTreeSet<String> {
    let table: toml::Table = block.parse().unwrap();
    let mut keys = BTreeSet::new();
    for (name, value) in &table {
        match value {
            toml::Value::Table(inner) if name == "deal" => {
                let fields = inner["fields"].as_table().unwrap().values().filter_map(toml::Value::as_table);
                keys.extend(fields.flat_map(|field| field.keys().map(|key| format!("deal.fields.{key}"))));
            }
            toml::Value::Table(inner) => {
                let below = inner.iter().flat_map(|(key, value)| match value {
                    toml::Value::Table(inner) => inner.keys().map(|last| format!("{key}.{last}")).collect(),
                    _ => vec![key.clone()],
                });
                keys.extend(below.map(|key| format!("{name}.{key}")));
            }
            _ => {
                keys.insert(name.clone());
            }
        }
    }
    keys
}

/// Every key that docs/sync.md documents: those of its examples, and those of tables headed "key".
fn documented() -> BTreeSet<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sync.md")).unwrap();
    let (mut keys, mut here, mut is_table) = (BTreeSet::new(), None, false);
    let mut block: Option<String> = None;
    for line in text.lines() {
        if line == "```" && block.is_some() {
            keys.extend(keys_of(&block.take().unwrap()));
        } else if line == "```toml" {
            block = Some(String::new());
        } else if let Some(block) = &mut block {
            *block = format!("{block}{line}\n");
        } else if line.starts_with('#') {
            here = section(line);
        } else if !line.starts_with('|') {
            is_table = false;
        } else if line.starts_with("| key |") {
            is_table = true;
        } else if let (true, Some(section)) = (is_table, here) {
            let cell = line.split('|').nth(1).unwrap();
            let names = cell.split('`').skip(1).step_by(2);
            keys.extend(names.map(|name| format!("{section}.{name}")));
        }
    }
    keys
}

#[test]
fn scenario_7_every_documented_key_of_a_mapping_has_a_case() {
    let cases: Vec<&str> =
        [source::CASES, deal::CASES, people::CASES].concat().iter().map(|(key, _)| *key).collect();
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for case in &cases {
        *times.entry(case).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    let cases: BTreeSet<String> = cases.iter().map(|key| (*key).to_owned()).collect();
    let documented = documented();
    assert!(documented.len() > 60, "the page is read: {documented:?}");
    let without: Vec<_> = documented.difference(&cases).collect();
    assert!(without.is_empty(), "documented, and nothing proves them: {without:?}");
    let unknown: Vec<_> = cases.difference(&documented).collect();
    assert!(unknown.is_empty(), "not documented: {unknown:?}");
}

/// Runs the cases; all that fail are named.
fn prove(cases: &[Case]) {
    let failed: Vec<&str> = cases
        .iter()
        .filter(|(_, proof)| std::panic::catch_unwind(|| proof(&Trial::new())).is_err())
        .map(|(key, _)| *key)
        .collect();
    assert!(failed.is_empty(), "these keys do not do what they say: {failed:?}");
}

#[test]
fn scenario_7_every_key_of_a_source_does_what_it_says() {
    prove(source::CASES);
}

#[test]
fn scenario_7_every_key_of_a_deal_does_what_it_says() {
    prove(deal::CASES);
}

#[test]
fn scenario_7_every_key_of_people_stages_comments_leads_and_guards_does_what_it_says() {
    prove(people::CASES);
}
