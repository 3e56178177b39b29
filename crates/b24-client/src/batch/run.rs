//! Sends the commands of a batch in waves and settles exactly one outcome for each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use futures::StreamExt as _;
use futures::stream;
use tokio::time::Instant;

use super::lost::{Lost, Seeking};
use super::wave::Load;
use super::{COMMANDS_PER_REQUEST, Command, Loss, key};
use crate::call::Safety;
use crate::client::{Again, Exchange, Inner, SentAt, Time};
use crate::envelope::{Answered, Piece};
use crate::error::{ApiError, Error};
use crate::params::{Form, Mention, Query, write_text};

/// Requests of one batch that are under way at once.
const IN_FLIGHT: usize = 4;

/// An outcome whose result is not decoded yet.
#[derive(Debug, Clone)]
pub(crate) enum Raw {
    Ok { piece: Piece, total: Option<u64>, next: Option<u64>, time: Option<Time> },
    Rejected(ApiError),
    NotExecuted(Loss),
    Unknown(Loss),
    Failed(Loss),
}

/// A batch on its way. A command without an outcome is still to be sent, or to be sent again.
pub(crate) struct Run<'a> {
    pub(super) inner: &'a Inner,
    pub(super) commands: &'a [Command],
    pub(super) halt: bool,
    /// Commands a request may hold: fewer after an answer that was too large.
    pub(super) largest: usize,
    pub(super) outcomes: Vec<Option<Raw>>,
    /// How often each command was sent without a final outcome.
    pub(super) tries: Vec<u32>,
    /// Commands that may have been executed by an attempt whose answer was lost.
    perhaps: Vec<bool>,
    /// When each command was sent last.
    pub(super) sent_at: Vec<Option<Instant>>,
    pub(super) seeking: Option<Seeking<'a>>,
    /// Commands that are looked for, and have no outcome until then.
    pub(super) lost: BTreeMap<usize, Lost>,
    /// Commands that were proved not to be executed and were sent again, which is done once.
    pub(super) sent_again: BTreeSet<usize>,
    /// A failure that every further request would share.
    stopped: Option<Arc<Error>>,
    /// Requests of the next wave. Waves grow: the first ones show how long commands take.
    pub(super) wave_size: usize,
}

/// A request and what came of it.
struct Sent {
    load: Load,
    /// Whether its repetitions are used up already.
    repeated: bool,
    at: Option<Instant>,
    answer: Result<Answered, Arc<Error>>,
    /// An earlier failure that concerns every request kept it back.
    kept_back: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(inner: &'a Inner, commands: &'a [Command], halt: bool) -> Self {
        let outcomes = commands.iter().map(|_| None).collect();
        Self {
            inner,
            commands,
            halt,
            largest: COMMANDS_PER_REQUEST,
            outcomes,
            tries: vec![0; commands.len()],
            perhaps: vec![false; commands.len()],
            sent_at: vec![None; commands.len()],
            seeking: None,
            lost: BTreeMap::new(),
            sent_again: BTreeSet::new(),
            stopped: None,
            wave_size: IN_FLIGHT,
        }
    }

    /// Puts at most so many commands into a request.
    pub(crate) fn at_most(mut self, commands: usize) -> Self {
        self.largest = commands;
        self
    }

    /// Looks for writes whose answers are lost.
    pub(crate) fn seeking(mut self, seeking: Option<Seeking<'a>>) -> Self {
        self.seeking = seeking;
        self
    }

    pub(crate) async fn finish(mut self) -> Vec<Raw> {
        loop {
            let wave = self.next_wave();
            if wave.is_empty() && self.lost.is_empty() {
                break;
            }
            if wave.is_empty() {
                self.seek().await;
                continue;
            }
            self.pause(&wave).await;
            for sent in self.send(wave).await {
                self.absorb(&sent);
            }
            self.wave_size *= 2;
        }
        // Nothing is left without an outcome: a wave is empty only when every command has one.
        self.outcomes.into_iter().map(|outcome| outcome.unwrap_or(Raw::Unknown(Loss::Missing))).collect()
    }

    /// Waits before commands are sent again.
    async fn pause(&self, wave: &[Load]) {
        let tries = |index: &usize| self.tries.get(*index).copied().unwrap_or_default();
        let again = wave.iter().flat_map(|load| &load.commands).map(tries).max().unwrap_or_default();
        if again > 0 {
            let wait = self.inner.retry.wait(again, self.inner.random(), std::time::Duration::ZERO);
            self.inner.note_repetition(wait);
            tokio::time::sleep(wait).await;
        }
    }

