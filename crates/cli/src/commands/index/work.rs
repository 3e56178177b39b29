//! `b24 index work`.

mod lane;

use std::io;
use std::time::Duration;

use embed_queue::{Change, Report, Settled, SpaceState};
use futures::future::try_join_all;
use serde::Serialize;
use tokio::task::JoinHandle;
use workflow::index::CRM;

use self::lane::Lane;
use crate::args::WorkArgs;
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::memory::Memory;
use crate::output::Answer;
use crate::progress::Progress;
use crate::signals;

/// How often the file is looked at when others hold what is left.
const POLL: Duration = Duration::from_millis(200);

#[derive(Serialize)]
struct Data {
    ready: u64,
    retried: u64,
    failed: u64,
    pending: u64,
}

/// What a lane came to.
struct Ended {
    space: SpaceState,
    report: Report,
    /// The change to its model is held back.
    held_back: bool,
    /// Why it was not waited for any longer.
    gave_up: Option<String>,
}

/// Ends by itself when nothing waits any more, or gracefully at Ctrl-C: calls under way are finished and stored.
pub(in crate::commands) async fn run(context: &Context, args: &WorkArgs) -> Result<Answer, Failure> {
    let mut stopped = tokio::spawn(signals::stop_requested());
    let mut memory = Memory::open(context)?;
    memory.answering()?;
    let personal = memory.store.has_collection(CRM)?;
    if personal {
        Memory::allow_personal(&memory.chosen, "sending texts of the portal to")?;
    }
    choose(context, &memory)?;
    let progress = Progress::new(&context.out, "texts");
    if !args.watch {
        let waiting = memory.spaces()?.iter().map(|space| space.texts.pending).sum();
        progress.expect(waiting);
    }
    let mut ended = Vec::new();
    let interrupted = loop {
        let lanes = lanes(context, &memory, &progress, args)?;
        let (round, interrupted) = together(context, &progress, lanes, &mut stopped).await?;
        let replaced = replaced(&memory, &round)?;
        ended.extend(round);
        let Some((former, now)) = replaced.filter(|_| !interrupted) else { break interrupted };
        // Whoever changed the model has perhaps changed the settings for that.
        memory = Memory::open(context)?;
        follow(context, &memory, &progress, (&former, &now))?;
    };
    drop(progress);
    if args.change_anyway && memory.store.finish_change_anyway()? == Change::Done {
        context.out.note("changed to the new model; b24 index retry lets its failed texts wait again");
    }
    tell(&memory, &ended, interrupted && !args.watch)
}

/// Works until all lanes have ended; says whether that is because of Ctrl-C.
async fn together(
    context: &Context,
    progress: &Progress,
    lanes: Vec<Lane<'_>>,
    stopped: &mut JoinHandle<io::Result<()>>,
) -> Result<(Vec<Ended>, bool), Failure> {
    let stops: Vec<_> = lanes.iter().map(|lane| lane.stop.clone()).collect();
    let mut working = Box::pin(try_join_all(lanes.into_iter().map(work)));
    tokio::select! {
        ended = &mut working => Ok((ended?, false)),
        _ = stopped => {
            progress.beside(|| context.out.note("stopping: calls under way are finished first"));
            for stop in &stops {
                stop.request();
            }
            Ok((working.await?, true))
        }
    }
}

/// The model that another run replaced, and the one that answers now and was not worked for.
fn replaced(memory: &Memory, round: &[Ended]) -> Result<Option<(String, SpaceState)>, Failure> {
    let Some(former) = round.iter().find(|lane| lane.report.replaced) else { return Ok(None) };
    let of_another =
        |space: &SpaceState| space.answers && round.iter().all(|lane| lane.space.identity != space.identity);
    let now = memory.spaces()?.into_iter().find(of_another);
    Ok(now.map(|now| (former.space.lane.clone(), now)))
}

/// Says what happened to the model, and whether this run can go on with the other one.
fn follow(
    context: &Context,
    memory: &Memory,
    progress: &Progress,
    (former, now): (&str, &SpaceState),
) -> Result<(), Failure> {
    let refused = |reason: String| {
        Failure::new(Code::Embedder, "embedding texts")
            .because(format!("another run changed the queue to {}, {reason}", now.lane))
            .advise("add its [embedder.X] table, or run `b24 index work` to change to the chosen model")
    };
    let embedder = memory.embedder_of(&now.identity);
    let embedder = embedder.ok_or_else(|| refused("which the settings have no embedder for".to_owned()))?;
    let personal = memory.store.has_collection(CRM)?;
    if personal && embedder.personal_refused.is_some() {
        return Err(refused("which may not have the portal's texts".to_owned()));
    }
    let text = format!("{former} is no longer the model of the queue; going on with {}", now.lane);
    progress.beside(|| context.out.warning(text));
    Ok(())
}

