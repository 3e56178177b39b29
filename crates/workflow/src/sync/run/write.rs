//! A plan is written, the cursor moves, and what is settled by that is closed.

use std::time::Duration;

use jiff::SignedDuration;

use super::{OnSyncEvent, Planned, Session, SyncError, SyncEvent};
use crate::sync::apply::{Applied, Apply, ApplyError, ApplyEvent, Step, ask_import_right};
use crate::sync::journal::{Reading, RunState};
use crate::sync::mapping::Automation;
use crate::sync::source::compare_cursors;

/// A plan that waited longer to be agreed to is judged again.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

impl Session<'_> {
    /// Writes a plan. One that waited for somebody's answer is judged again before: what changed since becomes a conflict.
    /// Records whose answers are lost are waited for at the end, when the session is patient.
    ///
    /// # Errors
    /// A guard has tripped, or the journal cannot be written. A portal that refuses or does not answer is no error here:
    /// [`Applied::stopped`].
    pub async fn apply(&self, planned: &Planned, on_event: OnSyncEvent<'_>) -> Result<Applied, SyncError> {
        let now = || (self.now)();
        if !planned.guards.is_empty() {
            self.journal.set_state(planned.run, RunState::Stopped, Some("a guard has tripped"), now())?;
            return Err(SyncError::Guarded(planned.guards.clone()));
        }
        if now().duration_since(planned.judged_at) > FRESH {
            self.judge_again(planned, on_event).await?;
        }
        self.journal.set_state(planned.run, RunState::Open, None, now())?;
        let written = self.write(planned, on_event).await;
        if let Err(SyncError::Apply(error @ ApplyError::ImportRefused(_))) = &written {
            self.journal.set_state(planned.run, RunState::Stopped, Some(&error.to_string()), now())?;
        }
        written
    }

    async fn write(&self, planned: &Planned, on_event: OnSyncEvent<'_>) -> Result<Applied, SyncError> {
        self.may_import(planned).await?;
        let order = self.apply_order(planned.run, &planned.profile);
        let mut apply = Apply::new(self.client.clone(), self.journal, &planned.rules, order, self.now)?;
        loop {
            let step = apply
                .step(&mut |ApplyEvent::Settled { records }| on_event(SyncEvent::Settled { records }))
                .await?;
            match step {
                Step::WaitUntil(until) if self.patient => {
                    on_event(SyncEvent::Waiting { until });
                    let wait = until.duration_since((self.now)());
                    (self.pause)(Duration::try_from(wait).unwrap_or_default()).await;
                }
                Step::WaitUntil(_) | Step::Done => break,
            }
        }
        let requests = self.client.stats().requests - planned.requests_before;
        let applied = apply.finish(requests, &planned.finding)?;
        if applied.stopped.is_none() && planned.is_everything {
            self.move_cursor(planned)?;
        }
        Ok(applied)
    }

    /// Asks before anything is created without robots whether the user may. An administrator may everything.
    async fn may_import(&self, planned: &Planned) -> Result<(), ApplyError> {
        let (rules, counts) = (&planned.rules, &planned.counts);
        let imports = rules.automation == Automation::Skip && counts.create > 0;
        if !imports || planned.profile.admin {
            return Ok(());
        }
        match ask_import_right(&self.client, counts.contacts_create > 0).await {
            Some(refused) => Err(ApplyError::ImportRefused(refused)),
            None => Ok(()),
        }
    }

    fn move_cursor(&self, planned: &Planned) -> Result<(), SyncError> {
        let (source, now) = (&planned.rules.name, (self.now)());
        self.journal.close_rejects(Reading { run: planned.run, source })?;
        self.journal.settle_retries(planned.run, source, planned.began, self.backoff, now)?;
        let Some(reached) = &planned.cursor else { return Ok(()) };
        // A run that read queued records only, or nothing, does not move the cursor back.
        let known = self.journal.cursor(source)?;
        if known.is_none_or(|known| compare_cursors(&known.value, reached).is_lt()) {
            self.journal.set_cursor(source, Some(reached), Some(planned.run), now)?;
        }
        Ok(())
    }
}
