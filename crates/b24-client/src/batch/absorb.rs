//! Reads the maps of an answered batch: who has a result, who an error, and who is in neither.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::run::{Raw, Run};
use super::wave::Load;
use super::{Loss, key};
use crate::client::Time;
use crate::envelope::{Answered, BatchMaps, Piece, command_refusal, count};
use crate::error::Error;

/// The maps of an answer, by command key.
struct Maps<'a> {
    result: HashMap<String, &'a RawValue>,
    error: HashMap<String, &'a RawValue>,
    total: HashMap<String, &'a RawValue>,
    next: HashMap<String, &'a RawValue>,
    time: HashMap<String, &'a RawValue>,
}

impl<'a> Maps<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let maps = BatchMaps::read(text)?;
        let by_key = |entries: crate::envelope::Entries<'a>| {
            entries.into_iter().map(|(key, value)| (key.into_owned(), value)).collect()
        };
        Some(Self {
            result: by_key(maps.result),
            error: by_key(maps.error),
            total: by_key(maps.total),
            next: by_key(maps.next),
            time: by_key(maps.time),
        })
    }
}

impl Run<'_> {
    pub(super) fn absorb_maps(&mut self, load: &Load, answered: &Answered) {
        let piece = answered.result.clone();
        let Some(maps) = Maps::read(piece.json()) else {
            let error = std::sync::Arc::new(Error::Undecodable {
                method: "batch".to_owned(),
                reason: "it has no result and no result_error".to_owned(),
                raw: self.inner.webhook.strip(piece.json()).chars().take(300).collect(),
            });
            for index in &load.commands {
                self.lose(*index, Loss::Request(std::sync::Arc::clone(&error)), false);
            }
            return;
        };
        let mut stopped = false;
        let mut pending = Vec::new();
        for &index in &load.commands {
            let key = key(index);
            if let Some(entry) = maps.error.get(&key) {
                stopped = self.halt;
                self.refuse(index, entry, &pending);
            } else if let Some(result) = maps.result.get(&key) {
                self.accept(index, &piece, result, &maps, &key, &pending);
            } else if stopped {
                self.settle(index, Raw::NotExecuted(Loss::Halted));
            } else {
                self.lose(index, Loss::Missing, false);
            }
            if matches!(self.outcomes.get(index), Some(None)) {
                pending.push(index);
            }
        }
    }

    /// An entry in `result_error`.
    fn refuse(&mut self, index: usize, entry: &RawValue, pending: &[usize]) {
        let refusal = self.inner.stripped(&command_refusal(entry));
        let method = self.commands.get(index).map_or("", |command| &command.method);
        if refusal.code.proves_not_executed() {
            self.inner.command_refused(method, refusal.code);
            if !self.may_repeat(index) {
                self.settle(index, Raw::NotExecuted(Loss::Limit(Box::new(refusal))));
            }
            return;
        }
        // A read that was refused because its referent failed goes again together with it.
        let may_pass =
            refusal.is_ambiguous() || self.refers_to(index).iter().any(|one| pending.contains(one));
        if may_pass && self.safety(index).repeatable() && self.may_repeat(index) {
            self.perhaps_executed(index);
        } else {
            self.settle(index, Raw::Rejected(refusal));
        }
    }

    /// An entry in `result`. It is void when the command referred to something that has no value: the portal has
    /// then put something else in its place.
    fn accept(
        &mut self,
        index: usize,
        text: &Piece,
        result: &RawValue,
        maps: &Maps<'_>,
        key: &str,
        pending: &[usize],
    ) {
        let time: Option<Time> = maps.time.get(key).and_then(|time| serde_json::from_str(time.get()).ok());
        if let Some(command) = self.commands.get(index) {
            self.inner.note_usage(&command.method, time.as_ref());
        }
        if let Some(position) = self.broken_referent(index) {
            self.lose(index, Loss::Referent { position }, true);
        } else if let Some(&position) =
            self.refers_to(index).iter().find(|referent| pending.contains(referent))
        {
            // Its referent is sent again, and a read with it; a write was executed with something else.
            self.lose(index, Loss::Referent { position }, false);
        } else {
            let total = maps.total.get(key).and_then(|raw| count(raw));
            let next = maps.next.get(key).and_then(|raw| count(raw)).filter(|next| *next > 0);
            self.settle(index, Raw::Ok { piece: text.part(result.get()), total, next, time });
        }
    }

    fn refers_to(&self, index: usize) -> Vec<usize> {
        let command = self.commands.get(index);
        command.map_or_else(Vec::new, |command| {
            command.params.references().iter().map(|(_, reference)| reference.index).collect()
        })
    }
}
