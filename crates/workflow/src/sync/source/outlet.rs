//! From rows to pages: what every kind of source has in common.

use std::mem;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::cursor::{Rule, Standing};
use super::query::Bound;
use super::{
    Guess, Opened, Opening, PAGE_ROWS, Page, RecordSource, SourceError, SourceSettings, compare_cursors,
    spelling,
};
use crate::sync::value::{DateFormat, DecimalMark, RowFormat};
use crate::sync::{Record, Reject};

/// How the rows of a source are understood, whatever its kind.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    zone: TimeZone,
    decimal: Option<DecimalMark>,
    dates: Option<DateFormat>,
    null: Option<String>,
    pub(super) rule: Option<Rule>,
}

impl Plan {
    pub(super) fn new(settings: &SourceSettings, opening: &Opening<'_>) -> Result<Self, SourceError> {
        Ok(Self {
            zone: settings.time_zone()?,
            decimal: settings.decimal_mark,
            dates: settings.dates()?,
            null: settings.null.clone(),
            rule: Rule::new(settings, opening)?,
        })
    }

    /// The bound as a query or a program gets it.
    pub(super) fn bound(&self) -> Result<Option<Bound>, SourceError> {
        self.rule.as_ref().map_or(Ok(None), Rule::bound)
    }

    /// Numbers that the source holds as numbers are spelled as its texts spell them.
    pub(super) fn spell(&self, number: String) -> String {
        if self.decimal == Some(DecimalMark::Comma) { number.replace('.', ",") } else { number }
    }
}

/// A page, and with the first one what was found out on the way to it.
pub(super) struct Delivery {
    begun: Option<Begun>,
    page: Page,
}

struct Begun {
    format: RowFormat,
    columns: Vec<String>,
    guesses: Vec<Guess>,
}

/// Puts rows into pages.
pub(super) struct Pager {
    plan: Plan,
    columns: Vec<String>,
    guesses: Vec<Guess>,
    /// The first rows, until they have told how they are spelled.
    waiting: Vec<Record>,
    format: Option<RowFormat>,
    begun: Option<Begun>,
    page: Page,
}

impl Pager {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            columns: Vec::new(),
            guesses: Vec::new(),
            waiting: Vec::new(),
            format: None,
            begun: None,
            page: Page::default(),
        }
    }

    /// A row; true when the page is full.
    fn push(
        &mut self,
        line: u64,
        columns: &Arc<[String]>,
        mut values: Vec<Option<String>>,
    ) -> Result<bool, SourceError> {
        for value in &mut values {
            if value.as_deref().is_some_and(|text| text.is_empty() || self.plan.null.as_deref() == Some(text))
            {
                *value = None;
            }
        }
        let record = Record::new(line, Arc::clone(columns), values);
        if let Some(format) = self.format.take() {
            self.admit(record, &format);
            self.format = Some(format);
        } else {
            self.waiting.push(record);
            if self.waiting.len() >= PAGE_ROWS {
                self.begin()?;
            }
        }
        Ok(self.is_full())
    }

    /// A row that cannot be read; true when the page is full.
    fn reject(&mut self, reject: Reject) -> bool {
        self.page.rejects.push(reject);
        self.is_full()
    }

    fn is_full(&self) -> bool {
        let Page { records, rejects, misplaced, .. } = &self.page;
        self.format.is_some() && records.len() + rejects.len() + misplaced.len() >= PAGE_ROWS
    }

    /// The first rows are there: they tell what the settings do not.
    fn begin(&mut self) -> Result<(), SourceError> {
        if let Some(first) = self.waiting.first().filter(|_| self.columns.is_empty()) {
            self.columns = first.columns().to_vec();
        }
        if let Some(rule) = &self.plan.rule {
            let has = |columns: &[String]| columns.iter().any(|column| column == rule.column());
            let is_known = has(&self.columns) || self.waiting.iter().any(|record| has(record.columns()));
            let is_nothing = self.columns.is_empty() && self.waiting.is_empty();
            if !is_known && !is_nothing {
                return Err(SourceError::CursorMissing { column: rule.column().to_owned() });
            }
        }
        let mut guesses = mem::take(&mut self.guesses);
        let (zone, dates) = (self.plan.zone.clone(), self.plan.dates.clone());
        let format = spelling::settle(zone, self.plan.decimal, dates, &self.waiting, &mut guesses);
        for record in mem::take(&mut self.waiting) {
            self.admit(record, &format);
        }
        self.begun = Some(Begun { format: format.clone(), columns: mem::take(&mut self.columns), guesses });
        self.format = Some(format);
        Ok(())
    }

    fn admit(&mut self, record: Record, format: &RowFormat) {
        let standing = match &self.plan.rule {
            None => Ok(Standing::At(None)),
            Some(rule) => rule.stand(&record, format),
        };
        match standing {
            Ok(Standing::Before) => self.page.passed_over += 1,
            Ok(Standing::At(cursor)) => {
                let highest = self.page.cursor.as_deref();
                if let Some(cursor) = &cursor
                    && highest.is_none_or(|highest| compare_cursors(highest, cursor).is_lt())
                {
                    self.page.cursor = Some(cursor.clone());
                }
                self.page.records.push(record.at_cursor(cursor));
            }
            Err(reject) => self.page.misplaced.push((record, *reject)),
        }
    }

    /// The page that is full.
    fn turn(&mut self) -> Delivery {
        let (passed_over, cursor) = (self.page.passed_over, self.page.cursor.clone());
        let next = Page { passed_over, cursor, ..Page::default() };
        Delivery { begun: self.begun.take(), page: mem::replace(&mut self.page, next) }
    }

    /// The last page.
    fn end(mut self) -> Result<Delivery, SourceError> {
        if self.format.is_none() {
            self.begin()?;
        }
        self.page.is_last = true;
        Ok(self.turn())
    }
}

