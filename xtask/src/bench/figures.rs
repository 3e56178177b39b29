//! What a scenario gave, beside its bars.

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::scenario::Scenario;

/// The measured figures; memory is none where the system does not tell it.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) wall_seconds: f64,
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
        self.rows(scenario).iter().any(Row::misses)
    }

    pub(super) fn table(&self, scenario: &Scenario) -> String {
        let mut lines = vec![
            format!("{}: {}", scenario.name, scenario.title),
            format!("  {:<22} {:>14} {:>10}  {}", "figure", "measured", "bar", "kept"),
            format!("  {:<22} {:>14} {:>10}", "wall time, s", format!("{:.2}", self.wall_seconds), "-"),
        ];
        lines.extend(self.rows(scenario).iter().map(Row::to_line));
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
}
