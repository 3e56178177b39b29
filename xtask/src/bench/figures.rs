//! What a scenario gave, beside its bars.

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::scenario::Scenario;

/// The measured figures; memory is none where the system does not tell it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Figures {
    pub(super) wall_seconds: f64,
    /// The file that the client wrote.
    pub(super) file_bytes: Option<u64>,
    pub(super) peer_seconds: Option<f64>,
    pub(super) peer_bytes: Option<u64>,
    /// What a bench program reached.
    pub(super) invoices_per_second: Option<f64>,
    pub(super) client_peak_bytes: Option<u64>,
    pub(super) sandbox_peak_bytes: Option<u64>,
    pub(super) requests: u64,
    pub(super) commands: u64,
    pub(super) rejected: u64,
}

impl Figures {
    pub(super) fn json(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).context("could not write the figures as JSON")?;
        Ok(text + "\n")
    }

    /// Whether a bar is broken; a figure that could not be measured breaks none.
    pub(super) fn misses(&self, scenario: &Scenario) -> bool {
        self.rows(scenario).iter().any(Row::misses) || self.ratios(scenario).iter().any(Ratio::misses)
    }

    pub(super) fn table(&self, scenario: &Scenario) -> String {
        let mut lines = vec![
            format!("{}: {}", scenario.name, scenario.title),
            format!("  {:<22} {:>14} {:>10}  {}", "figure", "measured", "bar", "kept"),
            format!("  {:<22} {:>14} {:>10}", "wall time, s", format!("{:.2}", self.wall_seconds), "-"),
        ];
        lines.extend(self.rows(scenario).iter().map(Row::to_line));
        lines.extend(self.ratios(scenario).iter().map(Ratio::to_line));
        lines.join("\n")
    }

    fn rows(&self, scenario: &Scenario) -> Vec<Row> {
        let bars = &scenario.bars;
        let row = |name, measured, bar| Row { name, measured, bar };
        vec![
            row("client peak, MB", self.client_peak_bytes.map(megabytes), bars.client_peak_mb),
            row("sandbox peak, MB", self.sandbox_peak_bytes.map(megabytes), bars.sandbox_peak_mb),
            row("HTTP requests", Some(self.requests), bars.requests),
            row("commands", Some(self.commands), None),
            row("refused by the limit", Some(self.rejected), None),
        ]
    }
}

impl Figures {
    /// Figures with a fraction, only where there is a bar.
    fn ratios(&self, scenario: &Scenario) -> Vec<Ratio> {
        let bars = &scenario.bars;
        let number = |value: u64| u32::try_from(value).map_or(f64::INFINITY, f64::from);
        // The bucket lets the first 50 pass and two a second after them.
        let limit = number(self.requests.saturating_sub(50)) / 2.0;
        let ratio = |name, measured, bar: Option<f64>, at_least| {
            bar.map(|bar| Ratio { name, measured, bar, at_least })
        };
        let peer = self.peer_seconds.map(|seconds| seconds / self.wall_seconds);
        let size = self.file_bytes.zip(self.peer_bytes);
        [
            ratio("× the limit's own time", Some(self.wall_seconds / limit), bars.times_the_limit, false),
            ratio("× as fast as the peer", peer, bars.times_the_peer, true),
            ratio(
                "× the peer's file",
                size.map(|(ours, theirs)| number(ours) / number(theirs)),
                bars.peer_size,
                false,
            ),
            ratio("invoices per second", self.invoices_per_second, bars.invoices_per_second, true),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// A figure that has to stay on one side of its bar.
struct Ratio {
    name: &'static str,
    measured: Option<f64>,
    bar: f64,
    at_least: bool,
}

impl Ratio {
    fn misses(&self) -> bool {
        self.measured
            .is_some_and(|measured| if self.at_least { measured < self.bar } else { measured > self.bar })
    }

    fn to_line(&self) -> String {
        let measured = self.measured.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.2}"));
        let bar = format!("{} {}", if self.at_least { "≥" } else { "≤" }, self.bar);
        let kept = if self.measured.is_none() {
            ""
        } else if self.misses() {
            "NO"
        } else {
            "yes"
        };
        format!("  {:<22} {measured:>14} {bar:>10}  {kept}", self.name).trim_end().to_owned()
    }
}

struct Row {
    name: &'static str,
    measured: Option<u64>,
    bar: Option<u64>,
}

impl Row {
    fn misses(&self) -> bool {
        matches!((self.measured, self.bar), (Some(measured), Some(bar)) if measured > bar)
    }

    fn to_line(&self) -> String {
        let measured = self.measured.map_or_else(|| "not measured".to_owned(), |value| value.to_string());
        let bar = self.bar.map_or_else(|| "-".to_owned(), |bar| format!("≤ {bar}"));
        let kept = match (self.measured, self.bar) {
            (Some(_), Some(_)) if self.misses() => "NO",
            (Some(_), Some(_)) => "yes",
            _ => "",
        };
        format!("  {:<22} {measured:>14} {bar:>10}  {kept}", self.name).trim_end().to_owned()
    }
}

/// Rounded up, so that a bar is never kept by rounding.
fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::super::scenario::Bars;
    use super::*;

    fn scenario(client_peak_mb: u64) -> Scenario {
        Scenario {
            name: "register-1k".to_owned(),
            title: "small register".to_owned(),
            sandbox: Vec::new(),
            client: Vec::new(),
            config: toml::Table::new(),
            raw: None,
            peer: None,
            program: None,
            bars: Bars { client_peak_mb: Some(client_peak_mb), ..Bars::default() },
        }
    }

    fn figures(client_peak_bytes: Option<u64>) -> Figures {
        Figures {
            wall_seconds: 1.5,
            client_peak_bytes,
            sandbox_peak_bytes: None,
            requests: 12,
            commands: 600,
            rejected: 0,
            ..Figures::default()
        }
    }

    #[test]
    fn the_table_shows_figures_beside_bars() {
        insta::assert_snapshot!(figures(Some(41_000_001)).table(&scenario(300)), @"
        register-1k: small register
          figure                       measured        bar  kept
          wall time, s                     1.50          -
          client peak, MB                    42      ≤ 300  yes
          sandbox peak, MB         not measured          -
          HTTP requests                      12          -
          commands                          600          -
          refused by the limit                0          -
        ");
    }

    #[test]
    fn one_byte_over_the_bar_misses_it() {
        assert!(!figures(Some(300_000_000)).misses(&scenario(300)));
        assert!(figures(Some(300_000_001)).misses(&scenario(300)));
    }

    #[test]
    fn what_was_not_measured_misses_no_bar() {
        assert!(!figures(None).misses(&scenario(300)));
    }

    #[test]
    fn bars_with_a_fraction_are_kept_or_missed() {
        let mut scenario = scenario(300);
        scenario.bars = Bars { times_the_peer: Some(8.0), peer_size: Some(1.25), ..Bars::default() };
        let figures = Figures {
            peer_seconds: Some(13.5),
            file_bytes: Some(130),
            peer_bytes: Some(100),
            ..figures(None)
        };
        assert!(figures.misses(&scenario));
        let lines: Vec<String> = figures.ratios(&scenario).iter().map(Ratio::to_line).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
          × as fast as the peer            9.00        ≥ 8  yes
          × the peer's file                1.30     ≤ 1.25  NO
        ");
    }
}