/// Why a reader ends before the end of its source.
pub(super) enum Stop {
    /// The source cannot be read on.
    Failed(SourceError),
    /// Nobody wants the pages any more.
    Gone,
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Failed(error)
    }
}

pub(super) type Sender = mpsc::Sender<Result<Delivery, SourceError>>;

/// Where a reader in a thread of its own puts its rows; it waits while nobody takes the pages.
pub(super) struct Outlet {
    pager: Pager,
    sender: Sender,
}

impl Outlet {
    /// The columns, where they are known before the first row.
    pub(super) fn columns(&mut self, columns: &[String]) {
        self.pager.columns = columns.to_vec();
    }

    pub(super) fn guess(&mut self, guess: Guess) {
        self.pager.guesses.push(guess);
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.pager.plan
    }

    pub(super) fn row(
        &mut self,
        line: u64,
        columns: &Arc<[String]>,
        values: Vec<Option<String>>,
    ) -> Result<(), Stop> {
        let is_full = self.pager.push(line, columns, values)?;
        self.turn_if(is_full)
    }

    pub(super) fn reject(&mut self, reject: Reject) -> Result<(), Stop> {
        let is_full = self.pager.reject(reject);
        self.turn_if(is_full)
    }

    fn turn_if(&mut self, is_full: bool) -> Result<(), Stop> {
        if is_full {
            self.sender.blocking_send(Ok(self.pager.turn())).map_err(|_| Stop::Gone)?;
        }
        Ok(())
    }
}

/// Where a reader that is a task puts its rows.
pub(super) struct Feed {
    pager: Pager,
    sender: Sender,
}

/// The pages of a feed.
pub(super) type FeedPages = mpsc::Receiver<Result<Delivery, SourceError>>;

/// A feed, and the other end of it for [`begin`].
pub(super) fn feed(plan: Plan) -> (Feed, FeedPages) {
    let (sender, receiver) = mpsc::channel(1);
    (Feed { pager: Pager::new(plan), sender }, receiver)
}

impl Feed {
    pub(super) fn sender(&self) -> Sender {
        self.sender.clone()
    }

    pub(super) fn columns(&mut self, columns: &[String]) {
        self.pager.columns = columns.to_vec();
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.pager.plan
    }

    pub(super) async fn row(
        &mut self,
        line: u64,
        columns: &Arc<[String]>,
        values: Vec<Option<String>>,
    ) -> Result<(), Stop> {
        if self.pager.push(line, columns, values)? {
            self.sender.send(Ok(self.pager.turn())).await.map_err(|_| Stop::Gone)?;
        }
        Ok(())
    }

    /// The last page, or why there is none.
    pub(super) async fn finish(self, read: Result<(), Stop>) {
        if let Some(last) = last_of(self.pager, read) {
            // Nobody may want it any more.
            drop(self.sender.send(last).await);
        }
    }
}

fn last_of(pager: Pager, read: Result<(), Stop>) -> Option<Result<Delivery, SourceError>> {
    match read {
        Ok(()) => Some(pager.end()),
        Err(Stop::Failed(error)) => Some(Err(error)),
        Err(Stop::Gone) => None,
    }
}

/// Reads in a thread of its own, and waits for the first page.
pub(super) async fn open(
    plan: Plan,
    read: impl FnOnce(&mut Outlet) -> Result<(), Stop> + Send + 'static,
) -> Result<Opened, SourceError> {
    let (sender, receiver) = mpsc::channel(1);
    let work = move || {
        let mut outlet = Outlet { pager: Pager::new(plan), sender };
        let read = read(&mut outlet);
        if let Some(last) = last_of(outlet.pager, read) {
            // Nobody may want it any more.
            drop(outlet.sender.blocking_send(last));
        }
    };
    std::thread::Builder::new()
        .name("b24-source".to_owned())
        .spawn(work)
        .map_err(|source| SourceError::NotReadable { path: std::path::PathBuf::new(), source })?;
    begin(receiver).await
}

/// Waits for the first page.
pub(super) async fn begin(mut receiver: FeedPages) -> Result<Opened, SourceError> {
    let Delivery { begun, page } = receiver.recv().await.unwrap_or(Err(SourceError::Stopped))?;
    let Some(Begun { format, columns, guesses }) = begun else { return Err(SourceError::Stopped) };
    let source = Box::new(Pages { receiver, first: Some(page), ended: false, cursor: None, passed_over: 0 });
    Ok(Opened { source, format, columns, guesses })
}

/// Pages of a reader that works ahead by one.
struct Pages {
    receiver: mpsc::Receiver<Result<Delivery, SourceError>>,
    first: Option<Page>,
    ended: bool,
    cursor: Option<String>,
    passed_over: u64,
}

#[async_trait]
impl RecordSource for Pages {
    async fn next_page(&mut self) -> Result<Page, SourceError> {
        if self.ended {
            let (cursor, passed_over) = (self.cursor.clone(), self.passed_over);
            return Ok(Page { cursor, passed_over, is_last: true, ..Page::default() });
        }
        let page = match self.first.take() {
            Some(page) => page,
            None => self.receiver.recv().await.unwrap_or(Err(SourceError::Stopped))?.page,
        };
        if page.is_last {
            (self.ended, self.cursor, self.passed_over) = (true, page.cursor.clone(), page.passed_over);
        }
        Ok(page)
    }
}