    async fn send(&self, wave: Vec<Load>) -> Vec<Sent> {
        let stop = OnceLock::new();
        let requests = wave.into_iter().map(|load| self.send_one(load, &stop));
        stream::iter(requests).buffer_unordered(IN_FLIGHT).collect().await
    }

    async fn send_one(&self, load: Load, stop: &OnceLock<Arc<Error>>) -> Sent {
        if let Some(error) = stop.get() {
            return Sent { load, repeated: true, at: None, answer: Err(Arc::clone(error)), kept_back: true };
        }
        let repeatable = !self.halt && load.commands.iter().all(|index| self.safety(*index).repeatable());
        let at = SentAt::default();
        let answer = match load.commands.first().and_then(|index| self.commands.get(*index)) {
            Some(command) if load.direct => {
                let (params, safety) = (self.filled_in(command), command.safety);
                self.inner.single_at(&command.method, &params, safety, Some(&at)).await
            }
            _ => self.inner.exchange(self.encode(&load, repeatable, &at)).await,
        };
        let answer = answer.map_err(Arc::new);
        if let Err(error) = &answer
            && error.concerns_every_request()
        {
            // Whichever request finds it first: the others find the same.
            stop.get_or_init(|| Arc::clone(error));
        }
        Sent { load, repeated: repeatable, at: at.get(), answer, kept_back: false }
    }

