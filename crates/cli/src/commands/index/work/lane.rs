//! One provider's part of a run.

use embed_queue::{Event, Policy, Report, SpaceState, Stop, Until, Worker};
use jiff::{SignedDuration, Timestamp};
use workflow::index::CRM;

use super::POLL;
use crate::args::WorkArgs;
use crate::clock;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::{self, Memory};
use crate::progress::Progress;
use crate::settings::Chosen;

/// Failures of the provider in a row after which a run that is to end gives up.
const PATIENCE: u32 = 5;
/// It does not wait longer than this for a provider either.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// An embedder at work for its space, with the patience that is had with it.
pub(super) struct Lane<'a> {
    pub(super) context: &'a Context,
    memory: &'a Memory,
    progress: &'a Progress,
    pub(super) space: SpaceState,
    chosen: Chosen,
    pub(super) stop: Stop,
    watch: bool,
    /// A change of the model is to be held back by nothing.
    change_anyway: bool,
    /// The change to this model is held back.
    pub(super) held_back: bool,
    patience: Patience,
}

#[derive(Default)]
struct Patience {
    failures: u32,
    gave_up: Option<String>,
}

impl<'a> Lane<'a> {
    pub(super) fn new(
        context: &'a Context,
        memory: &'a Memory,
        progress: &'a Progress,
        space: SpaceState,
        chosen: Chosen,
        args: &WorkArgs,
    ) -> Self {
        let (watch, change_anyway) = (args.watch, args.change_anyway);
        let (stop, patience) = (Stop::new(), Patience::default());
        let held_back = false;
        Self { context, memory, progress, space, chosen, stop, watch, change_anyway, held_back, patience }
    }

    /// Why it was not waited for any longer.
    pub(super) fn gave_up(self) -> Option<String> {
        self.patience.gave_up
    }

    /// Embeds what waits for this embedder.
    ///
    /// # Errors
    /// The file fails.
    pub(super) async fn work(&mut self) -> Result<Report, Failure> {
        let policy = Policy {
            poll: POLL,
            call_timeout: self.chosen.timeout,
            // Others take a killed worker's texts over after three calls' time.
            lease: self.chosen.timeout * 3,
            forbidden: self.chosen.personal_refused.as_ref().map(|_| CRM),
            ..Policy::default()
        };
        let embedder = self.chosen.embedder.clone();
        let worker = Worker::new(self.memory.store.clone(), embedder, policy, memory::surroundings());
        let until = if self.watch { Until::Stopped } else { Until::Drained };
        let stop = self.stop.clone();
        let report = worker.run(until, &stop, &mut |event| self.notice(&event)).await;
        report.map_err(Failure::from)
    }

    fn notice(&mut self, event: &Event) {
        match event {
            Event::Begun { texts, tokens } => self.announce(*texts, *tokens),
            Event::Settled(settled) => {
                self.progress.advance(settled.ready + settled.failed);
                if settled.ready > 0 {
                    self.patience.failures = 0;
                }
            }
            Event::Paused { until, reason } => self.paused(*until, reason),
            Event::HeldBack(failed) if !self.space.answers && !self.change_anyway => {
                self.held_back = true;
                let text = format!(
                    "{failed} texts failed with {}, so the old model goes on answering; `b24 index retry` lets them \
                     wait again, `b24 index work --change-anyway` changes without them",
                    self.space.lane
                );
                self.progress.beside(|| self.context.out.warning(text));
            }
            _ => {}
        }
    }

    /// Before anything is sent. Where the portal's texts go is said in any case.
    fn announce(&self, texts: u64, tokens: u64) {
        let host = self.chosen.host.as_ref();
        let place = host.map_or_else(|| "this machine".to_owned(), |host| format!("host {host}"));
        let text = format!("{texts} texts, about {tokens} tokens, for {} on {place}", self.space.lane);
        let personal = host.is_some() && self.memory.store.has_collection(CRM).unwrap_or(true);
        self.progress
            .beside(|| if personal { self.context.out.insist(text) } else { self.context.out.note(text) });
    }

    fn paused(&mut self, until: Timestamp, reason: &str) {
        self.patience.failures += 1;
        if self.patience.failures == 1 {
            self.progress.beside(|| self.context.out.note(format!("waiting until {until}: {reason}")));
        }
        let too_long = until.duration_since(clock::now()) > LONGEST;
        if !self.watch && (self.patience.failures >= PATIENCE || too_long) {
            self.patience.gave_up = Some(reason.to_owned());
            self.stop.request();
        }
    }
}
