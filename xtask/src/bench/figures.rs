//! What a scenario gave, beside its bars.

#[cfg(test)]
mod tests;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::peer::PeerRun;
use super::scenario::Scenario;

/// Requests a usual plan takes at once, and how many a second after them.
const BURST: f64 = 50.0;
const LEAK: f64 = 2.0;

/// One run of the measured program.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Run {
    pub(super) wall_seconds: f64,
    pub(super) client_peak_bytes: Option<u64>,
    pub(super) sandbox_peak_bytes: Option<u64>,
    pub(super) requests: u64,
    pub(super) commands: u64,
    pub(super) rejected: u64,
}

/// The figures of all runs: the middle time, the worst of everything else. Memory is none where the system does not
/// tell it.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    #[serde(flatten)]
    pub(super) run: Run,
    /// The longest time.
    pub(super) slowest_seconds: f64,
    pub(super) runs: Vec<Run>,
    pub(super) peers: Vec<PeerRun>,
}

impl Figures {
    pub(super) fn of(runs: &[Run], peers: Vec<PeerRun>) -> Result<Self> {
        let worst = |of: fn(&Run) -> Option<u64>| runs.iter().filter_map(of).max();
        let slowest = runs.iter().map(|run| run.wall_seconds).fold(0.0, f64::max);
        Ok(Self {
            run: Run {
                wall_seconds: middle(runs.iter().map(|run| run.wall_seconds)).context("nothing was run")?,
                client_peak_bytes: worst(|run| run.client_peak_bytes),
                sandbox_peak_bytes: worst(|run| run.sandbox_peak_bytes),
                requests: worst(|run| Some(run.requests)).unwrap_or_default(),
                commands: worst(|run| Some(run.commands)).unwrap_or_default(),
                rejected: worst(|run| Some(run.rejected)).unwrap_or_default(),
            },
            slowest_seconds: slowest,
            runs: runs.to_vec(),
            peers,
        })
    }

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
            format!("  {:<34} {:>14} {:>10}  {}", "figure", "measured", "bar", "kept"),
        ];
        lines.extend(self.rows(scenario).iter().map(Row::to_line));
        for name in &scenario.peers {
            lines.push(self.peer_line(name));
        }
        lines.join("\n")
    }

    /// The middle time of a peer, over the runs it came through.
    fn peer_seconds(&self, name: &str) -> Option<f64> {
        middle(self.peers.iter().filter(|run| run.name == name).filter_map(|run| run.seconds))
    }

    fn peer_line(&self, name: &str) -> String {
        let runs: Vec<&PeerRun> = self.peers.iter().filter(|run| run.name == name).collect();
        let failed = runs.iter().filter(|run| run.seconds.is_none()).count();
        let seconds =
            self.peer_seconds(name).map_or_else(|| "failed".to_owned(), |seconds| format!("{seconds:.2} s"));
        let peak = runs.iter().filter_map(|run| run.peak_bytes).max().map(|bytes| bytes.div_ceil(1_000_000));
        let peak = peak.map_or_else(|| "?".to_owned(), |peak| peak.to_string());
        let most = |of: fn(&PeerRun) -> u64| runs.iter().map(|run| of(run)).max().unwrap_or_default();
        let order = if runs.iter().all(|run| run.ordered) { "in order" } else { "not in order" };
        format!(
            "  peer {name}: {seconds}, {peak} MB, {} requests, {} refused, {order}, {failed} of {} runs failed",
            most(|run| run.requests),
            most(|run| run.rejected),
            runs.len()
        )
    }

    fn rows(&self, scenario: &Scenario) -> Vec<Row> {
        let (bars, run) = (&scenario.bars, &self.run);
        let count = |name: &str, measured: Option<u64>, bar: Option<u64>| {
            Row::new(name, measured.map(whole), bar.map(whole), 0)
        };
        let wall = Some(run.wall_seconds);
        // "Every time" holds for the slowest.
        let beyond = (whole(run.requests) - BURST).max(0.0) / LEAK;
        let over_limit = bars.over_limit.map(|factor| factor * beyond + 1.0);
        let mut rows = vec![
            Row::new("wall time, s", wall, bars.seconds, 2),
            Row::new("slowest run, s", Some(self.slowest_seconds), over_limit, 2),
        ];
        let fastest = scenario.peers.iter().filter_map(|name| self.peer_seconds(name)).reduce(f64::min);
        let part = |seconds: Option<f64>| seconds.map(|seconds| run.wall_seconds / seconds);
        if bars.of_fastest_peer.is_some() {
            rows.push(Row::new("part of the fastest peer's time", part(fastest), bars.of_fastest_peer, 2));
        }
        for (name, bar) in &bars.of_peer {
            let name_of_row = format!("part of {name}'s time");
            rows.push(Row::new(&name_of_row, part(self.peer_seconds(name)), Some(*bar), 2));
        }
        rows.extend([
            count("client peak, MB", run.client_peak_bytes.map(megabytes), bars.client_peak_mb),
            count("sandbox peak, MB", run.sandbox_peak_bytes.map(megabytes), bars.sandbox_peak_mb),
            count("HTTP requests", Some(run.requests), bars.requests),
            count("commands", Some(run.commands), None),
            count("refused by the limit", Some(run.rejected), bars.rejected),
        ]);
        rows
    }
}

struct Row {
    name: String,
    measured: Option<f64>,
    bar: Option<f64>,
    digits: usize,
}

impl Row {
    fn new(name: &str, measured: Option<f64>, bar: Option<f64>, digits: usize) -> Self {
        Self { name: name.to_owned(), measured, bar, digits }
    }

    fn misses(&self) -> bool {
        matches!((self.measured, self.bar), (Some(measured), Some(bar)) if measured > bar)
    }

    fn to_line(&self) -> String {
        let digits = self.digits;
        let measured =
            self.measured.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.digits$}"));
        let bar = self.bar.map_or_else(|| "-".to_owned(), |bar| format!("≤ {bar:.digits$}"));
        let kept = match (self.measured, self.bar) {
            (Some(_), Some(_)) if self.misses() => "NO",
            (Some(_), Some(_)) => "yes",
            _ => "",
        };
        format!("  {:<34} {measured:>14} {bar:>10}  {kept}", self.name).trim_end().to_owned()
    }
}

fn middle(times: impl Iterator<Item = f64>) -> Option<f64> {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

/// Counts are far below where a float stops being exact.
#[expect(clippy::cast_precision_loss, reason = "counts of one run")]
fn whole(count: u64) -> f64 {
    count as f64
}

/// Rounded up, so that a bar is never kept by rounding.
fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}
