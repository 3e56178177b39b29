//! A saved plan comes back: judged record by record by what the portal holds now.

use jiff::Timestamp;

use super::read::header;
use super::{OnSyncEvent, Planned, Prepared, Session, SyncError, SyncEvent};
use crate::sync::Entry;
use crate::sync::apply::Finding;
use crate::sync::entry::{Action, ContactChoice};
use crate::sync::journal::{RunId, RunKind};
use crate::sync::mapping::Resolved;
use crate::sync::plan::{Counts, Judge, Robots, SavedPlan, read_live};
use crate::sync::value::RowFormat;

/// Entries that are judged again at a time.
const PAGE: u32 = 500;

impl Session<'_> {
    /// Takes a saved plan into the journal, to be written by [`Session::apply`]. Records that changed since are
    /// conflicts; the rest goes on.
    ///
    /// # Errors
    /// The plan was made from another portal, another mapping or other fields; the portal does not answer at all; the
    /// journal cannot be written.
    pub async fn adopt(&self, saved: &SavedPlan, on_event: OnSyncEvent<'_>) -> Result<Planned, SyncError> {
        let (requests_before, began) = (self.client.stats().requests, (self.now)());
        // The fields as they are now: those kept are the ones the plan was made from.
        let prepared = self.prepare_anew(&RowFormat::default()).await?;
        saved.header().check(&prepared.rules)?;
        let run = self.journal.begin(
            RunKind::Run,
            &prepared.rules.name,
            &header(&prepared, None, false)?,
            began,
        )?;
        self.journal.reads_nothing(run)?;
        self.settle_earlier(run, &prepared).await?;
        let (mut page, mut finding) = (Vec::new(), Finding::default());
        for entry in saved.entries()? {
            page.push(entry?);
            if page.len() >= prepared.rules.batch_size {
                self.judge(run, &prepared, std::mem::take(&mut page), &mut finding, on_event).await?;
            }
        }
        self.judge(run, &prepared, page, &mut finding, on_event).await?;
        let mut planned = Self::unread(run, prepared, began, requests_before);
        planned.finding = finding;
        self.count(&mut planned)?;
        Ok(planned)
    }

    async fn judge(
        &self,
        run: RunId,
        prepared: &Prepared,
        entries: Vec<Entry>,
        finding: &mut Finding,
        on_event: OnSyncEvent<'_>,
    ) -> Result<(), SyncError> {
        if entries.is_empty() {
            return Ok(());
        }
        let (rules, asked_at) = (&prepared.rules, (self.now)());
        let entries = self.judged(rules, false, entries).await?;
        finding.deals.add((self.now)().duration_since(asked_at).as_secs_f64());
        self.journal.spool(run, &rules.name, &entries, (self.now)())?;
        on_event(SyncEvent::Planned { records: entries.len() as u64 });
        Ok(())
    }

    /// What is left to be written of a page of entries.
    async fn judged(
        &self,
        rules: &Resolved,
        closed_too: bool,
        entries: Vec<Entry>,
    ) -> Result<Vec<Entry>, SyncError> {
        let site = self.client.portal().to_string();
        let judge = Judge { rules, site: &site, closed_too };
        let live = read_live(&self.client, rules, &entries).await?;
        let posted = self.journal.posted(&entries.iter().filter_map(commented).collect::<Vec<_>>())?;
        let keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let known = self.journal.records(&keys)?;
        let identities: Vec<&str> = entries.iter().filter_map(newcomer).collect();
        let created = self.journal.contacts(&identities, Timestamp::MIN)?;
        let judged = entries.into_iter().zip(live).map(|(entry, mut live)| {
            live.ours = known.get(&entry.key).and_then(|record| record.deal);
            live.our_contact = newcomer(&entry).and_then(|identity| created.get(identity).copied());
            live.comment = commented(&entry).and_then(|deal| posted.get(&deal).cloned());
            judge.judge(entry, &live)
        });
        Ok(judged.collect())
    }

    /// Judges a plan of this session again that waited to be agreed to.
    pub(super) async fn judge_again(
        &self,
        planned: &Planned,
        on_event: OnSyncEvent<'_>,
    ) -> Result<(), SyncError> {
        let (mut after, mut changed) = (0, 0);
        loop {
            let page = self.journal.pending(planned.run, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.position;
            let entries: Vec<Entry> = page.into_iter().map(|spooled| spooled.entry).collect();
            let judged = self.judged(&planned.rules, planned.closed_too, entries.clone()).await?;
            let other = entries.into_iter().zip(judged).filter(|(before, now)| before != now);
            let other: Vec<Entry> = other.map(|(_, now)| now).collect();
            self.journal.replan(planned.run, &other)?;
            changed += other.len() as u64;
        }
        on_event(SyncEvent::JudgedAgain { changed });
        Ok(())
    }

    /// Notes with each planned comment which one its deal has now: whoever writes the plan later sees whether that is
    /// still so.
    pub(super) fn note_comments(&self, entries: &mut [Entry]) -> Result<(), SyncError> {
        let posted = self.journal.posted(&entries.iter().filter_map(commented).collect::<Vec<_>>())?;
        for entry in entries {
            let last = |deal| posted.get(&deal).map(|last| last.hash.clone()).unwrap_or_default();
            entry.last_comment = commented(entry).map(last);
        }
        Ok(())
    }

    /// A plan that was not read from the source: the cursor stays.
    pub(super) fn unread(run: RunId, prepared: Prepared, began: Timestamp, requests_before: u64) -> Planned {
        Planned {
            run,
            rules: prepared.rules,
            facts: prepared.facts,
            profile: prepared.profile,
            counts: Counts::default(),
            robots: Robots::default(),
            guards: Vec::new(),
            new_rejects: 0,
            rejects: 0,
            guesses: Vec::new(),
            cursor: None,
            is_everything: false,
            finding: Finding::default(),
            began,
            judged_at: began,
            closed_too: false,
            requests_before,
        }
    }
}

/// The person who is to be created.
fn newcomer(entry: &Entry) -> Option<&str> {
    let contact = match &entry.action {
        Action::Create(creation) => &creation.contact,
        Action::Update(update) => &update.contact,
        _ => return None,
    };
    match contact {
        ContactChoice::Create { identity, .. } => Some(identity),
        _ => None,
    }
}

/// The deal that is there and gets a comment.
fn commented(entry: &Entry) -> Option<u64> {
    match &entry.action {
        Action::Update(update) => update.comment.as_ref().and(update.deal),
        _ => None,
    }
}
