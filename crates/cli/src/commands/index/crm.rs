//! `b24 index crm`.

use serde::Serialize;
use workflow::index::crm::{self, CrmAdded, CrmEvent, CrmOrder, Survey};

use super::add;
use crate::args::CrmArgs;
use crate::clock;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::memory::Memory;
use crate::output::{Answer, Problem};
use crate::progress::Progress;

#[derive(Serialize)]
struct Planned {
    entities: Vec<Kind>,
    requests: u64,
    minutes: u64,
}

#[derive(Serialize)]
struct Kind {
    name: &'static str,
    records: u64,
    since: Option<String>,
}

pub(super) async fn run(context: &Context, args: &CrmArgs) -> Result<Answer, Failure> {
    // A dry run writes nothing, not even which portal and which model an empty queue is for.
    let memory = if args.dry_run { Memory::look(context) } else { Memory::open(context) }?;
    // Nothing of the portal is stored for an embedder that may not have it.
    let answering = if args.dry_run { memory.would_answer() } else { memory.answering() }?;
    for chosen in answering.iter().chain([&memory.chosen]) {
        Memory::allow_personal(chosen, "indexing the portal's content for")?;
    }
    let settings = &memory.settings.file.index;
    let of_portal = settings.crm.clone().unwrap_or_default();
    let longest = add::longest(&memory, answering.as_ref());
    let session = context.session().await?;
    let order = CrmOrder {
        full: args.full,
        fields: of_portal.fields(),
        comments: of_portal.comments(),
        sizes: settings.sizes(longest),
        user: session.user.clone(),
    };
    let survey = crm::survey(&session.client, &memory.store, &order).await?;
    let planned = planned(&memory, &survey);
    announce(context, &planned);
    if args.dry_run {
        return Answer::new("", &planned);
    }
    let progress = Progress::new(&context.out, "records");
    progress.expect(survey.entities.iter().map(|found| found.records).sum());
    let mut show = |event: CrmEvent| {
        if let CrmEvent::Records(records) = event {
            progress.advance(records);
        }
    };
    let read = crm::read(&session.client, &memory.store, &order, &survey, clock::now(), &mut show).await;
    let added = read?;
    drop(progress);
    if args.full && !session.user.administrator {
        context.out.warning(
            "nothing was removed: what this user does not see may be there all the same; `b24 index crm --full` with \
             an administrator's webhook finds what was deleted",
        );
    }
    tell(context, &memory, &added)
}

/// How long it takes follows from the portal's limit: what does not fit into the bucket waits for it.
fn planned(memory: &Memory, survey: &Survey) -> Planned {
    let pace = memory.settings.file.limits.pace();
    let waiting = survey.requests.saturating_sub(u64::from(pace.burst));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "minutes for people"
    )]
    let minutes = if pace.leak_per_second > 0.0 {
        (waiting as f64 / pace.leak_per_second / 60.0).ceil() as u64
    } else {
        0
    };
    let kinds = survey.entities.iter().map(|found| Kind {
        name: found.entity.name(),
        records: found.records,
        since: found.since.clone(),
    });
    Planned { entities: kinds.collect(), requests: survey.requests, minutes }
}

fn announce(context: &Context, planned: &Planned) {
    for kind in &planned.entities {
        let since = kind.since.as_ref().map_or_else(String::new, |since| format!(" changed since {since}"));
        context.out.note(format!("{}: {} records{since}", kind.name, kind.records));
    }
    context.out.note(format!(
        "about {} requests, {} minutes at the portal's limit",
        planned.requests, planned.minutes
    ));
}

fn tell(context: &Context, memory: &Memory, read: &CrmAdded) -> Result<Answer, Failure> {
    let records: u64 = read.records.values().sum();
    let added = &read.added;
    let chunks = added.chunks;
    let text = format!(
        "{records} records and {} comments read; {} documents, {} unchanged, {} removed\n\
         chunks of them: {} ready, {} pending, {} failed\n",
        read.comments,
        added.documents,
        added.unchanged,
        read.removed,
        chunks.ready,
        chunks.pending,
        chunks.failed
    );
    if chunks.pending > 0 {
        let tokens: u64 = memory.spaces()?.iter().map(|space| space.pending_tokens).sum();
        let host = memory.chosen.host.as_deref().unwrap_or("this machine");
        context.out.note(format!("about {tokens} tokens wait for {host}; b24 index work sends them"));
    }
    let problem = |skipped: &workflow::index::Skipped| Problem {
        code: format!("index.{}", skipped.reason),
        field: None,
        value: Some(skipped.source.clone()),
        message: format!("{}: {}", skipped.source, skipped.detail),
        hint: Some("the next run reads it again".to_owned()),
    };
    let problems: Vec<Problem> = added.named.iter().map(problem).collect();
    let exit = if problems.is_empty() { Exit::Done } else { Exit::Partial };
    Ok(Answer::new(text, read)?.problems(problems).exit(exit))
}
