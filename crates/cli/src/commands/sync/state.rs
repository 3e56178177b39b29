//! `b24 sync state`: what is remembered between runs.

use std::fs;
use std::path::Path;

use serde::Serialize;
use workflow::sync::journal::{Cursor, Retry};
use workflow::sync::source::CursorType;
use workflow::sync::{Mapping, SourceError};

use super::shown::Clocks;
use super::{Place, chosen, mapping, shown, told};
use crate::args::{SourceArgs, StateCommand};
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, table};

pub(super) fn run(context: &Context, command: &StateCommand) -> Result<Answer, Failure> {
    let place = Place::find(context)?;
    match command {
        StateCommand::Show(args) => show(&place, args),
        StateCommand::Set { mapping, cursor } => set(&place, mapping, Some(cursor)),
        StateCommand::Rewind { mapping, from } => set(&place, mapping, from.as_deref()),
        StateCommand::ForgetComments { key, .. } => forget_comments(&place, key.as_deref()),
        StateCommand::ImportComments { file } => import_comments(&place, file),
        StateCommand::ForgetFields => {
            place.open()?.forget_facts()?;
            Answer::new("the next run reads the portal's fields, funnels and stages anew\n", &())
        }
    }
}

#[derive(Serialize)]
struct State {
    cursors: Vec<Cursor>,
    waiting: Vec<Retry>,
}

fn show(place: &Place, args: &SourceArgs) -> Result<Answer, Failure> {
    let (journal, mapping) = (place.look()?, chosen(args)?);
    let only = mapping.as_ref().map(|mapping| mapping.name.clone());
    let clocks = |source: &str| Clocks::chosen(&journal, mapping.as_ref(), source).map_err(Failure::from);
    let mut cursors = journal.cursors()?;
    cursors.retain(|cursor| only.as_ref().is_none_or(|only| cursor.source == *only));
    let waiting = journal.retries(only.as_deref())?;
    let waiting: Vec<Retry> = waiting.into_iter().map(shown::masked_reason).collect();
    let mut rows = Vec::new();
    for cursor in &cursors {
        let clocks = clocks(&cursor.source)?;
        let by = cursor.run.map_or_else(|| "by hand".to_owned(), |run| format!("run {run}"));
        rows.push([cursor.source.clone(), clocks.cursor(&cursor.value), by, clocks.moment(cursor.at)]);
    }
    let mut text = if rows.is_empty() {
        "no cursor yet: the next run begins at `initial` of [source.cursor], or reads everything\n".to_owned()
    } else {
        table(["source", "read up to", "set by", "when"], rows)
    };
    if !waiting.is_empty() {
        let mut rows = Vec::new();
        for retry in &waiting {
            rows.push([
                retry.key.clone().unwrap_or_else(|| "(a row without a key)".to_owned()),
                retry.source.clone(),
                retry.attempts.to_string(),
                clocks(&retry.source)?.moment(retry.next_at),
                retry.reason.clone(),
            ]);
        }
        text.push('\n');
        text += &table(["record", "source", "attempts", "read again", "because"], rows);
    }
    Answer::new(text, &State { cursors, waiting })
}

/// A cursor as it was typed is no cursor of this source.
fn unfit(mapping: &Mapping, error: SourceError) -> Failure {
    let zone = &mapping.source.zone;
    let is_number = mapping.source.cursor.as_ref().is_some_and(|cursor| cursor.kind == CursorType::Number);
    let how = if is_number {
        "give a number, such as 20145".to_owned()
    } else {
        format!(
            "give a time on the clocks of {zone}, such as \"2026-11-02 09:30\", or a day, such as 2026-11-02"
        )
    };
    Failure::from(error).ending(Exit::Usage).advise(how)
}

#[derive(Serialize)]
struct Moved<'a> {
    source: &'a str,
    before: Option<String>,
    now: Option<&'a str>,
}

fn set(place: &Place, path: &Path, cursor: Option<&str>) -> Result<Answer, Failure> {
    let mapping = mapping(path)?;
    // Spelled as the journal spells it: cursors are compared as texts.
    let cursor = cursor.map(|text| mapping.source.cursor_at(text)).transpose();
    let cursor = cursor.map_err(|error| unfit(&mapping, error))?;
    let (cursor, journal) = (cursor.as_deref(), place.open()?);
    let before = journal.cursor(&mapping.name)?.map(|cursor| cursor.value);
    journal.set_cursor(&mapping.name, cursor, None, clock::now())?;
    let clocks = Clocks::of_mapping(&mapping);
    let shown =
        |value: Option<&str>| value.map_or_else(|| "the beginning".to_owned(), |value| clocks.cursor(value));
    let (old, new) = (shown(before.as_deref()), shown(cursor));
    let text = format!("{}: the next run reads from {new} on (before: {old})\n", mapping.name);
    Answer::new(text, &Moved { source: &mapping.name, before, now: cursor })
}

#[derive(Serialize)]
struct Deals {
    deals: u64,
}

fn forget_comments(place: &Place, key: Option<&str>) -> Result<Answer, Failure> {
    let journal = place.open()?;
    let deals = match key {
        None => journal.forget_comments(None)?,
        Some(key) => {
            let deal = journal.records(&[key])?.remove(key).and_then(|record| record.deal);
            let deal = deal.ok_or_else(|| {
                Failure::new(Code::RecordUnknown, format!("looking for the deal of `{key}`"))
                    .because("no run has seen a deal with this key")
                    .advise("give the whole key with its prefix")
            })?;
            journal.forget_comments(Some(deal))?
        }
    };
    let only = key.map(|key| format!(" --only {key}")).unwrap_or_default();
    let text = match deals {
        0 => "no comment of b24 is known there: nothing is posted anew\n".to_owned(),
        _ => format!(
            "the comments of {} are posted anew by the next run that reads the records, such as `b24 sync run \
             MAPPING{only} --full`; deals that are closed are left alone\n",
            told::many(deals, "deal")
        ),
    };
    Answer::new(text, &Deals { deals })
}

fn import_comments(place: &Place, path: &Path) -> Result<Answer, Failure> {
    let attempted = || format!("reading {}", path.display());
    let text = fs::read_to_string(path).map_err(|error| Failure::file(attempted(), &error))?;
    let deals = place.open()?.import_comment_hashes(&text, clock::now());
    let deals = deals.map_err(|error| Failure::of_hashes(path, error))?;
    let text = format!("the comments of {} are known now and not posted again\n", told::many(deals, "deal"));
    Answer::new(text, &Deals { deals })
}
