//! `b24 forget`: a person is erased from what b24 remembers.

mod memory;

use serde::Serialize;
use workflow::person::Person;
use workflow::sync::journal::Trace;

use self::memory::{Memories, Shown};
use super::sync::Place;
use crate::args::ForgetArgs;
use crate::ask;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Answer, table};

#[derive(Serialize)]
struct Forgotten {
    erased: bool,
    #[serde(flatten)]
    trace: Trace,
    index: Shown,
}

pub(super) fn run(context: &Context, args: &ForgetArgs) -> Result<Answer, Failure> {
    // Fewer digits would be found in other people's numbers, and a text without any in none at all.
    if let Some(phone) = &args.phone
        && phone.chars().filter(char::is_ascii_digit).count() < 7
    {
        return Err(Failure::new(Code::Usage, "reading the telephone number")
            .because("it has fewer than seven digits")
            .advise("give the whole number, in any spelling"));
    }
    let place = place(context)?;
    let person = match (&args.phone, args.contact) {
        (Some(phone), _) => Person::Phone(phone.clone()),
        (None, contact) => Person::Contact(contact.unwrap_or_default()),
    };
    // Nothing was synchronised from here yet: then only the index can hold something.
    let journal = place.as_ref().map(Place::journal).transpose()?.flatten();
    let trace = match journal {
        Some(journal) => journal.trace(&person)?,
        None => Trace::default(),
    };
    let memories = Memories::find(context, &person, &trace)?;
    let kept = |erased, trace| Forgotten { erased, trace, index: memories.shown() };
    if trace.is_empty() && memories.is_empty() {
        memories.erase(context, &person)?;
        return Answer::new("nothing of this person is kept here\n", &kept(false, trace));
    }
    context.out.note(listed(&trace, &memories).trim_end());
    if !args.yes && !ask::agreed(context, "Erase this?", "give --yes to erase it")? {
        return Answer::new("nothing was erased\n", &kept(false, trace));
    }
    memories.erase(context, &person)?;
    let trace = match &place {
        Some(place) if !trace.is_empty() => place.open()?.erase(&person)?,
        _ => trace,
    };
    let text = format!(
        "erased: {} planned records, {} values before and after, {} rejected rows, {} identities, {} other texts, {}\n\
         On the portal and in files nothing was touched: contacts {}, deals {}. What stays there comes back when it is \
         indexed again.\n",
        trace.entries,
        trace.changes,
        trace.rejects,
        trace.identities,
        trace.texts,
        memories.words(),
        numbers(&trace.contacts),
        numbers(&trace.deals)
    );
    Answer::new(text, &kept(true, trace))
}

/// Where the journal lies; nowhere for somebody who has an index of files and no portal.
fn place(context: &Context) -> Result<Option<Place>, Failure> {
    if context.settings()?.names_no_portal() {
        return Ok(None);
    }
    Place::find(context).map(Some)
}

fn numbers(ids: &[u64]) -> String {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

fn listed(trace: &Trace, memories: &Memories) -> String {
    let rows = [
        ["records".to_owned(), trace.keys.join(", ")],
        ["planned records".to_owned(), trace.entries.to_string()],
        ["values before and after".to_owned(), trace.changes.to_string()],
        ["rejected rows".to_owned(), trace.rejects.to_string()],
        ["identities".to_owned(), trace.identities.to_string()],
        ["other texts".to_owned(), trace.texts.to_string()],
    ];
    table(["what is kept", ""], rows.into_iter().chain(memories.rows()))
}
