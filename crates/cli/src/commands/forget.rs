//! `b24 forget`: a person is erased from what b24 remembers.

use serde::Serialize;
use workflow::sync::journal::{Person, Trace};

use super::sync::{Place, of_journal};
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
}

pub(super) fn run(context: &Context, args: &ForgetArgs) -> Result<Answer, Failure> {
    let place = Place::find(context)?;
    // Fewer digits would be found in other people's numbers, and a text without any in none at all.
    if let Some(phone) = &args.phone
        && phone.chars().filter(char::is_ascii_digit).count() < 7
    {
        return Err(Failure::new(Code::Usage, "reading the telephone number")
            .because("it has fewer than seven digits")
            .advise("give the whole number, in any spelling"));
    }
    let person = match (&args.phone, args.contact) {
        (Some(phone), _) => Person::Phone(phone.clone()),
        (None, contact) => Person::Contact(contact.unwrap_or_default()),
    };
    let trace = place.look()?.trace(&person).map_err(|error| of_journal(&error))?;
    if trace.is_empty() {
        return Answer::new("nothing of this person is kept here\n", &Forgotten { erased: false, trace });
    }
    context.out.note(listed(&trace).trim_end());
    if !args.yes && !ask::agreed(context, "Erase this?", "give --yes to erase it")? {
        return Answer::new("nothing was erased\n", &Forgotten { erased: false, trace });
    }
    let trace = place.open()?.erase(&person).map_err(|error| of_journal(&error))?;
    let text = format!(
        "erased: {} planned records, {} values before and after, {} rejected rows, {} identities, {} other texts\n\
         On the portal nothing was touched: contacts {}, deals {}.\n",
        trace.entries,
        trace.changes,
        trace.rejects,
        trace.identities,
        trace.texts,
        numbers(&trace.contacts),
        numbers(&trace.deals)
    );
    Answer::new(text, &Forgotten { erased: true, trace })
}

fn numbers(ids: &[u64]) -> String {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

fn listed(trace: &Trace) -> String {
    let rows = [
        ["records".to_owned(), trace.keys.join(", ")],
        ["planned records".to_owned(), trace.entries.to_string()],
        ["values before and after".to_owned(), trace.changes.to_string()],
        ["rejected rows".to_owned(), trace.rejects.to_string()],
        ["identities".to_owned(), trace.identities.to_string()],
        ["other texts".to_owned(), trace.texts.to_string()],
    ];
    table(["what is kept", ""], rows)
}
