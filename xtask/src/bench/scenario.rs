//! A scenario: the portal, the command that is measured, and the bars it must keep.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::visits::Visits;

/// One file of `benches/`, named like the scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    #[serde(skip)]
    pub(super) name: String,
    pub(super) title: String,
    /// Arguments of `b24 sandbox serve`, after the port.
    #[serde(default)]
    pub(super) sandbox: Vec<String>,
    /// Arguments of `b24`; `{out}` stands for a file path without extension.
    #[serde(default)]
    pub(super) client: Vec<String>,
    /// The client's configuration file; empty, it has none.
    #[serde(default)]
    pub(super) config: toml::Table,
    /// Invoices of the file that `{raw}` stands for, made of the portal's own.
    #[serde(default)]
    pub(super) raw: Option<u64>,
    /// A clinic's visits; `{mapping}` stands for the mapping of their file.
    #[serde(default)]
    pub(super) visits: Option<Visits>,
    /// A script of `tests/peers` that writes the cells of so many invoices.
    #[serde(default)]
    pub(super) peer: Option<String>,
    /// Fewer invoices for that script, whose time and file are multiplied accordingly: it works row by row.
    #[serde(default)]
    pub(super) peer_invoices: Option<u64>,
    /// A program of `benches/` that calls the portal instead of `b24`, with the client's arguments.
    #[serde(default)]
    pub(super) caller: Option<String>,
    /// Clients of others that do the same in the same run, each with a portal of its own.
    #[serde(default)]
    pub(super) rivals: Vec<String>,
    /// How often everything is run; the middle one of the times counts, and the worst of everything else.
    #[serde(default = "once")]
    pub(super) repeat: usize,
    /// Rows that must be in `{out}.jsonl`, each once and in order.
    #[serde(default)]
    pub(super) rows: Option<u64>,
    /// A program of `benches/` that is run instead of a client; it prints its figures as one JSON object.
    #[serde(default)]
    pub(super) program: Option<String>,
    /// The crate that the program is compiled with.
    #[serde(default = "cli")]
    pub(super) package: String,
    /// The program's arguments; `{folder}` stands for a folder of the scenario's own, which is removed in the end.
    #[serde(default)]
    pub(super) arguments: Vec<String>,
    /// A script of `benches/peers` that does the same with that folder, and prints figures of the same names.
    #[serde(default)]
    pub(super) against: Option<String>,
    #[serde(default)]
    pub(super) bars: Bars,
}

/// What is allowed; a bar left out is not checked.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bars {
    pub(super) client_peak_mb: Option<u64>,
    pub(super) sandbox_peak_mb: Option<u64>,
    pub(super) requests: Option<u64>,
    /// Requests that the portal refused.
    pub(super) rejected: Option<u64>,
    /// Wall time.
    pub(super) seconds: Option<f64>,
    /// The slowest wall time as a multiple of what two requests a second after the first 50 take, and a second more.
    pub(super) over_limit: Option<f64>,
    /// Wall time as a part of the fastest rival's.
    pub(super) of_fastest_rival: Option<f64>,
    /// Wall time as a part of named rivals'.
    #[serde(default)]
    pub(super) of_rival: BTreeMap<String, f64>,
    /// The most that the wall time may be of what two requests a second after the first 50 take.
    pub(super) times_the_limit: Option<f64>,
    /// How many times as fast as the peer the client has to be at least.
    pub(super) times_the_peer: Option<f64>,
    /// How many times as large as the peer's the client's file may be at most.
    pub(super) peer_size: Option<f64>,
    /// Deals there have to be at the end, those of the seed included.
    pub(super) deals: Option<u64>,
    /// Writes that started the portal's robots.
    pub(super) robots: Option<u64>,
    /// Records in an hour, at least.
    pub(super) records_per_hour: Option<f64>,
    /// The most that the wall time may be of the larger of what two requests a second after the first 50 take and of the
    /// portal's own working time, divided among this many requests at once.
    pub(super) times_the_work: Option<(f64, f64)>,
    /// Figures of the program, and the least they have to be.
    #[serde(default)]
    pub(super) least: BTreeMap<String, f64>,
    /// The most they may be. `of_peer_X` is the part of the peer's figure X.
    #[serde(default)]
    pub(super) most: BTreeMap<String, f64>,
}

fn cli() -> String {
    "cli".to_owned()
}

fn once() -> usize {
    1
}

/// Reads the scenario called `name`, or all in order of their names.
pub(super) fn load(folder: &Path, name: Option<&str>) -> Result<Vec<Scenario>> {
    let listing = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    let mut scenarios = Vec::new();
    for entry in listing {
        let path = entry.context("could not read the folder of scenarios")?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            let scenario =
                parse(stem, &text).with_context(|| format!("could not read {}", path.display()))?;
            scenarios.push(scenario);
        }
    }
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    let Some(name) = name else { return Ok(scenarios) };
    let known = scenarios.iter().map(|scenario| scenario.name.clone()).collect::<Vec<_>>().join(", ");
    scenarios.retain(|scenario| scenario.name == name);
    if scenarios.is_empty() {
        bail!("there is no scenario {name}: known are {known}");
    }
    Ok(scenarios)
}

fn parse(name: &str, text: &str) -> Result<Scenario> {
    let scenario: Scenario = toml::from_str(text)?;
    Ok(Scenario { name: name.to_owned(), ..scenario })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_scenarios_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches");
        let scenarios = load(&folder, None).unwrap();
        assert!(scenarios.iter().any(|scenario| scenario.name == "register-100k"));
        assert!(load(&folder, Some("register-100k")).unwrap()[0].bars.client_peak_mb.is_some());
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches");
        let error = load(&folder, Some("register-1")).unwrap_err().to_string();
        assert!(error.starts_with("there is no scenario register-1: known are "), "{error}");
        assert!(error.contains("register-100k"), "{error}");
    }

    #[test]
    fn a_misspelt_bar_is_an_error() {
        let text = "title = \"t\"\nsandbox = []\nclient = []\n[bars]\nclient_peak = 300\n";
        assert!(parse("x", text).is_err());
    }
}
