//! The source becomes a plan: what has to be so before it is read, and what is counted afterwards.

use jiff::{SignedDuration, Timestamp};

use super::making::{Making, Start};
use super::{OnSyncEvent, PlanOrder, Planned, Prepared, RunHeader, Session, SyncError};
use crate::sync::apply::{Apply, ApplyOrder, Finding};
use crate::sync::journal::{JournalError, RunId, RunKind, RunState};
use crate::sync::plan::{Selection, Tally, tripped};
use crate::sync::source::{Opened, Opening, RecordSource, open};

/// How long personal data is kept.
const KEEP: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Entries that are counted at a time.
const PAGE: u32 = 500;

impl Session<'_> {
    /// Reads the source and plans what to do about each record. Nothing is written to the portal.
    ///
    /// # Errors
    /// The source cannot be read to its end, the mapping does not fit the portal, the portal does not answer at all, the
    /// journal cannot be written.
    pub async fn plan(
        &self,
        kind: RunKind,
        order: PlanOrder,
        on_event: OnSyncEvent<'_>,
    ) -> Result<Planned, SyncError> {
        let requests_before = self.client.stats().requests;
        let began = (self.now)();
        let source = self.mapping.name.trim();
        let from = if order.full { None } else { self.journal.read_from(source, began)? };
        let opening = Opening {
            folder: self.folder,
            cursor: from.as_deref(),
            now: began,
            environment: self.environment,
        };
        let Opened { source: mut rows, format, columns, guesses } =
            open(&self.mapping.source, &opening).await?;
        self.check_columns(&columns)?;
        let prepared = self.prepare(&format).await?;
        self.check_prefix(&prepared)?;
        let run = self.journal.begin(kind, source, &header(&prepared, None, false)?, began)?;
        let is_everything = order.selection.is_everything();
        let (source, is_whole) = (&self.mapping.source, from.is_none());
        let bound = source.bound(&opening)?;
        let from = if is_whole { source.beginning()? } else { from };
        self.journal.reads_from(run, from.as_deref(), bound.as_deref())?;
        let start = Start { from, is_whole, is_file: source.kind.is_file() };
        let made = self.make(run, &prepared, (order.selection, start), &mut *rows, on_event).await;
        let (finding, cursor) = match made {
            Ok(made) => made,
            Err(error) => {
                self.journal.set_state(run, RunState::Stopped, Some(&error.to_string()), (self.now)())?;
                return Err(error);
            }
        };
        let mut planned = Planned {
            run,
            counts: crate::sync::plan::Counts::default(),
            robots: crate::sync::plan::Robots::default(),
            guards: Vec::new(),
            new_rejects: 0,
            rejects: 0,
            guesses,
            cursor,
            is_everything,
            finding,
            began,
            judged_at: began,
            closed_too: false,
            requests_before,
            rules: prepared.rules,
            facts: prepared.facts,
            profile: prepared.profile,
        };
        self.count(&mut planned)?;
        Ok(planned)
    }

    /// A column that is gone must not read as an empty one: it would empty fields. JSON rows leave out what is empty.
    fn check_columns(&self, columns: &[String]) -> Result<(), SyncError> {
        if !self.mapping.source.has_heading() {
            return Ok(());
        }
        let missing = self.mapping.missing_columns(columns);
        if missing.is_empty() { Ok(()) } else { Err(SyncError::Columns(missing)) }
    }

    /// No source may write keys that another one could write, too.
    fn check_prefix(&self, prepared: &Prepared) -> Result<(), SyncError> {
        let (name, prefix) = (&prepared.rules.name, &prepared.rules.key.prefix);
        match self.journal.claim_prefix(name, prefix)? {
            Some(other) => Err(SyncError::PrefixShared { other, prefix: prefix.clone() }),
            None => Ok(()),
        }
    }

    async fn make(
        &self,
        run: RunId,
        prepared: &Prepared,
        (selection, start): (Selection, Start),
        rows: &mut dyn RecordSource,
        on_event: OnSyncEvent<'_>,
    ) -> Result<(Finding, Option<String>), SyncError> {
        self.settle_earlier(run, prepared).await?;
        Making::new(self, prepared, run, selection, start).make(rows, on_event).await
    }

    /// Counts what is planned, and lets the guards judge it.
    pub(super) fn count(&self, planned: &mut Planned) -> Result<(), SyncError> {
        let mut tally = Tally::new(&planned.rules);
        let mut after = 0;
        loop {
            let page = self.journal.pending(planned.run, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for spooled in &page {
                tally.add(&spooled.entry);
            }
        }
        planned.counts = tally.counts().clone();
        planned.robots = tally.robots().clone();
        let remembered = self.journal.count_deals(&planned.rules.name)?;
        planned.guards = tripped(&planned.rules.guards, &planned.counts, remembered);
        (planned.new_rejects, planned.rejects) = self.journal.count_rejects(planned.run)?;
        let described = header_of(planned)?;
        self.journal.set_header(planned.run, &described)?;
        planned.judged_at = (self.now)();
        self.journal.set_state(planned.run, RunState::Planned, None, planned.judged_at)?;
        Ok(())
    }

    /// What earlier runs perhaps wrote is to be seen by a plan; what they kept for too long is erased.
    pub(super) async fn settle_earlier(&self, run: RunId, prepared: &Prepared) -> Result<(), SyncError> {
        self.journal.expire((self.now)().saturating_sub(KEEP).unwrap_or(Timestamp::MIN))?;
        let order = self.apply_order(run, &prepared.profile);
        let mut apply = Apply::new(self.client.clone(), self.journal, &prepared.rules, order, self.now)?;
        Ok(apply.settle_earlier().await?)
    }

    pub(super) fn apply_order(&self, run: RunId, profile: &b24_client::crm::Profile) -> ApplyOrder {
        ApplyOrder {
            run,
            author: profile.id.get(),
            sees_everything: profile.admin,
            settle_after: self.settle_after,
            backoff: self.backoff,
        }
    }
}

pub(super) fn header(
    prepared: &Prepared,
    cursor: Option<String>,
    is_everything: bool,
) -> Result<String, SyncError> {
    described(&RunHeader {
        mapping: prepared.rules.mapping_hash.clone(),
        facts: prepared.rules.facts_hash.clone(),
        cursor,
        is_everything,
        zone: prepared.rules.zone.iana_name().map(str::to_owned),
        counts: None,
        robots: None,
    })
}

fn header_of(planned: &Planned) -> Result<String, SyncError> {
    described(&RunHeader {
        mapping: planned.rules.mapping_hash.clone(),
        facts: planned.rules.facts_hash.clone(),
        cursor: planned.cursor.clone(),
        is_everything: planned.is_everything,
        zone: planned.rules.zone.iana_name().map(str::to_owned),
        counts: Some(planned.counts.clone()),
        robots: Some(planned.robots.clone()),
    })
}

fn described(header: &RunHeader) -> Result<String, SyncError> {
    let what = "what a run was made from";
    serde_json::to_string(header).map_err(|source| JournalError::Damaged { what, source }.into())
}
