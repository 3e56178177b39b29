//! A plan that is being made: rows become windows, windows are looked up, and what is decided about them goes into the
//! journal.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;
use futures::{FutureExt as _, StreamExt as _};

use super::{OnSyncEvent, Prepared, Session, SyncError, SyncEvent};
use crate::sync::apply::Finding;
use crate::sync::journal::{Extent, JournalError, LeftOut, NewReject, RunId};
use crate::sync::mapping::{ClosedDeals, Resolved};
use crate::sync::plan::{
    Addition, Admission, Candidate, Identity, Planner, SeenWindow, Selection, find_deals, find_people,
};
use crate::sync::source::{Page, RecordSource};
use crate::sync::wanted::Wanted;
use crate::sync::{Entry, Record, Reject};

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

impl LookedUp {
    async fn new(
        session: &Session<'_>,
        rules: &Resolved,
        window: Vec<Candidate>,
        untrimmed: HashMap<String, Vec<String>>,
    ) -> Result<Self, SyncError> {
        let (client, site, now) = (&session.client, session.client.portal().to_string(), session.now);
        let asked_at = now();
        let deals = find_deals(client, rules, &site, window).await?;
        let halfway = now();
        let seen = find_people(client, rules, &site, deals).await?;
        let deals_seconds = halfway.duration_since(asked_at).as_secs_f64();
        let people_seconds = now().duration_since(halfway).as_secs_f64();
        Ok(Self { seen, untrimmed, deals_seconds, people_seconds })
    }
}

/// Where a reading begins.
pub(super) struct Start {
    /// None is the first row.
    pub(super) from: Option<String>,
    /// Whether it is where the mapping lets the source begin.
    pub(super) is_whole: bool,
    /// Whether every row is read, also those that are left out.
    pub(super) is_file: bool,
}

/// A plan that is being made.
pub(super) struct Making<'s> {
    session: &'s Session<'s>,
    prepared: &'s Prepared,
    run: RunId,
    planner: Planner,
    selection: Selection,
    start: Start,
    window: Vec<Wanted>,
    untrimmed: HashMap<String, Vec<String>>,
    /// Windows in the order of the source, which decides who comes first.
    under_way: FuturesOrdered<BoxFuture<'s, Result<LookedUp, SyncError>>>,
    finding: Finding,
    has_rows: bool,
    /// Chosen keys of which no row was met.
    unmet: BTreeSet<String>,
    /// Rows that stand before the place where the reading begins.
    passed_over: u64,
    cursor: Option<String>,
}

impl<'s> Making<'s> {
    pub(super) fn new(
        session: &'s Session<'s>,
        prepared: &'s Prepared,
        run: RunId,
        selection: Selection,
        start: Start,
    ) -> Self {
        Self {
            session,
            prepared,
            run,
            planner: Planner::new(prepared.rules.clone(), &session.client.portal()),
            unmet: selection.only.clone(),
            selection,
            start,
            window: Vec::new(),
            untrimmed: HashMap::new(),
            under_way: FuturesOrdered::new(),
            finding: Finding::default(),
            has_rows: false,
            passed_over: 0,
            cursor: None,
        }
    }

    /// Plans what the source gives, into the journal. Says how long the look-ups took, and how far the source was read.
    pub(super) async fn make(
        mut self,
        rows: &mut dyn RecordSource,
        on_event: OnSyncEvent<'_>,
    ) -> Result<(Finding, Option<String>), SyncError> {
        loop {
            let page = self.next_page(rows, on_event).await?;
            let is_last = page.is_last;
            self.take(page, on_event).await?;
            if is_last {
                self.flush(0, on_event).await?;
                self.note_end()?;
                self.tell_missed(on_event);
                return Ok((self.finding, self.cursor));
            }
        }
    }

