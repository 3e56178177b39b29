//! What a scenario gave, beside its bars.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::rival::Rival;
use super::scenario::Scenario;

/// Requests a usual plan takes at once, and how many a second after them.
const BURST: f64 = 50.0;
const LEAK: f64 = 2.0;

/// One run of the measured program.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Run {
    pub(super) wall_seconds: f64,
    /// The file that the client wrote.
    pub(super) file_bytes: Option<u64>,
    pub(super) peer_seconds: Option<f64>,
    pub(super) peer_bytes: Option<u64>,
    /// What a bench program printed.
    pub(super) printed: BTreeMap<String, f64>,
    pub(super) client_peak_bytes: Option<u64>,
    pub(super) sandbox_peak_bytes: Option<u64>,
    pub(super) requests: u64,
    pub(super) commands: u64,
    pub(super) rejected: u64,
    pub(super) robots: u64,
    /// Deals at the end, where the scenario counts them.
    pub(super) deals: Option<u64>,
    /// Records of the scenario's file.
    pub(super) records: Option<u64>,
    /// Seconds the portal worked on commands.
    pub(super) work_seconds: Option<f64>,
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
    pub(super) rivals: Vec<Rival>,
}

impl Figures {
    pub(super) fn of(runs: &[Run], rivals: Vec<Rival>) -> Result<Self> {
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
                robots: worst(|run| Some(run.robots)).unwrap_or_default(),
                ..runs.last().cloned().unwrap_or_default()
            },
            slowest_seconds: slowest,
            runs: runs.to_vec(),
            rivals,
        })
    }

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
            format!("  {:<34} {:>14} {:>10}  {}", "figure", "measured", "bar", "kept"),
        ];
        if scenario.program.is_none() {
            lines.extend(self.rows(scenario).iter().map(Row::to_line));
        }
        let free = |name: &&String| {
            !scenario.bars.least.contains_key(*name) && !scenario.bars.most.contains_key(*name)
        };
        for name in self.run.printed.keys().filter(free) {
            lines.push(Row::new(name, self.run.printed.get(name).copied(), None, 3).to_line());
        }
        lines.extend(self.ratios(scenario).iter().map(Ratio::to_line));
        for name in &scenario.rivals {
            lines.push(self.rival_line(name));
        }
        lines.join("\n")
    }

    /// The middle time of a rival, over the runs it came through.
    fn rival_seconds(&self, name: &str) -> Option<f64> {
        middle(self.rivals.iter().filter(|run| run.name == name).filter_map(|run| run.seconds))
    }

    fn rival_line(&self, name: &str) -> String {
        let runs: Vec<&Rival> = self.rivals.iter().filter(|run| run.name == name).collect();
        let failed = runs.iter().filter(|run| run.seconds.is_none()).count();
        let seconds =
            self.rival_seconds(name).map_or_else(|| "failed".to_owned(), |seconds| format!("{seconds:.2} s"));
        let peak = runs.iter().filter_map(|run| run.peak_bytes).max().map(|bytes| bytes.div_ceil(1_000_000));
        let peak = peak.map_or_else(|| "?".to_owned(), |peak| peak.to_string());
        let most = |of: fn(&Rival) -> u64| runs.iter().map(|run| of(run)).max().unwrap_or_default();
        let order = if runs.iter().all(|run| run.ordered) { "in order" } else { "not in order" };
        format!(
            "  rival {name}: {seconds}, {peak} MB, {} requests, {} refused, {order}, {failed} of {} runs failed",
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
        let fastest = scenario.rivals.iter().filter_map(|name| self.rival_seconds(name)).reduce(f64::min);
        let part = |seconds: Option<f64>| seconds.map(|seconds| run.wall_seconds / seconds);
        if bars.of_fastest_rival.is_some() {
            rows.push(Row::new("part of the fastest rival's time", part(fastest), bars.of_fastest_rival, 2));
        }
        for (name, bar) in &bars.of_rival {
            let name_of_row = format!("part of {name}'s time");
            rows.push(Row::new(&name_of_row, part(self.rival_seconds(name)), Some(*bar), 2));
        }
        rows.extend([
            count("client peak, MB", run.client_peak_bytes.map(megabytes), bars.client_peak_mb),
            count("sandbox peak, MB", run.sandbox_peak_bytes.map(megabytes), bars.sandbox_peak_mb),
            count("HTTP requests", Some(run.requests), bars.requests),
            count("commands", Some(run.commands), None),
            count("refused by the limit", Some(run.rejected), bars.rejected),
        ]);
        if run.records.is_some() {
            rows.push(count("writes that started robots", Some(run.robots), bars.robots));
        }
        rows
    }
}

impl Figures {
    /// Figures with a fraction, only where there is a bar.
    fn ratios(&self, scenario: &Scenario) -> Vec<Ratio> {
        let bars = &scenario.bars;
        let number = |value: u64| u32::try_from(value).map_or(f64::INFINITY, f64::from);
        // The bucket lets the first 50 pass and two a second after them.
        let limit = number(self.run.requests.saturating_sub(50)) / 2.0;
        let ratio = |name: &str, measured, bar: Option<f64>, at_least| {
            bar.map(|bar| Ratio { name: name.to_owned(), measured, bar, at_least })
        };
        let printed = |bars: &BTreeMap<String, f64>, at_least| -> Vec<Option<Ratio>> {
            let of = |(name, bar): (&String, &f64)| {
                ratio(name, self.run.printed.get(name).copied(), Some(*bar), at_least)
            };
            bars.iter().map(of).collect()
        };
        let peer = self.run.peer_seconds.map(|seconds| seconds / self.run.wall_seconds);
        let size = self.run.file_bytes.zip(self.run.peer_bytes);
        let hourly = self.run.records.map(|records| number(records) * 3600.0 / self.run.wall_seconds);
        let work = bars.times_the_work.map(|(_, at_once)| {
            self.run.wall_seconds / limit.max(self.run.work_seconds.unwrap_or_default() / at_once)
        });
        [
            ratio("records per hour", hourly, bars.records_per_hour, true),
            ratio("× limit or portal's work", work, bars.times_the_work.map(|(bar, _)| bar), false),
            ratio("× the limit's own time", Some(self.run.wall_seconds / limit), bars.times_the_limit, false),
            ratio("× as fast as the peer", peer, bars.times_the_peer, true),
            ratio(
                "× the peer's file",
                size.map(|(ours, theirs)| number(ours) / number(theirs)),
                bars.peer_size,
                false,
            ),
        ]
        .into_iter()
        .chain(printed(&bars.least, true))
        .chain(printed(&bars.most, false))
        .flatten()
        .collect()
    }
}

/// A figure that has to stay on one side of its bar.
struct Ratio {
    name: String,
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
        format!("  {:<34} {measured:>14} {bar:>10}  {kept}", self.name).trim_end().to_owned()
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
