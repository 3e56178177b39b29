//! Commands that refer to each other.

use std::collections::BTreeMap;

use super::Command;

/// Sets of commands that are connected by links, each in order, ordered by their first command.
pub(super) fn groups(members: &[usize], links: Vec<(usize, usize)>) -> Vec<Vec<usize>> {
    let top = members.iter().max().map_or(0, |last| last + 1);
    let mut roots: Vec<usize> = (0..top).collect();
    for (one, other) in links {
        let (one, other) = (root(&mut roots, one), root(&mut roots, other));
        if let Some(place) = roots.get_mut(one.max(other)) {
            *place = one.min(other);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for member in members {
        groups.entry(root(&mut roots, *member)).or_default().push(*member);
    }
    groups.into_values().collect()
}

fn root(roots: &mut [usize], mut at: usize) -> usize {
    while let Some(&up) = roots.get(at)
        && up != at
    {
        let above = roots.get(up).copied().unwrap_or(up);
        if let Some(place) = roots.get_mut(at) {
            *place = above;
        }
        at = above;
    }
    at
}

/// The members of a group for a message: `crm.deal.get (0–49), crm.deal.add (50)`.
pub(super) fn members(commands: &[Command], group: &[usize]) -> String {
    let mut runs: Vec<(&str, usize, usize)> = Vec::new();
    for index in group {
        let method = commands.get(*index).map_or("", |command| &command.method);
        match runs.last_mut() {
            Some((same, _, last)) if *same == method && *last + 1 == *index => *last = *index,
            _ => runs.push((method, *index, *index)),
        }
    }
    let shown = |(method, first, last): &(&str, usize, usize)| {
        if first == last { format!("{method} ({first})") } else { format!("{method} ({first}–{last})") }
    };
    runs.iter().map(shown).collect::<Vec<_>>().join(", ")
}