    async fn take(&mut self, page: Page, on_event: OnSyncEvent<'_>) -> Result<(), SyncError> {
        let rows = (page.records.len() + page.rejects.len() + page.misplaced.len()) as u64;
        self.passed_over = page.passed_over;
        self.has_rows |= rows + page.passed_over > 0;
        on_event(SyncEvent::Read { rows });
        let mut aside = self.unreadable(page.rejects, page.misplaced);
        let mut left = Vec::new();
        self.meet(&page.records, &aside);
        for record in page.records {
            if self.selection.is_used_up() {
                match self.behind(&record) {
                    Some(Ok(row)) => left.push(row),
                    Some(Err(reject)) => aside.push(reject),
                    None => {}
                }
                continue;
            }
            match self.prepared.rules.transform(&record) {
                Ok(wanted) if self.selection.wants(&wanted.key) => {
                    self.note_untrimmed(&wanted, &record);
                    let cursor = self.place(wanted.cursor);
                    self.window.push(Wanted { cursor, ..wanted });
                }
                Ok(_) => {}
                Err(reject) => aside.push(put_aside(*reject, &record)),
            }
            if self.window.len() >= self.prepared.rules.batch_size {
                // What is left out by a limit should not be looked up.
                let ahead = if self.selection.is_everything() { AHEAD - 1 } else { 0 };
                self.flush(ahead, on_event).await?;
            }
        }
        self.cursor = page.cursor.or_else(|| self.cursor.take());
        aside.retain(|new| self.selection.concerns(new.reject.key.as_deref()));
        self.keep(&aside)?;
        self.leave_out(&left)?;
        Ok(())
    }

    /// Notes which of the chosen keys the source has.
    fn meet(&mut self, records: &[Record], rejects: &[NewReject]) {
        if self.unmet.is_empty() {
            return;
        }
        let usable = records.iter().filter_map(|record| self.prepared.rules.shown_key(record));
        let keys: Vec<String> =
            usable.chain(rejects.iter().filter_map(|new| new.reject.key.clone())).collect();
        for key in keys {
            self.unmet.remove(&key);
        }
    }

    /// A row that does not tell where it stands is seen again from where this reading began.
    fn place(&self, cursor: Option<String>) -> Option<String> {
        cursor.or_else(|| self.start.from.clone())
    }

    /// Rows that cannot be used as the source gave them. A limit leaves them out, too.
    fn unreadable(&self, rejects: Vec<Reject>, misplaced: Vec<(Record, Reject)>) -> Vec<NewReject> {
        let is_behind = self.selection.is_used_up();
        let rejects = rejects.into_iter().filter(|_| !is_behind);
        let rejects = rejects.map(|reject| NewReject { reject, cursor: None, row: None });
        let misplaced = misplaced.into_iter().filter_map(|(record, reject)| {
            let key = self.prepared.rules.shown_key(&record);
            let counts = !is_behind || key.as_deref().is_some_and(|key| self.planner.has_met(key));
            counts.then(|| put_aside(Reject { key, ..reject }, &record))
        });
        rejects.chain(misplaced).collect()
    }

    /// A row behind the limit, if its key is one of those before it: a limit must not part the rows of a key.
    fn behind(&self, record: &Record) -> Option<Result<LeftOut, NewReject>> {
        let rules = &self.prepared.rules;
        rules.shown_key(record).filter(|key| self.planner.has_met(key))?;
        Some(match rules.transform(record) {
            Ok(Wanted { key, line, cursor, .. }) => Ok(LeftOut { key, line, cursor: self.place(cursor) }),
            Err(reject) => Err(put_aside(*reject, record)),
        })
    }

