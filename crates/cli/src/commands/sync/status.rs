//! `b24 sync status`: the first question of every morning.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use workflow::sync::journal::{Cursor, JournalError, RecordOutcome, StoredRun};
use workflow::sync::{Journal, Mapping};

use super::shown::Clocks;
use super::{Place, chosen, shown};
use crate::args::SourceArgs;
use crate::clock;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

#[derive(Serialize)]
struct Screen {
    portal: String,
    journal: String,
    sources: Vec<Progress>,
    /// Writes whose answer was lost and that were not found again yet.
    unsettled_writes: usize,
}

#[derive(Serialize)]
struct Progress {
    source: String,
    last_run: Option<Run>,
    cursor: Option<Cursor>,
    records: Vec<(RecordOutcome, u64)>,
    rejects: usize,
    waiting: usize,
    /// Of those that wait, how many the next run reads again.
    due: usize,
    #[serde(skip)]
    clocks: Clocks,
}

/// A run with its counts.
#[derive(Serialize)]
pub(super) struct Run {
    #[serde(flatten)]
    pub(super) stored: StoredRun,
    pub(super) tally: Option<Box<RawValue>>,
    pub(super) statistics: Option<Box<RawValue>>,
}

impl From<StoredRun> for Run {
    fn from(run: StoredRun) -> Self {
        let raw = |text: &Option<String>| text.clone().and_then(|text| RawValue::from_string(text).ok());
        Self { tally: raw(&run.tally), statistics: raw(&run.statistics), stored: run }
    }
}

/// One screen.
pub(super) fn run(context: &Context, args: &SourceArgs) -> Result<Answer, Failure> {
    let place = Place::find(context)?;
    let journal = place.look()?;
    let only = chosen(args)?;
    let status = status(&place, &journal, only.as_ref())?;
    Answer::new(text(&status), &status)
}

fn status(place: &Place, journal: &Journal, only: Option<&Mapping>) -> Result<Screen, JournalError> {
    let now = clock::now();
    let mut names: Vec<String> = Vec::new();
    if let Some(only) = only {
        names.push(only.name.clone());
    } else {
        names.extend(journal.runs(None, 1_000)?.into_iter().map(|run| run.source));
        names.sort();
        names.dedup();
    }
    let sources = names.into_iter().map(|name| {
        let clocks = Clocks::chosen(journal, only, &name)?;
        of_source(journal, name, clocks, now)
    });
    let sources = sources.collect::<Result<_, _>>()?;
    Ok(Screen {
        portal: place.portal.clone(),
        journal: place.path.display().to_string(),
        sources,
        unsettled_writes: journal.open_intents()?.len(),
    })
}

fn of_source(
    journal: &Journal,
    name: String,
    clocks: Clocks,
    now: Timestamp,
) -> Result<Progress, JournalError> {
    let waiting = journal.retries(Some(&name))?;
    Ok(Progress {
        last_run: journal.runs(Some(&name), 1)?.pop().map(Run::from),
        cursor: journal.cursor(&name)?,
        records: journal.count_records(Some(&name))?,
        rejects: journal.rejects(Some(&name))?.len(),
        due: waiting.iter().filter(|retry| retry.next_at <= now).count(),
        waiting: waiting.len(),
        source: name,
        clocks,
    })
}

fn text(status: &Screen) -> String {
    let mut text = format!("portal {}\n", status.portal);
    for source in &status.sources {
        // Writing to a string cannot fail.
        let _always_fits = write!(text, "\n{}\n{}", source.source, of(source));
    }
    if status.sources.is_empty() {
        text += "nothing was synchronised yet\n";
    }
    if status.unsettled_writes > 0 {
        let _always_fits = writeln!(
            text,
            "\nwrites without an answer: {}; the next run looks for them before it writes anything again",
            status.unsettled_writes
        );
    }
    text
}

fn of(source: &Progress) -> String {
    let (mut lines, clocks) = (Vec::new(), &source.clocks);
    lines.extend(clocks.zone().map(|name| format!("times       {name}")));
    if let Some(Run { stored: run, .. }) = &source.last_run {
        let counts = shown::tally(run.tally.as_deref());
        let counts = if counts.is_empty() { String::new() } else { format!(": {counts}") };
        let when = clocks.moment(run.ended_at.unwrap_or(run.started_at));
        lines.push(format!(
            "last run    {} ({}) {when}, {}{counts}",
            run.id,
            run.kind.as_str(),
            run.state.as_str()
        ));
        lines.extend(run.reason.as_ref().map(|reason| format!("            {reason}")));
    }
    lines.push(match &source.cursor {
        Some(cursor) => {
            let value = clocks.cursor(&cursor.value);
            format!("read up to  {value} (noted {})", clocks.moment(cursor.at))
        }
        None => "read up to  no cursor yet: the next run begins at `initial`, or reads everything".to_owned(),
    });
    let records = source.records.iter().map(|(outcome, count)| format!("{count} {}", outcome.as_str()));
    let records = records.collect::<Vec<_>>().join(", ");
    lines.push(format!("records     {}", if records.is_empty() { "none" } else { &records }));
    let how = if source.rejects > 0 { ": b24 sync rejects list" } else { "" };
    lines.push(format!("put aside   {}{how}", source.rejects));
    lines.push(format!("waiting     {} to be read again, {} of them now", source.waiting, source.due));
    format!("  {}\n", lines.join("\n  "))
}
