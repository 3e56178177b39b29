//! The source becomes a plan in the journal, window by window.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;
use futures::{FutureExt as _, StreamExt as _};
use jiff::{SignedDuration, Timestamp};

use super::{OnSyncEvent, PlanOrder, Planned, Prepared, RunHeader, Session, SyncError, SyncEvent};
use crate::sync::apply::{Apply, ApplyOrder, Finding};
use crate::sync::journal::{JournalError, NewReject, RunId, RunKind, RunState};
use crate::sync::mapping::Resolved;
use crate::sync::plan::{
    Admission, Candidate, Identity, Planner, SeenWindow, Selection, Tally, find_deals, find_people, tripped,
};
use crate::sync::source::{Opened, Opening, Page, RecordSource, open};
use crate::sync::wanted::Wanted;
use crate::sync::{Entry, Record, Reject};

/// How long personal data is kept.
const KEEP: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Entries that are counted at a time.
const PAGE: u32 = 500;

/// Windows that are looked up at the same time: a portal answers several requests as fast as one.
const AHEAD: usize = 3;

/// A window whose look-ups are done.
struct LookedUp {
    seen: SeenWindow,
    /// Comments of the window as the source spells them, by what is posted of them.
    untrimmed: HashMap<String, Vec<String>>,
    deals_seconds: f64,
    people_seconds: f64,
}

/// A plan that is being made.
struct Making<'s> {
    session: &'s Session<'s>,
    prepared: &'s Prepared,
    run: RunId,
    planner: Planner,
    selection: Selection,
    site: &'s str,
    window: Vec<Wanted>,
    untrimmed: HashMap<String, Vec<String>>,
    /// Windows in the order of the source, which decides who comes first.
    under_way: FuturesOrdered<BoxFuture<'s, Result<LookedUp, SyncError>>>,
    finding: Finding,
    /// Where the reading began; none is the first row.
    from: Option<String>,
    /// Whether it began where the mapping lets the source begin.
    is_whole: bool,
    has_rows: bool,
    cursor: Option<String>,
}

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
        let is_whole = from.is_none();
        let from = if is_whole { self.mapping.source.beginning()? } else { from };
        self.journal.reads_from(run, from.as_deref())?;
        let made = self.make(run, &prepared, (order.selection, is_whole, from), &mut *rows, on_event).await;
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
        (selection, is_whole, from): (Selection, bool, Option<String>),
        rows: &mut dyn RecordSource,
        on_event: OnSyncEvent<'_>,
    ) -> Result<(Finding, Option<String>), SyncError> {
        self.settle_earlier(run, prepared).await?;
        let portal = self.client.portal();
        let (planner, site) = (Planner::new(prepared.rules.clone(), &portal), portal.to_string());
        let mut making = Making {
            session: self,
            prepared,
            run,
            planner,
            selection,
            site: &site,
            window: Vec::new(),
            untrimmed: HashMap::new(),
            under_way: FuturesOrdered::new(),
            finding: Finding::default(),
            from,
            is_whole,
            has_rows: false,
            cursor: None,
        };
        loop {
            let page = making.next_page(rows, on_event).await?;
            let is_last = page.is_last;
            making.take(page, on_event).await?;
            if is_last || making.selection.is_used_up() {
                making.flush(0, on_event).await?;
                if is_last {
                    making.note_end()?;
                }
                return Ok((making.finding, making.cursor));
            }
        }
    }

    async fn look_up(
        &self,
        rules: &Resolved,
        site: &str,
        window: Vec<Candidate>,
        untrimmed: HashMap<String, Vec<String>>,
    ) -> Result<LookedUp, SyncError> {
        let asked_at = (self.now)();
        let deals = find_deals(&self.client, rules, site, window).await?;
        let halfway = (self.now)();
        let seen = find_people(&self.client, rules, site, deals).await?;
        let deals_seconds = halfway.duration_since(asked_at).as_secs_f64();
        let people_seconds = (self.now)().duration_since(halfway).as_secs_f64();
        Ok(LookedUp { seen, untrimmed, deals_seconds, people_seconds })
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
        ApplyOrder { run, author: profile.id.get(), settle_after: self.settle_after, backoff: self.backoff }
    }
}

