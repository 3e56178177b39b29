//! Commands whose answers were lost and that can be looked up.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::run::{Raw, Run};
use super::{Finding, Loss, Place, Resolver, Sought};
use crate::call::Safety;
use crate::envelope::Piece;

/// What a batch knows about finding lost writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seeking<'a> {
    pub(super) resolver: &'a Resolver,
    /// Keys to look up by, by position.
    pub(super) keys: &'a BTreeMap<usize, String>,
}

/// A write whose answer was lost.
#[derive(Debug)]
pub(super) struct Lost {
    loss: Loss,
    sent_at: Instant,
    /// Whether it was looked for already, too early to believe that it is absent.
    looked: bool,
}

/// What follows from a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Executed,
    LookAgain,
    SendAgain,
    NotExecuted,
    Unknown,
}

/// `settled`: the portal cannot be executing it any more; `sent_again`: it was sent a second time already.
fn verdict(finding: Option<&Finding>, settled: bool, sent_again: bool) -> Verdict {
    match finding {
        Some(Finding::Found(_)) => Verdict::Executed,
        // An early look-up is a shortcut; only the one after settling decides.
        _ if !settled => Verdict::LookAgain,
        Some(Finding::Absent) if sent_again => Verdict::NotExecuted,
        Some(Finding::Absent) => Verdict::SendAgain,
        Some(Finding::Unanswered) | None => Verdict::Unknown,
    }
}

impl Run<'_> {
    /// Keeps a command for a look-up, when it can be looked up. What was executed with another value than it should
    /// have had would be found, too, and would be wrong.
    pub(super) fn keep_for_look_up(&mut self, index: usize, loss: &Loss) -> bool {
        let has_key = self.seeking.is_some_and(|seeking| seeking.keys.contains_key(&index));
        let of_this_kind = !matches!(loss, Loss::Referent { .. });
        let last_attempt = self.sent_at.get(index).copied().flatten();
        let Some(sent_at) =
            last_attempt.filter(|_| has_key && of_this_kind && self.safety(index) != Safety::Read)
        else {
            return false;
        };
        self.lost.insert(index, Lost { loss: loss.clone(), sent_at, looked: false });
        true
    }

    /// Looks for lost writes: at once for those that are newly lost, and when the portal must be done for the others.
    pub(super) async fn seek(&mut self) {
        let Some(seeking) = self.seeking else { return };
        let settle_after = seeking.resolver.settle_after;
        if self.lost.values().all(|lost| lost.looked) {
            if let Some(last) = self.lost.values().map(|lost| lost.sent_at).max() {
                tokio::time::sleep_until(last + settle_after).await;
            }
            self.lost.values_mut().for_each(|lost| lost.looked = false);
        }
        let wanted: Vec<usize> =
            self.lost.iter().filter(|(_, lost)| !lost.looked).map(|(index, _)| *index).collect();
        let sought = wanted.iter().filter_map(|index| self.sought(*index, seeking)).collect();
        let asked_at = Instant::now();
        let findings = (seeking.resolver.look_up)(sought).await;
        for (number, index) in wanted.into_iter().enumerate() {
            let settled = self.lost.get(&index).is_some_and(|lost| asked_at >= lost.sent_at + settle_after);
            self.conclude(index, findings.get(number), settled);
        }
    }

    fn sought(&self, index: usize, seeking: Seeking<'_>) -> Option<Sought> {
        let command = self.commands.get(index)?;
        Some(Sought { place: Place::of(index, command), key: seeking.keys.get(&index)?.clone() })
    }

    fn conclude(&mut self, index: usize, finding: Option<&Finding>, settled: bool) {
        let result = match finding {
            Some(Finding::Found(json)) => piece(json),
            _ => None,
        };
        // What is no JSON text is no answer either.
        let finding = finding.filter(|found| result.is_some() || !matches!(found, Finding::Found(_)));
        let sent_again = self.sent_again.contains(&index);
        let verdict = verdict(finding, settled, sent_again);
        if verdict == Verdict::LookAgain {
            if let Some(lost) = self.lost.get_mut(&index) {
                lost.looked = true;
            }
            return;
        }
        let Some(lost) = self.lost.remove(&index) else { return };
        match (verdict, result) {
            (Verdict::Executed, Some(piece)) => {
                self.settle(index, Raw::Ok { piece, total: None, next: None, time: None });
            }
            (Verdict::SendAgain, _) => {
                self.not_executed_after_all(index);
                self.sent_again.insert(index);
            }
            (Verdict::NotExecuted, _) => {
                self.not_executed_after_all(index);
                self.settle(index, Raw::NotExecuted(lost.loss));
            }
            _ => self.settle(index, Raw::Unknown(lost.loss)),
        }
    }
}

fn piece(json: &str) -> Option<Piece> {
    let checked: &serde_json::value::RawValue = serde_json::from_str(json).ok()?;
    let text = Arc::new(checked.get().to_owned());
    Some(Piece::of(&text, &text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_counts_at_once_and_absent_only_when_the_portal_must_be_done() {
        let found = Finding::Found("77".to_owned());
        for (settled, sent_again) in [(false, false), (true, false), (true, true)] {
            assert_eq!(verdict(Some(&found), settled, sent_again), Verdict::Executed);
        }
        assert_eq!(verdict(Some(&Finding::Absent), false, false), Verdict::LookAgain);
        assert_eq!(verdict(Some(&Finding::Absent), true, false), Verdict::SendAgain);
        assert_eq!(
            verdict(Some(&Finding::Absent), true, true),
            Verdict::NotExecuted,
            "it is sent again once"
        );
    }

    #[test]
    fn what_nobody_can_tell_is_unknown_and_sends_nothing() {
        for finding in [Some(&Finding::Unanswered), None] {
            assert_eq!(verdict(finding, true, false), Verdict::Unknown);
            assert_eq!(verdict(finding, false, false), Verdict::LookAgain);
        }
    }
}
