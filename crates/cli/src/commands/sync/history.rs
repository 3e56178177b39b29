//! `b24 sync history`.

use std::collections::BTreeMap;

use serde::Serialize;
use workflow::sync::journal::{Changed, RunId, StoredRun};

use super::shown::Clocks;
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
    text.parse().map_err(|error| {
        Failure::new(Code::Usage, format!("reading the number of the run `{text}`"))
            .because(error)
            .advise("see `b24 sync history`")
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
            run.reason.clone().unwrap_or_else(|| shown::tally(run.tally.as_deref())),
        ]
    });
    let text = table(["run", "kind", "source", "began", "state", "what came of it"], rows);
    let runs: Vec<Run> = runs.into_iter().map(Run::from).collect();
    Answer::new(text, &runs)
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
    for line in [run.reason.clone(), Some(shown::tally(run.tally.as_deref()))].into_iter().flatten() {
        if !line.is_empty() {
            text.extend([line.as_str(), "\n"]);
        }
    }
    if !changes.is_empty() {
        text.push('\n');
        text += &written(&changes, &clocks);
    }
    Answer::new(text, &Detailed { run: run.into(), changes })
}

/// What was written, one line per field.
pub(super) fn written(changes: &[Changed], clocks: &Clocks) -> String {
    let rows = changes.iter().map(|changed| {
        let (field, before, after) = match &changed.change {
            Some(change) => (change.title.clone(), clocks.value(&change.before), clocks.value(&change.after)),
            None => (String::new(), String::new(), "created".to_owned()),
        };
        let mark = if changed.change.is_some() { "*" } else { "+" };
        [
            mark.to_owned(),
            changed.key.clone(),
            format!("{} {}", changed.entity.as_str(), changed.id),
            field,
            before,
            after,
            clocks.moment(changed.at),
        ]
    });
    table(["", "record", "written to", "field", "before", "after", "when"], rows)
}