impl Making<'_> {
    async fn take(&mut self, page: Page, on_event: OnSyncEvent<'_>) -> Result<(), SyncError> {
        let rows = (page.records.len() + page.rejects.len()) as u64;
        self.has_rows |= rows + page.passed_over > 0;
        on_event(SyncEvent::Read { rows });
        let mut rejects: Vec<NewReject> =
            page.rejects.into_iter().map(|reject| NewReject { reject, cursor: None, row: None }).collect();
        for record in page.records {
            match self.prepared.rules.transform(&record) {
                Ok(wanted) if self.selection.wants(&wanted.key) => {
                    self.note_untrimmed(&wanted, &record);
                    // A row that does not tell where it stands is seen again from where this reading began.
                    let cursor = wanted.cursor.or_else(|| self.from.clone());
                    self.window.push(Wanted { cursor, ..wanted });
                }
                Ok(_) => {}
                Err(reject) => rejects.push(put_aside(*reject, &record)),
            }
            if self.window.len() >= self.prepared.rules.batch_size {
                // What is left out by a limit should not be looked up.
                let ahead = if self.selection.is_everything() { AHEAD - 1 } else { 0 };
                self.flush(ahead, on_event).await?;
            }
        }
        self.cursor = page.cursor.or_else(|| self.cursor.take());
        self.keep(&rejects)?;
        Ok(())
    }

    /// The earlier system hashed comments as they came, with the white space at their ends.
    fn note_untrimmed(&mut self, wanted: &Wanted, record: &Record) {
        let Some(comment) = &wanted.comment else { return };
        let columns = self.prepared.rules.comment_columns();
        let spellings = columns.into_iter().filter_map(|column| record.get(column));
        for spelling in spellings.filter(|text| *text != comment && text.trim() == comment) {
            self.untrimmed.entry(comment.clone()).or_default().push(spelling.to_owned());
        }
    }

    fn keep(&self, rejects: &[NewReject]) -> Result<(), JournalError> {
        if rejects.is_empty() {
            return Ok(());
        }
        let (now, source) = ((self.session.now)(), &self.prepared.rules.name);
        self.session
            .journal
            .commit(|pen| rejects.iter().try_for_each(|new| pen.put_aside(self.run, source, new, now)))
    }

    /// What earlier runs put aside is closed when this plan is written. A source without a single row proves nothing.
    fn note_end(&self) -> Result<(), JournalError> {
        if !self.has_rows || !self.selection.is_everything() {
            return Ok(());
        }
        self.session.journal.has_read(self.run, self.is_whole)
    }

    /// The next page of the source. Windows that were looked up meanwhile are decided about.
    async fn next_page(
        &mut self,
        rows: &mut dyn RecordSource,
        on_event: OnSyncEvent<'_>,
    ) -> Result<Page, SyncError> {
        let mut reading = rows.next_page();
        loop {
            tokio::select! {
                page = &mut reading => return Ok(page?),
                Some(looked_up) = self.under_way.next() => self.decide(looked_up?, on_event)?,
            }
        }
    }

    /// Looks the window up; waits until no more than so many are under way.
    async fn flush(&mut self, left: usize, on_event: OnSyncEvent<'_>) -> Result<(), SyncError> {
        if !self.window.is_empty() {
            let candidates = self.candidates()?;
            let untrimmed = std::mem::take(&mut self.untrimmed);
            let (session, rules, site) = (self.session, &self.prepared.rules, self.site);
            self.under_way.push_back(session.look_up(rules, site, candidates, untrimmed).boxed());
        }
        while self.under_way.len() > left {
            let Some(looked_up) = self.under_way.next().await else { break };
            self.decide(looked_up?, on_event)?;
        }
        Ok(())
    }

    fn decide(&mut self, looked_up: LookedUp, on_event: OnSyncEvent<'_>) -> Result<(), SyncError> {
        let LookedUp { seen, untrimmed, deals_seconds, people_seconds } = looked_up;
        self.finding.deals.add(deals_seconds);
        if seen.asked_for_people {
            self.finding.contacts.add(people_seconds);
        }
        let session = self.session;
        let failed = RefCell::new(None);
        let due = |deal: u64, text: &str| match session.journal.posted(&[deal]) {
            Ok(posted) => posted.get(&deal).is_none_or(|last| {
                let mut spellings = untrimmed.get(text).into_iter().flatten();
                !last.is(text) && !spellings.any(|spelling| last.is(spelling))
            }),
            Err(error) => {
                failed.borrow_mut().get_or_insert(error);
                false
            }
        };
        let mut entries = self.planner.decide(seen, &due);
        let records = entries.len() as u64;
        if let Some(error) = failed.into_inner() {
            return Err(error.into());
        }
        entries.retain(|entry: &Entry| self.selection.admit(entry) == Admission::Taken);
        session.note_comments(&mut entries)?;
        session.journal.spool(self.run, &self.prepared.rules.name, &entries, (session.now)())?;
        on_event(SyncEvent::Planned { records });
        Ok(())
    }

    fn candidates(&mut self) -> Result<Vec<Candidate>, JournalError> {
        let window = std::mem::take(&mut self.window);
        let keys: Vec<&str> = window.iter().map(|wanted| wanted.key.as_str()).collect();
        let records = self.session.journal.records(&keys)?;
        let contact = |key: &str| records.get(key).and_then(|record| record.contact);
        // A run may have ended between a contact and its deal.
        let without: Vec<&str> = keys.iter().copied().filter(|key| contact(key).is_none()).collect();
        let created = self.session.journal.contacts_created_for(&without)?;
        let identity = |key: &str| Identity {
            deal: records.get(key).and_then(|record| record.deal),
            contact: contact(key).or_else(|| created.get(key).copied()),
        };
        Ok(window.into_iter().map(|wanted| Candidate { identity: identity(&wanted.key), wanted }).collect())
    }
}

/// A row that cannot be used, as it came.
fn put_aside(reject: Reject, record: &Record) -> NewReject {
    let row: BTreeMap<&str, &str> =
        record.columns().iter().filter_map(|column| Some((column.as_str(), record.get(column)?))).collect();
    NewReject { reject, cursor: record.cursor().map(str::to_owned), row: serde_json::to_string(&row).ok() }
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
