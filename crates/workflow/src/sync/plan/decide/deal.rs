//! Which deal is the record's, and whether it may be touched.

use std::sync::Arc;

use super::{Context, Deals, Seen, deal_link, unknown, warning};
use crate::sync::entry::Action;
use crate::sync::look_up::{LiveDeal, LiveLead, Presence};
use crate::sync::mapping::{ClosedDeals, Hold, Resolved};
use crate::sync::plan::compare::differences;
use crate::sync::wanted::Wanted;
use crate::sync::{Imprint, Reject, Sight};

/// Why a closed deal gets no successor.
pub(super) const UNCHANGED: &str = "the deal is closed, and the record has brought nothing new since";

/// What becomes of a record's deal.
#[derive(Debug, Clone)]
pub enum Choice {
    /// It is there and may be changed.
    Update(Arc<LiveDeal>),
    /// There is to be one.
    Create {
        /// With this key.
        key: String,
        /// The newest deal that the record has had, which is closed.
        after: Option<Arc<LiveDeal>>,
    },
    /// Deals with this key have to be looked up first: those with the keys before are closed.
    NeedsKey(String),
    /// Nothing is written.
    Settled(Action),
}

/// Chooses the deal of a record among those that have its key, or one of its keys with a suffix.
#[must_use]
pub fn choose_deal(wanted: &Wanted, seen: &Seen, context: &Context<'_>) -> Choice {
    let rules = context.rules;
    let mut newest: Option<&Arc<LiveDeal>> = None;
    for (number, (asked, sight)) in seen.deals.iter().enumerate() {
        let deals = match sight {
            Sight::Unknown(reason) => return Choice::Settled(unknown(reason.clone())),
            Sight::Absent => return successor(asked, newest, (wanted, seen), rules),
            Sight::Found(deals) => deals,
        };
        if let Some(conflict) = conflict(asked, deals, context) {
            return Choice::Settled(conflict);
        }
        if let Some(conflict) = of_another(asked, deals, seen, context) {
            // Whoever needs no further deal needs no key for it.
            let choice = successor(asked, newest, (wanted, seen), rules);
            return if let Choice::Settled(_) = choice { choice } else { Choice::Settled(conflict) };
        }
        let in_work = deals.iter().find(|deal| in_work(deal, rules));
        newest = deals.last().or(newest);
        match (in_work, rules.closed) {
            (Some(deal), _) if rules.stages.hold(&deal.stage) == Hold::Final => {
                return Choice::Settled(skipped(
                    "sync.stage-final",
                    deal,
                    "its stage is final for the mapping",
                ));
            }
            (Some(deal), _) => return Choice::Update(Arc::clone(deal)),
            (None, ClosedDeals::Skip) => {
                let Some(deal) = deals.last() else { continue };
                return Choice::Settled(skipped("sync.deal-closed", deal, "the deal is closed"));
            }
            (None, ClosedDeals::NewSameKey) => return successor(asked, newest, (wanted, seen), rules),
            (None, ClosedDeals::NewSuffixedKey) if number + 1 == seen.deals.len() => {
                return Choice::NeedsKey(format!("{}_{}", wanted.key, number + 2));
            }
            (None, ClosedDeals::NewSuffixedKey) => {}
        }
    }
    Choice::NeedsKey(wanted.key.clone())
}

/// A closed deal gets a successor only when its record changed since: it is closed because somebody closed it, or because
/// its status says so. Where nobody knows what the record wanted then, the deal's fields tell.
fn successor(
    key: &str,
    newest: Option<&Arc<LiveDeal>>,
    (wanted, seen): (&Wanted, &Seen),
    rules: &Resolved,
) -> Choice {
    let Some(deal) = newest else { return Choice::Create { key: key.to_owned(), after: None } };
    let noted = seen.noted.filter(|(noted, _)| *noted == deal.id);
    let is_changed = match noted {
        Some((_, earlier)) => Imprint::of(wanted, rules).changed_since(earlier),
        None => !differences(&wanted.deal, &rules.deal, |original| deal.token(original)).changes.is_empty(),
    };
    if is_changed {
        return Choice::Create { key: key.to_owned(), after: Some(Arc::clone(deal)) };
    }
    Choice::Settled(skipped("sync.deal-closed", deal, UNCHANGED))
}

/// The newest deal that has this very key; 0 when there is none.
pub(super) fn newest(key: &str, chain: &[(String, Deals)]) -> u64 {
    let of_key = chain.iter().filter(|(asked, _)| asked == key).filter_map(|(_, sight)| match sight {
        Sight::Found(deals) => deals.iter().map(|deal| deal.id).max(),
        Sight::Absent | Sight::Unknown(_) => None,
    });
    of_key.max().unwrap_or_default()
}

/// Whether fields may still be changed: not closed, or in a stage whose fields the mapping wants kept up to date.
fn in_work(deal: &LiveDeal, rules: &Resolved) -> bool {
    !deal.closed || rules.stages.hold(&deal.stage) == Hold::Protected
}

