//! `b24 sync why`: what happened to a record.

use serde::Serialize;
use workflow::sync::Journal;
use workflow::sync::journal::{Changed, JournalError, RecordState, Retry, StoredReject};
use workflow::sync::plan::english;

use super::shown::{Clocks, Names};
use super::{Place, history, shown, told};
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

/// What is known of one record.
#[derive(Serialize)]
struct Story {
    key: String,
    record: Option<RecordState>,
    rejects: Vec<StoredReject>,
    waiting: Vec<Retry>,
    /// Writes whose answer was lost.
    unsettled: Vec<String>,
    changes: Vec<Changed>,
    #[serde(skip)]
    clocks: Clocks,
    #[serde(skip)]
    names: Names,
}

impl Story {
    fn is_empty(&self) -> bool {
        self.record.is_none()
            && self.rejects.is_empty()
            && self.waiting.is_empty()
            && self.unsettled.is_empty()
            && self.changes.is_empty()
    }
}

pub(super) fn run(context: &Context, asked: &str) -> Result<Answer, Failure> {
    let place = Place::find(context)?;
    let journal = place.look()?;
    let stories = stories(&journal, asked.trim())?;
    if stories.is_empty() {
        return Err(Failure::new(Code::RecordUnknown, format!("looking for `{asked}` in the journal"))
            .because("no run has seen a record with this key or deal")
            .advise("give the whole key with its prefix, or the address of the deal"));
    }
    let text: Vec<String> = stories.iter().map(text).collect();
    Answer::new(text.join("\n"), &stories)
}

fn stories(journal: &Journal, asked: &str) -> Result<Vec<Story>, JournalError> {
    let mut keys = vec![asked.to_owned()];
    if let Some(deal) = deal_of(asked) {
        keys = journal.records_of_deal(deal)?.into_iter().map(|record| record.key).collect();
    }
    let mut stories = Vec::new();
    for key in keys {
        let story = story(journal, key)?;
        if !story.is_empty() {
            stories.push(story);
        }
    }
    Ok(stories)
}

fn story(journal: &Journal, key: String) -> Result<Story, JournalError> {
    let unsettled = journal.intents_of(&[key.as_str()])?;
    let record = journal.records(&[key.as_str()])?.remove(&key);
    let rejects: Vec<StoredReject> = journal.rejects_of(&key)?.into_iter().map(shown::masked).collect();
    let waiting = journal.retries(None)?.into_iter().filter(|retry| retry.key.as_ref() == Some(&key));
    let waiting: Vec<Retry> = waiting.map(shown::masked_reason).collect();
    let of_record = record.as_ref().map(|record| record.source.as_str());
    let of_others = || rejects.first().map(|reject| reject.source.as_str());
    let source = of_record.or_else(of_others).or_else(|| waiting.first().map(|retry| retry.source.as_str()));
    Ok(Story {
        clocks: Clocks::of_source(journal, source.unwrap_or_default())?,
        names: Names::known(journal)?,
        record,
        rejects,
        waiting,
        unsettled: unsettled.iter().map(|intent| intent.command.as_str().to_owned()).collect(),
        changes: journal.changes_of(&key)?,
        key,
    })
}

/// The number in the address of a deal's card.
fn deal_of(asked: &str) -> Option<u64> {
    let (_, rest) = asked.split_once("/deal/details/")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn text(story: &Story) -> String {
    let mut lines = vec![story.key.clone()];
    if let Some(record) = &story.record {
        let code = record.code.as_ref().map(|code| format!(", {code}")).unwrap_or_default();
        let when = story.clocks.moment(record.at);
        lines.push(format!(
            "  {}{code} in run {}, {when}, line {}",
            record.outcome.as_str(),
            record.run,
            record.line
        ));
        if let Some((what, action)) = record.code.as_deref().and_then(english) {
            lines.push(format!("  {what}; {action}"));
        }
        let number = |what: &str, id: Option<u64>| id.map(|id| format!("{what} {id}"));
        let places: Vec<String> =
            [number("deal", record.deal), number("contact", record.contact)].into_iter().flatten().collect();
        if !places.is_empty() {
            lines.push(format!("  {}", places.join(", ")));
        }
    }
    for stored in &story.rejects {
        let reject = &stored.reject;
        lines.push(format!("  put aside ({}): {}; {}", reject.code, reject.message, reject.hint));
    }
    for retry in &story.waiting {
        let next = story.clocks.moment(retry.next_at);
        lines.push(format!(
            "  read again at {next} after {}: {}",
            told::many(retry.attempts.into(), "attempt"),
            retry.reason
        ));
    }
    for command in &story.unsettled {
        lines.push(format!("  {command} was sent and has no answer; the next run looks for it first"));
    }
    let mut text: String = lines.join("\n") + "\n";
    if !story.changes.is_empty() {
        text.push('\n');
        text += &history::written(&story.changes, &story.clocks, &story.names, false);
    }
    text
}
