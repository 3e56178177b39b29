//! Which commands can go next, and in which requests.

use super::group::{groups, members};
use super::run::{Raw, Run};
use super::{BatchError, COMMANDS_PER_REQUEST, Command};
use crate::params::{Form, Param, Params, check_method};

/// Commands of one request, in order.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) commands: Vec<usize>,
    /// The share of a request's time they take, from what was measured so far.
    share: f64,
    /// A single call instead of a batch, because the batch form cannot say what it says.
    pub(super) direct: bool,
}

/// Checks everything that can be checked before anything is sent.
pub(super) fn check(batch: u64, commands: &[Command]) -> Result<(), BatchError> {
    for (position, command) in commands.iter().enumerate() {
        let method = || command.method.clone();
        check_method(&command.method)
            .and_then(|()| command.params.check())
            .map_err(|source| BatchError::Params { position, method: method(), source })?;
        for mention in command.params.references() {
            let illegal = |reason| BatchError::Reference { position, method: method(), reason };
            let reference = mention.reference;
            if reference.batch != batch {
                return Err(illegal("it refers to another batch".to_owned()));
            }
            if reference.index >= position {
                return Err(illegal(format!(
                    "it refers to command {}, which is not earlier",
                    reference.index
                )));
            }
            reference.steps().map_err(illegal)?;
        }
    }
    let links = commands.iter().enumerate().flat_map(|(index, command)| {
        linked_referents(commands, command).into_iter().map(move |referent| (referent, index))
    });
    let all: Vec<usize> = (0..commands.len()).collect();
    match groups(&all, links.collect()).into_iter().find(|group| group.len() > COMMANDS_PER_REQUEST) {
        Some(group) => Err(BatchError::GroupTooLarge {
            size: group.len(),
            first: group.first().copied().unwrap_or_default(),
            members: members(commands, &group),
        }),
        None => Ok(()),
    }
}

/// The referents that must be in the same request as long as their results are not known.
fn linked_referents(commands: &[Command], command: &Command) -> Vec<usize> {
    let references = command.params.references();
    let in_request = |index: usize| commands.get(index).is_some_and(|referent| referent.params.fits_query());
    let all_linkable = command.params.fits_query()
        && references
            .iter()
            .all(|mention| command.may_mention(mention) && in_request(mention.reference.index));
    if all_linkable { references.iter().map(|mention| mention.reference.index).collect() } else { Vec::new() }
}

impl Run<'_> {
    /// The requests that can be sent now; empty when every command has its outcome.
    pub(super) fn next_wave(&mut self) -> Vec<Load> {
        self.settle_dependents();
        self.halt_if_failed();
        self.stop_if_useless();
        let mut ready = vec![false; self.commands.len()];
        let mut members = Vec::new();
        let mut links = Vec::new();
        for (index, command) in self.commands.iter().enumerate() {
            if !self.is_open(index) {
                continue;
            }
            if self.lost.contains_key(&index) {
                if self.halt {
                    break;
                }
                continue;
            }
            if let Some(referents) = self.pending_referents(command, &ready) {
                if let Some(place) = ready.get_mut(index) {
                    *place = true;
                }
                members.push(index);
                links.extend(referents.into_iter().map(|referent| (referent, index)));
            } else if self.halt {
                break;
            }
        }
        if self.halt { self.in_order(&members) } else { self.packed(&members, links) }
    }

    /// The referents still without a result, when all of them can go along in the same request.
    fn pending_referents(&self, command: &Command, ready: &[bool]) -> Option<Vec<usize>> {
        let (pending, known): (Vec<_>, Vec<_>) = command
            .params
            .references()
            .into_iter()
            .partition(|mention| self.is_open(mention.reference.index));
        // A text is written in one go, and what a known value makes of the command may not fit into a batch.
        let in_one_go = || {
            known.iter().all(|mention| mention.form == Form::Whole) && self.filled_in(command).fits_query()
        };
        if !pending.is_empty() && !known.is_empty() && !in_one_go() {
            return None;
        }
        let pending: Vec<usize> = pending.into_iter().map(|mention| mention.reference.index).collect();
        let linked = linked_referents(self.commands, command);
        let go_along =
            |index: &usize| linked.contains(index) && ready.get(*index).copied().unwrap_or_default();
        pending.iter().all(go_along).then_some(pending)
    }

    /// Halting: one request at a time, in the order given.
    fn in_order(&self, members: &[usize]) -> Vec<Load> {
        let Some(&first) = members.first() else { return Vec::new() };
        if self.is_direct(first) {
            return vec![Load { commands: vec![first], share: 0.0, direct: true }];
        }
        let mut share = 0.0;
        let in_time = |index: &usize| {
            share += self.share(*index);
            *index == first || share <= 1.0
        };
        let commands = members
            .iter()
            .copied()
            .take_while(|index| !self.is_direct(*index))
            .take(self.largest)
            .take_while(in_time);
        vec![Load { commands: commands.collect(), share: 0.0, direct: false }]
    }

    /// Groups into as few requests as their order allows, each into the first that has room.
    fn packed(&self, members: &[usize], links: Vec<(usize, usize)>) -> Vec<Load> {
        let mut loads: Vec<Load> = Vec::new();
        let mut first_open = 0;
        for group in groups(members, links) {
            if let [single] = *group.as_slice()
                && self.is_direct(single)
            {
                loads.push(Load { commands: group, share: 0.0, direct: true });
                continue;
            }
            let share: f64 = group.iter().map(|index| self.share(*index)).sum();
            let room = |load: &Load| {
                !load.direct && load.commands.len() + group.len() <= self.largest && load.share + share <= 1.0
            };
            match loads.iter_mut().skip(first_open).find(|load| room(load)) {
                Some(load) => {
                    load.commands.extend(group);
                    load.share += share;
                }
                None => loads.push(Load { commands: group, share, direct: false }),
            }
            let full = |load: &Load| load.direct || load.commands.len() >= self.largest || load.share >= 1.0;
            first_open += loads.iter().skip(first_open).take_while(|load| full(load)).count();
        }
        loads.truncate(self.wave_size);
        for load in &mut loads {
            load.commands.sort_unstable();
        }
        loads
    }

    fn share(&self, index: usize) -> f64 {
        self.commands.get(index).map_or(0.0, |command| self.inner.share(&command.method))
    }

    /// Whether a command goes alone, because the batch form cannot say what it says or what its references have
    /// turned out to be.
    fn is_direct(&self, index: usize) -> bool {
        self.commands.get(index).is_some_and(|command| {
            !command.params.fits_query() || (command.refers() && !self.filled_in(command).fits_query())
        })
    }

    /// Whether a command has no outcome yet.
    pub(super) fn is_open(&self, index: usize) -> bool {
        matches!(self.outcomes.get(index), Some(None))
    }

    /// The parameters with every known result in its place.
    pub(super) fn filled_in(&self, command: &Command) -> Params {
        command.params.resolved(&|reference| self.known(reference))
    }

    /// The value of a known result, as a parameter.
    pub(super) fn known(&self, reference: &super::Reference) -> Option<Param> {
        let steps = reference.steps().ok()?;
        match self.outcomes.get(reference.index)? {
            Some(Raw::Ok { piece, .. }) => Param::from_json(piece.at(&steps)?).ok(),
            _ => None,
        }
    }
}
