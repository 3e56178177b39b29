//! `b24 index work`.

use std::time::Duration;

use embed_queue::{Event, Policy, Report, Settled, SpaceState, Stop, Until, Worker};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use workflow::index::CRM;

use crate::args::WorkArgs;
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::memory::{self, Memory, of_queue};
use crate::output::Answer;
use crate::progress::Progress;
use crate::settings::Chosen;
use crate::signals;

/// Failures of the provider in a row after which a run that is to end gives up.
const PATIENCE: u32 = 5;
/// It does not wait longer than this for a provider either.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// How often the file is looked at when others hold what is left.
const POLL: Duration = Duration::from_millis(200);

#[derive(Serialize)]
struct Data {
    ready: u64,
    retried: u64,
    failed: u64,
    pending: u64,
}

/// What the workers of this run have in common.
struct Watcher<'a> {
    context: &'a Context,
    progress: Progress,
    stop: Stop,
    watch: bool,
    failures: u32,
    gave_up: Option<String>,
}

impl Watcher<'_> {
    fn notice(&mut self, event: &Event) {
        match event {
            Event::Settled(settled) => {
                self.progress.advance(settled.ready + settled.failed);
                if settled.ready > 0 {
                    self.failures = 0;
                }
            }
            Event::Paused { until, reason } => self.paused(*until, reason),
            _ => {}
        }
    }

    fn paused(&mut self, until: Timestamp, reason: &str) {
        self.failures += 1;
        if self.failures == 1 {
            self.context.out.note(format!("waiting until {until}: {reason}"));
        }
        let too_long = until.duration_since(clock::now()) > LONGEST;
        if !self.watch && (self.failures >= PATIENCE || too_long) {
            self.gave_up = Some(reason.to_owned());
            self.stop.request();
        }
    }
}

/// Ends by itself when nothing waits any more, or gracefully at Ctrl-C: calls under way are finished and stored.
pub(in crate::commands) async fn run(context: &Context, args: &WorkArgs) -> Result<Answer, Failure> {
    let stopped = tokio::spawn(signals::stop_requested());
    let memory = Memory::open(context)?;
    let embedders = lanes(context, &memory)?;
    let stop = Stop::new();
    let mut watcher = Watcher {
        context,
        progress: Progress::new(&context.out, "texts"),
        stop: stop.clone(),
        watch: args.watch,
        failures: 0,
        gave_up: None,
    };
    if !args.watch {
        let waiting = memory.spaces()?.iter().map(|space| space.texts.pending).sum();
        watcher.progress.expect(waiting);
    }
    let (reports, interrupted) = {
        let mut working = Box::pin(work(&memory, embedders, args.watch, &stop, &mut watcher));
        tokio::select! {
            reports = &mut working => (reports?, false),
            _ = stopped => {
                context.out.note("stopping: calls under way are finished first");
                stop.request();
                (working.await?, true)
            }
        }
    };
    let gave_up = watcher.gave_up.take();
    drop(watcher);
    tell(&memory, &reports, gave_up, interrupted && !args.watch)
}

/// The embedders that there is work for: of the space that answers, and of the one that is to follow it.
fn lanes(context: &Context, memory: &Memory) -> Result<Vec<Chosen>, Failure> {
    let chosen = memory.chosen.embedder.space();
    memory.answering()?;
    let spaces = memory.spaces()?;
    let personal = memory.store.has_collection(CRM).map_err(|error| of_queue(&error))?;
    if personal {
        Memory::allow_personal(&memory.chosen, "sending texts of the portal to")?;
    }
    if let Some(active) = spaces.iter().find(|space| space.answers)
        && active.identity != chosen.identity()
    {
        context.out.note(format!(
            "changing from {} to {}; {0} answers until then",
            active.lane,
            chosen.lane()
        ));
        memory.store.begin_change(&chosen, clock::now()).map_err(|error| of_queue(&error))?;
    }
    let mut embedders = Vec::new();
    for space in memory.spaces()? {
        match memory.embedder_of(&space.identity) {
            Some(chosen) => {
                if personal {
                    Memory::allow_personal(&chosen, "sending texts of the portal to")?;
                }
                announce(context, &space, &chosen);
                embedders.push(chosen);
            }
            None => context.out.warning(format!("the settings have no embedder for {}", space.lane)),
        }
    }
    Ok(embedders)
}

fn announce(context: &Context, space: &SpaceState, chosen: &Chosen) {
    let place = chosen.host.as_ref().map_or_else(|| "this machine".to_owned(), |host| format!("host {host}"));
    if space.texts.pending > 0 {
        context.out.note(format!(
            "{} texts, about {} tokens, for {} on {place}",
            space.texts.pending, space.pending_tokens, space.lane
        ));
    }
}

async fn work(
    memory: &Memory,
    embedders: Vec<Chosen>,
    watch: bool,
    stop: &Stop,
    watcher: &mut Watcher<'_>,
) -> Result<Vec<Report>, Failure> {
    let until = if watch { Until::Stopped } else { Until::Drained };
    let watcher = std::sync::Mutex::new(watcher);
    let runs = embedders.into_iter().map(|chosen| {
        let forbidden = chosen.personal_refused.as_ref().map(|_| CRM);
        let policy = Policy {
            poll: POLL,
            forbidden,
            call_timeout: chosen.timeout,
            // Others take a killed worker's texts over after three calls' time.
            lease: chosen.timeout * 3,
            ..Policy::default()
        };
        let worker = Worker::new(memory.store.clone(), chosen.embedder, policy, memory::surroundings());
        let watcher = &watcher;
        async move {
            let mut tell = |event: Event| {
                watcher.lock().unwrap_or_else(std::sync::PoisonError::into_inner).notice(&event);
            };
            worker.run(until, stop, &mut tell).await
        }
    });
    try_join_all(runs).await.map_err(|error| of_queue(&error))
}

fn tell(
    memory: &Memory,
    reports: &[Report],
    gave_up: Option<String>,
    interrupted: bool,
) -> Result<Answer, Failure> {
    let mut sum = Settled::default();
    for report in reports {
        sum.ready += report.settled.ready;
        sum.retried += report.settled.retried;
        sum.failed += report.settled.failed;
    }
    if let Some(reason) = reports.iter().find_map(|report| report.configuration.as_ref()) {
        return Err(Failure::new(Code::Embedder, "embedding texts")
            .because(reason)
            .advise("correct the settings of the embedder; the texts wait"));
    }
    let pending = memory.spaces()?.iter().map(|space| space.texts.pending).sum();
    let text = format!("{} texts became ready, {} failed, {pending} wait\n", sum.ready, sum.failed);
    if let Some(reason) = gave_up {
        return Err(Failure::new(Code::EmbedderUnavailable, format!("embedding texts: {}", text.trim_end()))
            .because(reason)
            .advise("run it again later; `b24 index work --watch` waits for the provider"));
    }
    let data = Data { ready: sum.ready, retried: sum.retried, failed: sum.failed, pending };
    let exit = match (interrupted, sum.failed) {
        (true, _) => Exit::Interrupted,
        (false, 0) => Exit::Done,
        (false, _) => Exit::Partial,
    };
    Ok(Answer::new(text, &data)?.exit(exit))
}
