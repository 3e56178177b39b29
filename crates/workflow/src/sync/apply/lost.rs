//! Finds out what became of writes whose answers were lost, in this run or in one that died.

use std::collections::HashSet;

use b24_client::crm::EntityType;
use jiff::Timestamp;

use super::sought::{self, Creating, Origin, Posting};
use super::{Apply, ApplyError};
use crate::sync::Sight;
use crate::sync::entry::Action;
use crate::sync::journal::{Command, Intent, JournalError, Pen, Written};
use crate::sync::look_up::{DealFields, Presence, batch_find_deals_by_external_ids, batch_find_presence};

/// What looking for lost writes brought.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Resolved {
    /// Writes that have an outcome now.
    pub(super) settled: u64,
    /// When the next one can be proved absent.
    pub(super) due: Option<Timestamp>,
}

impl Resolved {
    pub(super) fn wait_until(&mut self, at: Timestamp) {
        self.due = Some(self.due.map_or(at, |due| due.max(at)));
    }
}

type Found = Vec<(Intent, Sight<u64>)>;

impl Apply<'_> {
    /// Looks for every write of this source whose answer was lost.
    pub(super) async fn resolve(&mut self) -> Result<Resolved, ApplyError> {
        let mut resolved = Resolved::default();
        let began = (self.now)();
        let lost = self.lost()?;
        if lost.is_empty() {
            return Ok(resolved);
        }
        let of = |command: Command| -> Vec<Intent> {
            lost.iter().filter(|intent| intent.command == command).cloned().collect()
        };
        let found = self.find_contacts(of(Command::ContactAdd)).await?;
        self.conclude(&found, began, &mut resolved)?;
        let found = self.find_deals(of(Command::DealAdd)).await?;
        self.conclude(&found, began, &mut resolved)?;
        // Deals that were found are the places of their comments.
        let comments = self.lost()?.into_iter().filter(|intent| intent.command == Command::CommentAdd);
        let found = self.find_comments(comments.collect()).await?;
        self.conclude(&found, began, &mut resolved)?;
        let changes = [Command::ContactUpdate, Command::DealUpdate, Command::LeadUpdate];
        self.close_changes(changes.into_iter().flat_map(of).collect(), began, &mut resolved).await?;
        let seconds = (self.now)().duration_since(began).as_secs_f64();
        self.statistics.resolve_seconds += seconds;
        Ok(resolved)
    }

    fn lost(&self) -> Result<Vec<Intent>, ApplyError> {
        let mut lost = self.journal.open_intents()?;
        lost.retain(|intent| {
            intent.source == self.rules.name && intent.since.is_some() && !self.hopeless.contains(&intent.key)
        });
        Ok(lost)
    }

    async fn find_contacts(&self, intents: Vec<Intent>) -> Result<Found, ApplyError> {
        if intents.is_empty() {
            return Ok(Vec::new());
        }
        let rule = self.rules.contact.as_ref();
        let field = rule.map_or("ORIGIN_ID", |rule| rule.identity_field.original.as_str());
        let origin = Origin { originator: &self.rules.originator, field };
        let keys: Vec<&str> = intents.iter().map(|intent| intent.key.as_str()).collect();
        let before = self.journal.contacts_created_for(&keys)?;
        let creating = |intent: &Intent| Creating {
            portal_at: intent.portal_at,
            after: before.get(&intent.key).copied().unwrap_or_default(),
        };
        let sent = intents.iter().map(|intent| (intent.key.as_str(), creating(intent))).collect();
        let sights = sought::contacts(&self.client, origin, &sent).await;
        Ok(with_sights(intents, |intent| sights.get(&intent.key).cloned()))
    }

    async fn find_deals(&self, intents: Vec<Intent>) -> Result<Found, ApplyError> {
        if intents.is_empty() {
            return Ok(Vec::new());
        }
        let key = |intent: &Intent| intent.mark.clone().unwrap_or_else(|| intent.key.clone());
        let fields = DealFields { key: self.rules.key.field.original.clone(), others: Vec::new() };
        let after: Vec<u64> =
            intents.iter().map(|intent| self.known_deal(intent)).collect::<Result<_, _>>()?;
        let mut after = after.into_iter();
        let keys: Vec<String> = intents.iter().map(key).collect();
        let sights = batch_find_deals_by_external_ids(&self.client, &fields, &keys)
            .await
            .map_err(ApplyError::LookUp)?;
        Ok(with_sights(intents, |intent| {
            let (key, after) = (key(intent), after.next().unwrap_or_default());
            Some(match sights.get(&key)?.clone() {
                Sight::Found(deals) => {
                    // What the plan knew is not what was sent; anything else is, or somebody else's with the same key.
                    let mine = deals.iter().find(|deal| deal.key == key && deal.id > after);
                    mine.map_or(Sight::Absent, |deal| Sight::Found(deal.id))
                }
                Sight::Absent => Sight::Absent,
                Sight::Unknown(reason) => Sight::Unknown(reason),
            })
        }))
    }

    /// The newest deal that had the record's key when it was planned.
    fn known_deal(&self, intent: &Intent) -> Result<u64, ApplyError> {
        let planned = self.journal.planned_for(intent.run, &intent.key)?;
        Ok(planned.map_or(0, |entry| match entry.action {
            Action::Create(creation) => creation.after,
            _ => 0,
        }))
    }

    async fn find_comments(&self, intents: Vec<Intent>) -> Result<Found, ApplyError> {
        let deals: Vec<u64> = intents.iter().filter_map(|intent| intent.target).collect();
        let posted = self.journal.posted(&deals)?;
        let awaited = self.awaited_deals()?;
        let (mut found, mut sought, mut postings) =
            (Vec::with_capacity(intents.len()), Vec::new(), Vec::new());
        for intent in intents {
            match intent.target {
                Some(deal) => {
                    let after = posted.get(&deal).and_then(|last| last.comment).unwrap_or_default();
                    let hash = intent.mark.clone().unwrap_or_default();
                    postings.push(Posting { deal, hash, portal_at: intent.portal_at, after });
                    sought.push(intent);
                }
                // As long as its deal is looked for, it cannot be.
                None if awaited.contains(&intent.key) => {}
                // Its deal was not created.
                None => found.push((intent, Sight::Absent)),
            }
        }
        let sights =
            sought::comments(&self.client, &postings, self.order.author).await.map_err(|source| {
                ApplyError::Batch { what: "the look-up of comments", source: Box::new(source) }
            })?;
        found.extend(sought.into_iter().zip(sights));
        self.close_with_deals(&mut found).await?;
        Ok(found)
    }

    /// Records whose deals were perhaps created.
    fn awaited_deals(&self) -> Result<HashSet<String>, ApplyError> {
        let open = self.journal.open_intents()?.into_iter();
        Ok(open.filter(|intent| intent.command == Command::DealAdd).map(|intent| intent.key).collect())
    }

    /// Whether what was to be created is perhaps there, and only cannot be seen.
    fn may_be_hidden(&self, command: Command) -> bool {
        !self.order.sees_everything && matches!(command, Command::ContactAdd | Command::DealAdd)
    }

    /// Comments of a deal that is gone cannot be listed, and went with it; those of a deal that cannot be seen are not
    /// absent because none are listed.
    async fn close_with_deals(&self, found: &mut Found) -> Result<(), ApplyError> {
        let unlisted = |(intent, sight): &(Intent, Sight<u64>)| {
            let proves_nothing = match sight {
                Sight::Found(_) => false,
                Sight::Absent => !self.order.sees_everything,
                Sight::Unknown(_) => true,
            };
            intent.target.filter(|_| proves_nothing)
        };
        let ids: Vec<u64> = found.iter().filter_map(unlisted).collect();
        let deals =
            batch_find_presence(&self.client, EntityType::Deal, &ids).await.map_err(ApplyError::LookUp)?;
        for one in found {
            let Some(deal) = unlisted(one) else { continue };
            match deals.get(&deal) {
                Some(Presence::Gone) => one.1 = Sight::Absent,
                Some(Presence::There) => {}
                _ => one.1 = Sight::Unknown("its deal cannot be seen".to_owned()),
            }
        }
        Ok(())
    }

    /// When nothing can be executing the write any more.
    pub(super) fn settled_at(&self, intent: &Intent) -> Timestamp {
        let since = intent.since.unwrap_or(intent.sent_at);
        since.saturating_add(self.order.settle_after).unwrap_or(Timestamp::MAX)
    }

    /// Found counts at once, absent when nothing can be executing the write any more.
    fn conclude(
        &mut self,
        found: &[(Intent, Sight<u64>)],
        asked_at: Timestamp,
        resolved: &mut Resolved,
    ) -> Result<(), ApplyError> {
        let mut unanswered = HashSet::new();
        self.journal.commit(|pen| {
            for (intent, sight) in found {
                let settled_at = self.settled_at(intent);
                match sight {
                    Sight::Found(id) => self.found(pen, intent, *id)?,
                    Sight::Absent if asked_at < settled_at => {
                        resolved.wait_until(settled_at);
                        continue;
                    }
                    Sight::Absent if self.may_be_hidden(intent.command) => {
                        unanswered.insert(intent.key.clone());
                        continue;
                    }
                    Sight::Absent => {
                        pen.close(&intent.key, intent.command)?;
                        if intent.command == Command::DealAdd {
                            // A comment that was to follow its deal has nowhere to be.
                            pen.close_homeless(&intent.key)?;
                        }
                    }
                    Sight::Unknown(reason) => {
                        tracing::debug!(key = intent.key, reason, "a lost write cannot be looked up");
                        unanswered.insert(intent.key.clone());
                        continue;
                    }
                }
                resolved.settled += 1;
            }
            Ok(())
        })?;
        self.hopeless.extend(unanswered);
        Ok(())
    }

    /// A lost write was executed after all.
    fn found(&self, pen: &Pen<'_>, intent: &Intent, id: u64) -> Result<(), JournalError> {
        let (run, key, now) = (self.order.run, &intent.key, (self.now)());
        pen.close(key, intent.command)?;
        match intent.command {
            Command::ContactAdd => {
                let identity = intent.mark.as_deref().unwrap_or_default();
                self.contact_is_there(pen, key, identity, id)?;
            }
            Command::DealAdd => {
                pen.changed(run, key, (Written::Deal, id), None, now)?;
                pen.aim(key, Command::CommentAdd, id)?;
            }
            Command::CommentAdd => {
                if let (Some(deal), Some(hash)) = (intent.target, &intent.mark) {
                    pen.posted(deal, hash, Some(id), now)?;
                }
                pen.changed(run, key, (Written::Comment, id), None, now)?;
            }
            // Closed by what is there.
            Command::ContactUpdate | Command::DealUpdate | Command::LeadUpdate => {}
        }
        Ok(())
    }
}

fn with_sights(intents: Vec<Intent>, mut sight: impl FnMut(&Intent) -> Option<Sight<u64>>) -> Found {
    let unasked = || Sight::Unknown("it was not asked for".to_owned());
    intents
        .into_iter()
        .map(|intent| {
            let sight = sight(&intent).unwrap_or_else(unasked);
            (intent, sight)
        })
        .collect()
}
