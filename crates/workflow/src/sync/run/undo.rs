//! An earlier run is taken back: fields that still hold what it wrote get their old values again.

use super::read::header;
use super::{Planned, Session, SyncError};
use crate::sync::journal::{Changed, RunId, RunKind, Written};
use crate::sync::mapping::Automation;
use crate::sync::plan::{WrittenChange, WrittenDeal, plan_revert};
use crate::sync::value::RowFormat;

/// Changes that are read at a time.
const PAGE: u32 = 1_000;

impl Session<'_> {
    /// Plans how to take a run back. What it created is listed, never deleted.
    ///
    /// # Errors
    /// There is no such run, or it is of another source; the portal does not answer at all; the journal cannot be
    /// written.
    pub async fn revert(&self, run: RunId) -> Result<Planned, SyncError> {
        let (requests_before, began) = (self.client.stats().requests, (self.now)());
        let earlier = self.journal.run(run)?.ok_or(SyncError::NoRun(run))?;
        let wanted = self.mapping.name.trim();
        if earlier.source != wanted {
            let (found, wanted) = (earlier.source, wanted.to_owned());
            return Err(SyncError::OtherSource { run, found, wanted });
        }
        if self.mapping.automation == Automation::Skip {
            return Err(SyncError::RevertStartsRobots);
        }
        let prepared = self.prepare(&RowFormat::default()).await?;
        let (changes, created) = self.written_by(run)?;
        let key = prepared.rules.key.field.original.clone();
        let undo = self.journal.begin(RunKind::Revert, wanted, &header(&prepared, None, false)?, began)?;
        self.journal.reads_nothing(undo)?;
        self.settle_earlier(undo, &prepared).await?;
        let entries = plan_revert(&self.client, &key, changes, &created).await?;
        self.journal.spool(undo, wanted, &entries, (self.now)())?;
        let mut planned = Self::unread(undo, prepared, began, requests_before);
        self.count(&mut planned)?;
        // Guards are for what a source wants; taking back is what a person wants.
        planned.guards.clear();
        planned.closed_too = true;
        Ok(planned)
    }

    fn written_by(&self, run: RunId) -> Result<(Vec<WrittenChange>, Vec<WrittenDeal>), SyncError> {
        let (mut changes, mut created) = (Vec::new(), Vec::new());
        for skip in (0..).step_by(PAGE as usize) {
            let page = self.journal.changes_of_run(run, skip, PAGE)?;
            if page.is_empty() {
                break;
            }
            let keys: Vec<&str> = page.iter().map(|changed| changed.key.as_str()).collect();
            let records = self.journal.records(&keys)?;
            for Changed { key, entity, id, change, .. } in page {
                let deal = records.get(&key).and_then(|record| record.deal);
                match (entity, change) {
                    (Written::Deal, None) => created.push(WrittenDeal { key, deal: id }),
                    (Written::Deal, Some(change)) => {
                        changes.push(WrittenChange { key, deal: Some(id), contact: None, change });
                    }
                    (Written::Contact, Some(change)) => {
                        changes.push(WrittenChange { key, deal, contact: Some(id), change });
                    }
                    (Written::Contact | Written::Comment | Written::Lead, _) => {}
                }
            }
        }
        Ok((changes, created))
    }
}