/// The embedders that there is work for: of the space that answers, and of the one that is to follow it. No provider's
/// failures end the work of another one.
fn lanes<'a>(
    context: &'a Context,
    memory: &'a Memory,
    progress: &'a Progress,
    args: &WorkArgs,
) -> Result<Vec<Lane<'a>>, Failure> {
    let personal = memory.store.has_collection(CRM)?;
    let mut lanes = Vec::new();
    for space in memory.spaces()? {
        let Some(embedder) = memory.embedder_of(&space.identity) else {
            context.out.warning(format!("the settings have no embedder for {}", space.lane));
            continue;
        };
        if personal && embedder.personal_refused.is_some() {
            context.out.warning(format!("{} may not have the portal's texts any more", space.lane));
            continue;
        }
        lanes.push(Lane::new(context, memory, progress, space, embedder, args));
    }
    Ok(lanes)
}

/// Begins the change to the model of the settings, or gives up one that they no longer want.
fn choose(context: &Context, memory: &Memory) -> Result<(), Failure> {
    let chosen = memory.chosen.embedder.space();
    let spaces = memory.spaces()?;
    let Some(active) = spaces.iter().find(|space| space.answers) else { return Ok(()) };
    if active.identity != chosen.identity() {
        context.out.note(format!(
            "changing from {} to {}; {0} answers until then",
            active.lane,
            chosen.lane()
        ));
        return memory.store.begin_change(&chosen, clock::now()).map_err(Failure::from);
    }
    if let Some(next) = spaces.iter().find(|space| !space.answers) {
        context
            .out
            .note(format!("the change to {} is given up; {} goes on answering", next.lane, active.lane));
        memory.store.give_up_change()?;
    }
    Ok(())
}

async fn work(mut lane: Lane<'_>) -> Result<Ended, Failure> {
    let report = lane.work().await?;
    if let Some(reason) = &report.configuration {
        lane.context.out.warning(format!("{}: {reason}", lane.space.lane));
    }
    Ok(Ended { space: lane.space.clone(), report, held_back: lane.held_back, gave_up: lane.gave_up() })
}

fn tell(memory: &Memory, ended: &[Ended], interrupted: bool) -> Result<Answer, Failure> {
    let mut sum = Settled::default();
    for lane in ended {
        sum.ready += lane.report.settled.ready;
        sum.retried += lane.report.settled.retried;
        sum.failed += lane.report.settled.failed;
    }
    let spaces = memory.spaces()?;
    // What a model lacks that was changed for another one is nobody's concern any more.
    let lacks = |lane: &&Ended| {
        let is = |space: &&SpaceState| space.identity == lane.space.identity;
        spaces.iter().find(is).is_some_and(|space| space.texts.pending > 0)
    };
    let lacking: Vec<_> = ended.iter().filter(lacks).collect();
    let pending = spaces.iter().map(|space| space.texts.pending).sum();
    let text = format!("{} texts became ready, {} failed, {pending} wait\n", sum.ready, sum.failed);
    if let Some(reason) = lacking.iter().find_map(|lane| lane.report.configuration.as_ref()) {
        return Err(Failure::new(Code::Embedder, "embedding texts")
            .because(reason)
            .advise("correct the settings of the embedder; the texts wait"));
    }
    if let Some(reason) = lacking.iter().find_map(|lane| lane.gave_up.as_ref()) {
        return Err(Failure::new(Code::EmbedderUnavailable, format!("embedding texts: {}", text.trim_end()))
            .because(reason)
            .advise("run it again later; `b24 index work --watch` waits for the provider"));
    }
    let nobody = |space: &&SpaceState| ended.iter().all(|lane| lane.space.identity != space.identity);
    if let Some(space) = spaces.iter().filter(nobody).find(|space| space.texts.pending > 0) {
        return Err(Failure::new(Code::Embedder, format!("embedding texts: {}", text.trim_end()))
            .because(format!(
                "{} of them wait for {}, which the settings do not let embed",
                space.texts.pending, space.lane
            ))
            .advise("add its [embedder.X] table again, or finish the change to the chosen model"));
    }
    let data = Data { ready: sum.ready, retried: sum.retried, failed: sum.failed, pending };
    let is_whole = sum.failed == 0 && !ended.iter().any(|lane| lane.held_back);
    let exit = match (interrupted, is_whole) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::Partial,
    };
    Ok(Answer::new(text, &data)?.exit(exit))
}
