//! Reads the maps of an answered batch: who has a result, who an error, and who is in neither.

use super::run::{Raw, Run};
use super::wave::Load;
use super::{Loss, key};
use crate::client::Time;
use crate::envelope::{Maps, Piece, command_refusal};
use crate::error::ApiCode;

impl Run<'_> {
    pub(super) fn absorb_maps(&mut self, load: &Load, maps: &Maps) {
        let mut stopped = false;
        let mut pending = Vec::new();
        for &index in &load.commands {
            let key = key(index);
            if let Some(entry) = maps.error.get(&key) {
                stopped = self.halt;
                self.refuse(index, entry.json(), &pending);
            } else if let Some(result) = maps.result.get(&key) {
                self.accept(index, result, maps, &key, &pending);
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
    fn refuse(&mut self, index: usize, entry: &str, pending: &[usize]) {
        let refusal = self.inner.stripped(&command_refusal(entry));
        let method = self.commands.get(index).map_or("", |command| &command.method);
        if refusal.code.proves_not_executed() {
            self.inner.command_refused(method, refusal.code);
            if !self.may_repeat(index) {
                self.settle(index, Raw::NotExecuted(Loss::Limit(Box::new(refusal))));
            }
            return;
        }
        // The token ended while the batch ran: the next request is refused as a whole and gets a new one.
        if refusal.code == ApiCode::ExpiredToken && self.may_repeat(index) {
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
    fn accept(&mut self, index: usize, result: &Piece, maps: &Maps, key: &str, pending: &[usize]) {
        let time: Option<Time> = maps.time.get(key).and_then(|time| serde_json::from_str(time.json()).ok());
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
            let total = maps.total.get(key).and_then(Piece::count);
            let next = maps.next.get(key).and_then(Piece::count).filter(|next| *next > 0);
            self.settle(index, Raw::Ok { piece: result.clone(), total, next, time });
        }
    }

    fn refers_to(&self, index: usize) -> Vec<usize> {
        let command = self.commands.get(index);
        command.map_or_else(Vec::new, |command| {
            command.params.references().iter().map(|mention| mention.reference.index).collect()
        })
    }
}
