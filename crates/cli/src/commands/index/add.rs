//! `b24 index add`.

use embed_queue::OnFailure;
use jiff::tz::TimeZone;
use workflow::index::{self, AddEvent, Added, Order, Target};

use crate::args::{AddArgs, ModeArg, OnFailureArg};
use crate::clock;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::memory::Memory;
use crate::output::{Answer, Problem};
use crate::progress::Progress;
use crate::settings::Chosen;

/// Reasons that mean somebody has to look; the others are usual in a folder.
const GRAVE: [&str; 4] = ["bad-record", "unreadable", "damaged", "rejected"];

pub(super) async fn run(context: &Context, args: &AddArgs) -> Result<Answer, Failure> {
    let memory = Memory::open(context)?;
    let answering = memory.answering()?;
    let longest = longest(&memory, answering.as_ref());
    let settings = &memory.settings.file.index;
    let order = Order {
        paths: args.paths.clone(),
        globs: args.glob.clone(),
        ignore_files: !args.no_ignore,
        collection: args.collection.clone(),
        max_bytes: settings.max_bytes(),
        sizes: settings.sizes(longest),
        prune: args.prune,
        zone: TimeZone::system(),
    };
    let target = match args.mode {
        ModeArg::Async => Target::Later(memory.store.clone()),
        ModeArg::Sync => {
            let queue = memory.queue(memory.answering_or_refused()?)?;
            Target::AtOnce(queue, on_failure(args.on_failure))
        }
    };
    let added = read(context, &target, &order).await?;
    tell(context, &memory, &added)
}

/// What every model takes whose vectors answer or will.
pub(super) fn longest(memory: &Memory, answering: Option<&Chosen>) -> usize {
    let takes = |each: &Chosen| each.embedder.capabilities().max_item_tokens;
    answering.map_or(usize::MAX, takes).min(takes(&memory.chosen))
}

fn on_failure(arg: OnFailureArg) -> OnFailure {
    match arg {
        OnFailureArg::Refuse => OnFailure::Refuse,
        OnFailureArg::Defer => OnFailure::Defer,
    }
}

async fn read(context: &Context, target: &Target, order: &Order) -> Result<Added, Failure> {
    let progress = Progress::new(&context.out, "files");
    let mut show = |event: AddEvent| match event {
        AddEvent::Expected { files } if files > 0 => progress.expect(files),
        AddEvent::Read { files } => progress.advance(files),
        _ => {}
    };
    index::add(target, order, clock::now(), &mut show).await.map_err(Failure::from)
}

fn tell(context: &Context, memory: &Memory, added: &Added) -> Result<Answer, Failure> {
    for (encoding, files) in &added.encodings {
        context.out.note(format!("{files} files were read as {encoding}"));
    }
    let mut text = vec![format!("{} documents, {} unchanged", added.documents, added.unchanged)];
    if added.pruned > 0 {
        text.push(format!(", {} removed because their files are gone", added.pruned));
    }
    if added.emptied > 0 {
        text.push(format!(", {} removed because their files have no text any more", added.emptied));
    }
    let chunks = added.chunks;
    text.push(format!(
        "\nchunks of them: {} ready, {} pending, {} failed\n",
        chunks.ready, chunks.pending, chunks.failed
    ));
    for (reason, count) in &added.skipped {
        text.push(format!("skipped, {reason}: {count}\n"));
    }
    if let Some(left_out) = added.left_out {
        context.out.warning(match left_out {
            0 => "no file is there that fits".to_owned(),
            files => format!("no file fits but {files} that are hidden or named by .gitignore or .ignore; --no-ignore reads them"),
        });
    }
    if let Some(because) = &added.deferred_because {
        context.out.warning(format!("{} documents wait for a worker: {because}", added.deferred));
    }
    if chunks.pending > 0 {
        let workers = memory.store.workers(clock::now())?;
        context.out.note(match workers {
            0 => "nothing embeds them yet; start a worker: b24 index work".to_owned(),
            workers => format!("{workers} workers are running"),
        });
    }
    let problem = |skipped: &index::Skipped| Problem {
        code: format!("index.{}", skipped.reason),
        field: None,
        value: Some(skipped.source.clone()),
        message: format!("{}: {}", skipped.source, skipped.detail),
        hint: None,
    };
    let grave = added.skipped.keys().any(|reason| GRAVE.contains(reason)) || added.deferred > 0;
    let problems = added.named.iter().map(problem).collect();
    let exit = if grave { Exit::Partial } else { Exit::Done };
    Ok(Answer::new(text.concat(), added)?.problems(problems).exit(exit))
}