/// Why nobody can tell which deal is meant.
fn conflict(asked: &str, deals: &[Arc<LiveDeal>], context: &Context<'_>) -> Option<Action> {
    let links = || deals.iter().map(|deal| deal_link(context.site, deal.id)).collect();
    if deals.iter().any(|deal| deal.key != asked.trim()) {
        return Some(Action::Conflict {
            code: "sync.key-case".to_owned(),
            message: "a deal has this key in other letters, and the portal cannot tell them apart".to_owned(),
            links: links(),
        });
    }
    let rivals = match context.rules.closed {
        // Earlier deals of the record have the same key on purpose.
        ClosedDeals::NewSameKey => deals.iter().filter(|deal| in_work(deal, context.rules)).count(),
        ClosedDeals::Skip | ClosedDeals::NewSuffixedKey => deals.len(),
    };
    (rivals > 1).then(|| Action::Conflict {
        code: "sync.deal-ambiguous".to_owned(),
        message: format!("{rivals} deals have this key"),
        links: links(),
    })
}

/// A deal with the key was made for another record.
fn of_another(asked: &str, deals: &[Arc<LiveDeal>], seen: &Seen, context: &Context<'_>) -> Option<Action> {
    let of = |deal: &Arc<LiveDeal>| seen.of_others.iter().find(|(theirs, _)| *theirs == deal.id);
    let (deal, other) = deals.iter().find_map(of)?;
    Some(Action::Conflict {
        code: "sync.deal-of-another".to_owned(),
        message: format!("deal {deal} with the key {asked} was made for the record {other}"),
        links: vec![deal_link(context.site, *deal)],
    })
}

pub(super) fn skipped(code: &str, deal: &LiveDeal, why: &str) -> Action {
    Action::Skipped { code: code.to_owned(), reason: format!("{why}: {}", deal.stage), deal: Some(deal.id) }
}

/// What became of the deal that was written for the record: without its key it would get a twin, without itself a
/// successor.
pub(super) fn remembered(
    wanted: &Wanted,
    seen: &Seen,
    site: &str,
    warnings: &mut Vec<Reject>,
) -> Result<(), Box<Action>> {
    let Some((deal, presence)) = &seen.remembered else { return Ok(()) };
    let conflict = |code: &str, message: String| {
        let links = vec![deal_link(site, *deal)];
        Err(Box::new(Action::Conflict { code: code.to_owned(), message, links }))
    };
    match presence {
        Presence::Unknown(reason) => Err(unknown(reason.clone()).into()),
        Presence::There => {
            conflict("sync.key-lost", format!("the record's deal {deal} no longer has its key"))
        }
        Presence::Hidden => conflict(
            "sync.deal-hidden",
            format!(
                "the webhook's user must not see the record's deal {deal}: give it the rights, or the deal to somebody it may see"
            ),
        ),
        Presence::Gone => {
            warnings.push(warning(
                wanted,
                "sync.deal-gone",
                format!("the record's deal {deal} is no longer there"),
                "a new deal is created; take the record out of the source if it was deleted on purpose",
            ));
            Ok(())
        }
    }
}

/// The open deal of the contact that is taken over, where the mapping wants that.
pub(super) fn adopted(seen: &Seen, context: &Context<'_>) -> Result<Option<Arc<LiveDeal>>, Box<Action>> {
    let rules = context.rules;
    if !rules.adopt {
        return Ok(None);
    }
    let deals = match &seen.adoptable {
        None | Some(Sight::Absent) => return Ok(None),
        Some(Sight::Unknown(reason)) => return Err(unknown(reason.clone()).into()),
        Some(Sight::Found(deals)) => deals,
    };
    let free = |deal: &&Arc<LiveDeal>| !deal.closed && rules.stages.hold(&deal.stage) != Hold::Final;
    let free: Vec<&Arc<LiveDeal>> = deals.iter().filter(free).collect();
    match free.as_slice() {
        [] => Ok(None),
        [deal] => Ok(Some(Arc::clone(deal))),
        several => Err(Box::new(Action::Conflict {
            code: "sync.adoption-ambiguous".to_owned(),
            message: format!("the contact has {} open deals without a key", several.len()),
            links: several.iter().map(|deal| deal_link(context.site, deal.id)).collect(),
        })),
    }
}

/// The lead of the same telephone number that is linked: the oldest that is not closed.
pub(super) fn lead<'s>(
    wanted: &Wanted,
    seen: &'s Seen,
    rules: &Resolved,
    warnings: &mut Vec<Reject>,
) -> Result<Option<&'s LiveLead>, Box<Action>> {
    let Some(rule) = &rules.leads else { return Ok(None) };
    let leads = match &seen.leads {
        None | Some(Sight::Absent) => return Ok(None),
        Some(Sight::Unknown(reason)) => return Err(unknown(reason.clone()).into()),
        Some(Sight::Found(leads)) => leads,
    };
    let mut open: Vec<&LiveLead> = leads.iter().filter(|lead| !rule.closed.contains(&lead.status)).collect();
    open.sort_unstable_by_key(|lead| lead.id);
    if let [_, others @ ..] = open.as_slice()
        && !others.is_empty()
    {
        let others: Vec<String> = others.iter().map(|lead| lead.id.to_string()).collect();
        warnings.push(warning(
            wanted,
            "sync.lead-several",
            format!("further open leads have the same telephone number: {}", others.join(", ")),
            "close what is not needed",
        ));
    }
    Ok(open.first().copied())
}
