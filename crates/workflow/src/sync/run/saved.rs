//! A saved plan comes back: judged record by record by what the portal holds now.

use std::collections::BTreeSet;

use super::read::header;
use super::{OnSyncEvent, Planned, Prepared, Session, SyncError, SyncEvent};
use crate::sync::Entry;
use crate::sync::journal::{RunId, RunKind};
use crate::sync::plan::{Counts, Robots, SavedPlan, read_live, stale};
use crate::sync::value::RowFormat;

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
        self.settle_earlier(run, &prepared).await?;
        let mut page = Vec::new();
        for entry in saved.entries()? {
            page.push(entry?);
            if page.len() >= prepared.rules.batch_size {
                self.judge(run, &prepared, std::mem::take(&mut page), on_event).await?;
            }
        }
        self.judge(run, &prepared, page, on_event).await?;
        let mut planned = self.unread(run, prepared, began, requests_before);
        self.count(&mut planned)?;
        Ok(planned)
    }

    async fn judge(
        &self,
        run: RunId,
        prepared: &Prepared,
        mut entries: Vec<Entry>,
        on_event: OnSyncEvent<'_>,
    ) -> Result<(), SyncError> {
        let rules = &prepared.rules;
        let site = self.client.portal().to_string();
        let live = read_live(&self.client, rules, &entries, &BTreeSet::new()).await?;
        for (entry, live) in entries.iter_mut().zip(live) {
            if let Some(action) = stale(entry, &live, rules, &site) {
                entry.action = action;
            }
        }
        self.journal.spool(run, &rules.name, &entries, (self.now)())?;
        on_event(SyncEvent::Planned { records: entries.len() as u64 });
        Ok(())
    }

    /// A plan that was not read from the source: the cursor stays.
    pub(super) fn unread(
        &self,
        run: RunId,
        prepared: Prepared,
        began: jiff::Timestamp,
        requests_before: u64,
    ) -> Planned {
        let find_seconds = (self.now)().duration_since(began).as_secs_f64();
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
            find_seconds,
            began,
            requests_before,
        }
    }
}
