//! `b24 sync history`.

use std::collections::BTreeMap;

use serde::Serialize;
use workflow::sync::journal::{Changed, RunId, RunState, StoredRun};
use workflow::sync::run::counts_of;

use super::shown::{Clocks, Names};
use super::status::Run;
use super::{Place, shown};
use crate::args::HistoryArgs;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Answer, table};

pub(super) fn run(context: &Context, args: &HistoryArgs) -> Result<Answer, Failure> {
    let place = Place::find(context)?;
    match &args.run {
        Some(number) => one(&place, number_of(number)?, args.limit),
        None => all(&place, args.limit),
    }
}

/// A run by its number as it was typed.
///
/// # Errors
/// It is none.
pub(super) fn number_of(text: &str) -> Result<RunId, Failure> {
    text.parse().map_err(|_| {
        Failure::new(Code::Usage, format!("reading the number of the run `{text}`"))
            .because("it is no whole number")
            .advise("give a number that `b24 sync history` lists")
    })
}

fn all(place: &Place, limit: u32) -> Result<Answer, Failure> {
    let journal = place.look()?;
    let runs = journal.runs(None, limit)?;
    let mut clocks: BTreeMap<&str, Clocks> = BTreeMap::new();
    for run in &runs {
        if !clocks.contains_key(run.source.as_str()) {
            let found = Clocks::of_source(&journal, &run.source)?;
            clocks.insert(&run.source, found);
        }
    }
    let began = |run: &StoredRun| clocks.get(run.source.as_str()).map(|clocks| clocks.moment(run.started_at));
    let rows = runs.iter().map(|run| {
        [
            run.id.to_string(),
            run.kind.as_str().to_owned(),
            run.source.clone(),
            began(run).unwrap_or_default(),
            run.state.as_str().to_owned(),
            outcome(run),
        ]
    });
    let text = table(["run", "kind", "source", "began", "state", "what came of it"], rows);
    let runs: Vec<Run> = runs.into_iter().map(Run::from).collect();
    Answer::new(text, &runs)
}

/// What came of a run in a few words; a plan says what it would write.
fn outcome(run: &StoredRun) -> String {
    if let Some(reason) = &run.reason {
        return reason.clone();
    }
    let tally = shown::tally(run.tally.as_deref());
    if !tally.is_empty() {
        return tally;
    }
    match counts_of(run).filter(|_| run.state == RunState::Planned) {
        Some(counts) => {
            format!("nothing written: {} to create, {} to update", counts.create, counts.update)
        }
        None => String::new(),
    }
}

#[derive(Serialize)]
struct Detailed {
    run: Run,
    changes: Vec<Changed>,
}

fn one(place: &Place, number: RunId, limit: u32) -> Result<Answer, Failure> {
    let journal = place.look()?;
    let found = journal.run(number)?;
    let run = found.ok_or_else(|| {
        Failure::new(Code::Usage, format!("showing the run {number}"))
            .because("there is none with this number")
            .advise("see `b24 sync history`")
    })?;
    let clocks = Clocks::of_source(&journal, &run.source)?;
    let changes = journal.changes_of_run(number, 0, limit)?;
    let mut text = format!(
        "run {} ({}) of {}, {} – {}, {}\n",
        run.id,
        run.kind.as_str(),
        run.source,
        clocks.moment(run.started_at),
        run.ended_at.map_or_else(|| "not ended".to_owned(), |at| clocks.moment(at)),
        run.state.as_str()
    );
    let tally = Some(shown::tally(run.tally.as_deref())).filter(|_| run.reason.is_some());
    for line in [Some(outcome(&run)), tally].into_iter().flatten().filter(|line| !line.is_empty()) {
        text.extend([line.as_str(), "\n"]);
    }
    if !changes.is_empty() {
        let names = Names::known(&journal)?;
        text.push('\n');
        text += &written(&changes, &clocks, &names, true);
        if changes.len() as u64 == u64::from(limit) {
            text.extend(["the first ", &limit.to_string(), " only; --limit N shows more\n"]);
        }
    }
    Answer::new(text, &Detailed { run: run.into(), changes })
}

/// What was written, one line per field.
pub(super) fn written(changes: &[Changed], clocks: &Clocks, names: &Names, keys: bool) -> String {
    let times: Vec<_> = changes.iter().map(|changed| changed.at).collect();
    let (when, times) = clocks.column("when", &times);
    let rows = changes.iter().zip(times).map(|(changed, time)| {
        let shown = |value| names.value(changed.entity, value, clocks);
        let (mark, field, before, after) = match &changed.change {
            Some(change) => {
                let side = |value| (change.name.as_str(), value);
                ("*", change.title.clone(), shown(side(&change.before)), shown(side(&change.after)))
            }
            None => ("+", String::new(), String::new(), "created".to_owned()),
        };
        let target = format!("{} {}", changed.entity.as_str(), changed.id);
        (mark.to_owned(), changed.key.clone(), target, field, before, after, time)
    });
    if keys {
        let rows = rows.map(|(mark, key, target, field, before, after, time)| {
            [mark, key, target, field, before, after, time]
        });
        table(["", "record", "written to", "field", "before", "after", &when], rows)
    } else {
        let rows = rows
            .map(|(mark, _, target, field, before, after, time)| [mark, target, field, before, after, time]);
        table(["", "written to", "field", "before", "after", &when], rows)
    }
}