    fn encode<'e>(&'e self, load: &Load, repeatable: bool, at: &'e SentAt) -> Exchange<'e> {
        let mut body = format!(r#"{{"halt":{},"cmd":{{"#, u8::from(self.halt));
        let mut uses = vec!["batch"];
        for (number, index) in load.commands.iter().enumerate() {
            let Some(command) = self.commands.get(*index) else { continue };
            if number > 0 {
                body.push(',');
            }
            let space = if command.safety == Safety::Read { "" } else { " " };
            let query = Query { reference: &|reference| format!("{space}{}", reference.text()) };
            let filled = command.refers().then(|| self.filled_in(command));
            let params = filled.as_ref().unwrap_or(&command.params);
            write_text(&key(*index), &mut body);
            body.push(':');
            write_text(&query.command(&command.method, params), &mut body);
            if !uses.contains(&command.method.as_str()) {
                uses.push(&command.method);
            }
        }
        body.push_str("}}");
        let commands = load.commands.len() as u64;
        let reads = load.commands.iter().all(|index| self.safety(*index) == Safety::Read);
        let sent = Some(at);
        let again = match repeatable {
            _ if self.can_be_split(load) => Again::InParts,
            true => Again::AsItIs,
            false => Again::Never,
        };
        Exchange { method: "batch", body, uses, commands, again, maps: true, pages: None, reads, sent }
    }

    fn absorb(&mut self, sent: &Sent) {
        for index in &sent.load.commands {
            if let (Some(place), Some(at)) = (self.sent_at.get_mut(*index), sent.at) {
                *place = Some(at);
            }
        }
        match &sent.answer {
            Ok(Answered { maps: Some(maps), repeated, .. }) => {
                if *repeated {
                    sent.load.commands.iter().for_each(|index| self.perhaps_executed(*index));
                }
                self.absorb_maps(&sent.load, maps);
            }
            Ok(answered) => {
                let (total, next) = (answered.total, answered.next);
                let raw =
                    Raw::Ok { piece: answered.result.clone(), total, next, time: answered.time.clone() };
                for index in &sent.load.commands {
                    self.settle(*index, raw.clone());
                }
            }
            Err(error) => {
                if error.concerns_every_request() {
                    self.stopped = Some(Arc::clone(error));
                }
                self.absorb_failure(sent, error);
            }
        }
        self.halt_if_failed();
    }

    /// The whole request has no result: every command of it shares the reason.
    fn absorb_failure(&mut self, sent: &Sent, error: &Arc<Error>) {
        let loss = || Loss::Request(Arc::clone(error));
        if error.is_too_much() && self.can_be_split(&sent.load) {
            self.largest = self.largest.min(sent.load.commands.len() / 2);
            return;
        }
        for index in &sent.load.commands {
            let not_executed = sent.kept_back || !error.may_be_sent();
            match error.api() {
                _ if not_executed => self.settle(*index, Raw::NotExecuted(loss())),
                Some(api) if api.code.proves_not_executed() => self.settle(*index, Raw::NotExecuted(loss())),
                Some(api) if !api.is_ambiguous() => self.settle(*index, Raw::Rejected(api.clone())),
                _ => self.lose(*index, loss(), sent.repeated),
            }
        }
    }

    /// Whether the commands may be sent again in smaller requests.
    fn can_be_split(&self, load: &Load) -> bool {
        let free = |index: &usize| {
            let command = self.commands.get(*index);
            command.is_some_and(|command| command.safety == Safety::Read && !command.refers())
        };
        !self.halt && load.commands.len() > 1 && load.commands.iter().all(free)
    }

    /// After a failure nothing more is sent when the batch halts.
    pub(super) fn halt_if_failed(&mut self) {
        let failed = |outcome: &Option<Raw>| !matches!(outcome, None | Some(Raw::Ok { .. }));
        if self.halt && self.outcomes.iter().any(failed) {
            self.settle_rest(&Loss::Halted);
        }
    }

    /// Nothing more is sent after a failure that every request would share.
    pub(super) fn stop_if_useless(&mut self) {
        if let Some(error) = self.stopped.take() {
            self.settle_rest(&Loss::Request(error));
        }
    }

    fn settle_rest(&mut self, loss: &Loss) {
        for index in 0..self.outcomes.len() {
            // What is looked for may have been executed.
            if self.is_open(index) && !self.lost.contains_key(&index) {
                self.settle(index, Raw::NotExecuted(loss.clone()));
            }
        }
    }

    /// The answer is lost. What may be repeated is sent again as long as its repetitions last.
    pub(super) fn lose(&mut self, index: usize, loss: Loss, repeated: bool) {
        let safety = self.safety(index);
        self.perhaps_executed(index);
        if safety.repeatable() && !repeated && self.may_repeat(index) {
            return;
        }
        if self.keep_for_look_up(index, &loss) {
            return;
        }
        let raw = if safety == Safety::Read { Raw::Failed(loss) } else { Raw::Unknown(loss) };
        self.settle(index, raw);
    }

    /// An attempt may have executed a command although nobody said so.
    pub(super) fn perhaps_executed(&mut self, index: usize) {
        if let Some(place) = self.perhaps.get_mut(index) {
            *place = true;
        }
    }

    /// A look-up proves that no attempt was executed.
    pub(super) fn not_executed_after_all(&mut self, index: usize) {
        if let Some(place) = self.perhaps.get_mut(index) {
            *place = false;
        }
    }

    /// Counts a repetition, when there is one left.
    pub(super) fn may_repeat(&mut self, index: usize) -> bool {
        let allowed = if self.halt { 0 } else { self.inner.retry.retries };
        match self.tries.get_mut(index) {
            Some(tries) if *tries < allowed => {
                *tries += 1;
                true
            }
            _ => false,
        }
    }

    pub(super) fn settle(&mut self, index: usize, raw: Raw) {
        let perhaps = self.perhaps.get(index).copied().unwrap_or_default();
        let raw = match raw {
            // Not executed this time, but perhaps by the attempt before.
            Raw::NotExecuted(loss) if perhaps && self.safety(index) != Safety::Read => {
                if self.keep_for_look_up(index, &loss) {
                    return;
                }
                Raw::Unknown(loss)
            }
            raw => raw,
        };
        if let Some(place) = self.outcomes.get_mut(index) {
            *place = Some(raw);
        }
    }

    pub(super) fn safety(&self, index: usize) -> Safety {
        self.commands.get(index).map_or(Safety::Write, |command| command.safety)
    }

    /// A command is never sent when what it refers to has no result.
    pub(super) fn settle_dependents(&mut self) {
        for index in 0..self.commands.len() {
            if self.is_open(index)
                && !self.lost.contains_key(&index)
                && let Some(position) = self.broken_referent(index)
            {
                self.settle(index, Raw::NotExecuted(Loss::Referent { position }));
            }
        }
    }

    /// The first referent of a command that has an outcome without the value referred to.
    pub(super) fn broken_referent(&self, index: usize) -> Option<usize> {
        let command = self.commands.get(index)?;
        let usable = |mention: &Mention<'_>, value: &str| {
            // Only numbers and texts stand inside a text.
            mention.form == Form::Whole
                || value.starts_with(|c: char| c == '"' || c == '-' || c.is_ascii_digit())
        };
        let broken = |mention: &Mention<'_>| match self.outcomes.get(mention.reference.index) {
            Some(Some(Raw::Ok { piece, .. })) => {
                let steps = mention.reference.steps().unwrap_or_default();
                !piece.at(&steps).is_some_and(|value| usable(mention, value))
            }
            Some(None) => false,
            _ => true,
        };
        command
            .params
            .references()
            .iter()
            .find(|mention| broken(mention))
            .map(|mention| mention.reference.index)
    }
}
