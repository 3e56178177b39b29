//! A portal, a file of visits, a mapping and a journal.

use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use b24_client::{Call, Client, Pace, Params, Webhook};
use b24_sandbox::Sandbox;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;
use workflow::sync::apply::Applied;
use workflow::sync::journal::{Backoff, Journal};
use workflow::sync::run::{PlanOrder, Planned, Session};
use workflow::sync::{Mapping, SyncError};

use crate::sync_apply::clock;

/// The sandbox executes a request no longer than this.
const CAP: Duration = Duration::from_millis(400);

pub(crate) struct Desk {
    sandbox: Sandbox,
    client: Client,
    mapping: Mapping,
    folder: TempDir,
    /// Time that passed without anybody waiting for it, in seconds.
    skipped: Arc<AtomicI64>,
    now: Box<dyn Fn() -> Timestamp + Sync>,
}

/// A row of the file.
pub(crate) fn visit(number: u64) -> String {
    let changed = format!("2026-09-01 {:02}:{:02}:00", 8 + number / 60, number % 60);
    format!("{number};Приём {number};+7999{number:07};Петров;Пётр{number};Визит {number};{changed}\n")
}

impl Desk {
    pub(crate) async fn new(further: &str) -> Self {
        let builder = Sandbox::builder().deals(0).contacts(0).invoices(0).rate(0.0).execution_cap(CAP);
        let sandbox = builder.start().await.unwrap();
        let webhook: Webhook = sandbox.webhook().parse().unwrap();
        let client = Client::builder(webhook).pace(Pace::UNLIMITED).build().unwrap();
        let mapping = Mapping::parse(&format!("{}{further}", include_str!("visits.toml"))).unwrap();
        let skipped = Arc::new(AtomicI64::new(0));
        let passed = Arc::clone(&skipped);
        let now = Box::new(move || clock() + SignedDuration::from_secs(passed.load(Ordering::Relaxed)));
        Self { sandbox, client, mapping, folder: tempfile::tempdir().unwrap(), skipped, now }
    }

    /// The same with other windows.
    pub(crate) fn with_batch_size(mut self, records: usize) -> Self {
        let text = format!("batch_size = {records}\n{}", include_str!("visits.toml"));
        self.mapping = Mapping::parse(&text).unwrap();
        self
    }

    /// The same with another mapping.
    pub(crate) fn with_mapping(mut self, text: &str) -> Self {
        self.mapping = Mapping::parse(text).unwrap();
        self
    }

    /// The same with another rule of who is the same person.
    pub(crate) fn with_match(mut self, rule: &str) -> Self {
        let contact = format!("[contact]\nmatch = \"{rule}\"");
        self.mapping = Mapping::parse(&include_str!("visits.toml").replace("[contact]", &contact)).unwrap();
        self
    }

    /// The same with a further line of `[deal.fields]`.
    pub(crate) fn with_field(mut self, line: &str) -> Self {
        let fields = format!("[deal.fields]\n{line}");
        self.mapping =
            Mapping::parse(&include_str!("visits.toml").replace("[deal.fields]", &fields)).unwrap();
        self
    }

    /// From now on the portal is seen with the eyes of this user.
    pub(crate) fn seen_by(&mut self, user: u32, code: &str) {
        let webhook: Webhook = self.sandbox.webhook_of(user, code).parse().unwrap();
        self.client = Client::builder(webhook).pace(Pace::UNLIMITED).build().unwrap();
    }

    /// The same portal and file as another source.
    pub(crate) fn with_key(mut self, name: &str, prefix: &str) -> Self {
        let text = include_str!("visits.toml").replace("\"clinic\"", &format!("\"{name}\""));
        let text = text.replace("prefix = \"F1_\"", &format!("prefix = \"{prefix}\""));
        self.mapping = Mapping::parse(&text).unwrap();
        self
    }

    pub(crate) fn source(&self, numbers: RangeInclusive<u64>) {
        self.rows(&numbers.map(visit).collect::<Vec<_>>());
    }

    pub(crate) fn rows(&self, rows: &[String]) {
        self.file("visits.csv", rows);
    }

    /// Puts another file in the place of the source.
    pub(crate) fn replace(&self, rows: &[String]) {
        self.file("other.csv", rows);
        let folder = self.folder.path();
        std::fs::rename(folder.join("other.csv"), folder.join("visits.csv")).unwrap();
    }

    fn file(&self, name: &str, rows: &[String]) {
        let heading = "id;title;phone;surname;name;note;changed\n";
        std::fs::write(self.folder.path().join(name), format!("{heading}{}", rows.concat())).unwrap();
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(&self.folder.path().join("journal.db"), &self.portal(), (self.now)()).unwrap()
    }

    pub(crate) fn portal(&self) -> String {
        self.client.identity()
    }

    pub(crate) fn session<'a>(&'a self, journal: &'a Journal) -> Session<'a> {
        Session {
            client: self.client.clone(),
            journal,
            mapping: &self.mapping,
            folder: self.folder.path(),
            environment: &|_| None,
            now: &*self.now,
            pause: &|time| Box::pin(tokio::time::sleep(time)),
            on_user: &|_| {},
            settle_after: SignedDuration::try_from(CAP).unwrap() + SignedDuration::from_millis(300),
            backoff: Backoff::default(),
            patient: true,
        }
    }

    pub(crate) async fn run(&self) -> Result<(Planned, Applied), SyncError> {
        let journal = self.journal();
        self.session(&journal).run(PlanOrder::default(), &mut |_| {}).await
    }

    /// Reads the whole source.
    pub(crate) async fn again(&self) -> Result<(Planned, Applied), SyncError> {
        let journal = self.journal();
        let order = PlanOrder { full: true, ..PlanOrder::default() };
        self.session(&journal).run(order, &mut |_| {}).await
    }

    /// A run that leaves what it lost to the next one.
    pub(crate) async fn impatient_run(&self) -> Result<(Planned, Applied), SyncError> {
        let journal = self.journal();
        let session = Session { patient: false, ..self.session(&journal) };
        session.run(PlanOrder::default(), &mut |_| {}).await
    }

    pub(crate) async fn pass_settling(&self) {
        tokio::time::sleep(CAP + Duration::from_millis(350)).await;
    }

    /// Lets the time pass that records wait before they are tried again.
    pub(crate) fn wait_for_retries(&self) {
        self.pass(120);
    }

    /// Lets so many seconds pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.skipped.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn faults(&self, plan: &str) {
        self.sandbox.inject(plan.parse().unwrap());
    }

    pub(crate) fn no_faults(&self) {
        self.faults("");
    }

    /// Somebody changes a record of the portal by hand.
    pub(crate) async fn change(&self, entity: u32, id: &Value, fields: Params) {
        let params = Params::new().set("entityTypeId", entity).set("id", id.as_u64()).set("fields", fields);
        self.client.call(Call::<Value>::write("crm.item.update", params)).await.unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub(crate) fn robots(&self) -> u64 {
        self.sandbox.journal().robots
    }

    pub(crate) fn requests(&self) -> u64 {
        self.sandbox.journal().requests
    }

    /// Records of the sandbox that were written: `deal`, `contact`, `comment`.
    pub(crate) fn written(&self, entity: &str) -> Vec<Value> {
        let rows: Value = serde_json::from_str(&self.sandbox.rows(entity).unwrap()).unwrap();
        rows["changed"].as_array().unwrap().clone()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn lose_the_journal(&self) {
        for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
            drop(std::fs::remove_file(self.folder.path().join(name)));
        }
    }
}