    fn leave_out(&self, rows: &[LeftOut]) -> Result<(), JournalError> {
        let (now, source) = ((self.session.now)(), &self.prepared.rules.name);
        self.session.journal.leave_out(self.run, source, rows, now)
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

    /// An empty result explains itself. A query that gives nothing newer than the cursor is no news.
    fn tell_missed(&mut self, on_event: OnSyncEvent<'_>) {
        let keys: Vec<String> = std::mem::take(&mut self.unmet).into_iter().collect();
        let empty = !self.has_rows && (self.start.is_whole || self.start.is_file);
        if empty || !keys.is_empty() {
            on_event(SyncEvent::Missed { keys, in_part: !self.start.is_whole, empty });
        }
    }

    /// What earlier runs put aside is closed when this plan is written. A source without a single row proves nothing.
    fn note_end(&self) -> Result<(), JournalError> {
        if !self.has_rows || !self.selection.is_everything() {
            return Ok(());
        }
        let extent = match self.start {
            Start { is_whole: false, .. } => Extent::On,
            Start { is_file: true, .. } if self.passed_over == 0 => Extent::EveryRow,
            Start { .. } => Extent::Whole,
        };
        self.session.journal.has_read(self.run, extent)
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
            let looked_up = LookedUp::new(self.session, &self.prepared.rules, candidates, untrimmed);
            self.under_way.push_back(looked_up.boxed());
        }
        while self.under_way.len() > left {
            let Some(looked_up) = self.under_way.next().await else { break };
            self.decide(looked_up?, on_event)?;
        }
        Ok(())
    }

    fn decide(&mut self, looked_up: LookedUp, on_event: OnSyncEvent<'_>) -> Result<(), SyncError> {
        let LookedUp { mut seen, untrimmed, deals_seconds, people_seconds } = looked_up;
        self.finding.deals.add(deals_seconds);
        if seen.asked_for_people {
            self.finding.contacts.add(people_seconds);
        }
        let (session, rules) = (self.session, &self.prepared.rules);
        let kin = seen.kin(rules);
        let kin: Vec<&str> = kin.iter().map(String::as_str).collect();
        seen.note_kin(&session.journal.deals_of_records(&kin)?, rules);
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
        let entries = self.planner.decide(seen, &due);
        let records = entries.len() as u64;
        if let Some(error) = failed.into_inner() {
            return Err(error.into());
        }
        let (mut entries, left): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(|entry| self.selection.admit(entry) == Admission::Taken);
        session.note_comments(&mut entries)?;
        session.journal.spool(self.run, &self.prepared.rules.name, &entries, (session.now)())?;
        let additions = self.planner.take_additions();
        self.complete(&additions)?;
        let left = left.into_iter().map(|Entry { key, line, cursor, .. }| LeftOut { key, line, cursor });
        self.leave_out(&left.collect::<Vec<_>>())?;
        on_event(SyncEvent::Planned { records });
        Ok(())
    }

    /// Puts what was learned of persons since into the entries of earlier windows that create them.
    fn complete(&self, additions: &[Addition]) -> Result<(), JournalError> {
        let mut entries: BTreeMap<&str, Entry> = BTreeMap::new();
        for addition in additions {
            if !entries.contains_key(addition.key.as_str()) {
                let planned = self.session.journal.planned_for(self.run, &addition.key)?;
                entries.extend(planned.map(|entry| (addition.key.as_str(), entry)));
            }
            if let Some(entry) = entries.get_mut(addition.key.as_str()) {
                addition.put_into(entry);
            }
        }
        if entries.is_empty() {
            return Ok(());
        }
        self.session.journal.replan(self.run, &entries.into_values().collect::<Vec<_>>())
    }

    fn candidates(&mut self) -> Result<Vec<Candidate>, JournalError> {
        let window = std::mem::take(&mut self.window);
        let keys: Vec<&str> = window.iter().map(|wanted| wanted.key.as_str()).collect();
        let records = self.session.journal.records(&keys)?;
        let contact = |key: &str| records.get(key).and_then(|record| record.contact);
        // A run may have ended between a contact and its deal.
        let without: Vec<&str> = keys.iter().copied().filter(|key| contact(key).is_none()).collect();
        let created = self.session.journal.contacts_created_for(&without)?;
        let noted = if self.prepared.rules.closed == ClosedDeals::Skip {
            HashMap::new()
        } else {
            self.session.journal.imprints(&keys)?
        };
        let identity = |key: &str| Identity {
            deal: records.get(key).and_then(|record| record.deal),
            contact: contact(key).or_else(|| created.get(key).copied()),
            noted: noted.get(key).copied(),
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
