//! A portal of its own for each test, a journal, and plans made by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use b24_client::{Client, Pace, Webhook};
use b24_sandbox::{FaultPlan, Sandbox};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;
use workflow::sync::apply::{Applied, Apply, ApplyOrder, Finding, Step};
use workflow::sync::entry::{Action, Assignment, ContactChoice, Creation, Update};
use workflow::sync::journal::{Backoff, Journal, RunId, RunKind};
use workflow::sync::mapping::Resolved;
use workflow::sync::value::{FieldValue, RowFormat};
use workflow::sync::wanted::PersonName;
use workflow::sync::{Entry, Mapping, PortalFacts};

pub(crate) const KEY: &str = "ufCrm_1721244482250";
/// The sandbox executes a request no longer than this.
const CAP: Duration = Duration::from_millis(400);

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox reads this clock, and lost writes are looked for by time"
)]
pub(crate) fn clock() -> Timestamp {
    Timestamp::now()
}

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
    pub(crate) rules: Resolved,
    /// Requests for the portal's fields.
    asked: u64,
    sees_everything: bool,
    /// How long a request may still be executed whose answer was lost.
    pub(crate) settle_after: SignedDuration,
    pub(crate) folder: TempDir,
}

pub(crate) async fn stage(automation: &str) -> Stage {
    stage_with(automation, 0).await
}

/// A portal that takes so many milliseconds for each command.
pub(crate) async fn stage_with(automation: &str, command_ms: u64) -> Stage {
    let sandbox = Sandbox::builder()
        .deals(5)
        .contacts(5)
        .invoices(1)
        .rate(0.0)
        // A busy machine takes its time: requests that are cut off again and again are not what is tested here.
        .execution_cap(CAP.max(Duration::from_millis(command_ms * 300)))
        .command_latency(Duration::from_millis(command_ms))
        .start()
        .await
        .unwrap();
    let client = connected(&sandbox);
    let rules = rules(&client, automation).await;
    let asked = sandbox.journal().requests;
    let settle_after = SignedDuration::try_from(CAP).unwrap() + SignedDuration::from_millis(300);
    Stage {
        sandbox,
        client,
        rules,
        asked,
        sees_everything: true,
        settle_after,
        folder: tempfile::tempdir().unwrap(),
    }
}

fn connected(sandbox: &Sandbox) -> Client {
    client_of(&sandbox.webhook())
}

fn client_of(webhook: &str) -> Client {
    let webhook: Webhook = webhook.parse().unwrap();
    Client::builder(webhook).pace(Pace::UNLIMITED).build().unwrap()
}

async fn rules(client: &Client, automation: &str) -> Resolved {
    let mapping = Mapping::parse(&format!(
        r#"
        name = "clinic"
        automation = "{automation}"
        [source]
        kind = "csv"
        path = "visits.csv"
        zone = "Europe/Moscow"
        [key]
        column = "id"
        prefix = "F1_"
        field = "Внешний ключ"
        [deal.fields]
        "Название" = "title"
        [contact]
        phone = "phone"
        last_name = "surname"
        first_name = "name"
        "#
    ))
    .unwrap();
    let facts = PortalFacts::read(client).await.unwrap().facts;
    mapping.resolve(&facts, &RowFormat::default()).unwrap()
}

/// A new record with a person and a comment of its own.
pub(crate) fn new_record(number: u64) -> Entry {
    record(&format!("F1_{number}"), number, &format!("person {number}"), Some(&format!("Визит {number}")))
}

pub(crate) fn record(key: &str, number: u64, identity: &str, comment: Option<&str>) -> Entry {
    let text = |name: &str, text: &str| Assignment {
        name: name.to_owned(),
        title: name.to_owned(),
        value: FieldValue::text(text),
    };
    Entry {
        key: key.to_owned(),
        line: number,
        cursor: None,
        action: Action::Create(Creation {
            fields: vec![text("title", &format!("Приём {number}")), text(KEY, key)],
            contact: ContactChoice::Create {
                identity: identity.to_owned(),
                phones: vec![format!("+7999{number:07}")],
                name: PersonName {
                    last: "Петров".to_owned(),
                    first: format!("Пётр{number}"),
                    ..PersonName::default()
                },
                fields: Vec::new(),
            },
            comment: comment.map(str::to_owned),
            lead: None,
            after: 0,
            lead_is_set: false,
        }),
        last_comment: None,
        imprint: None,
        warnings: Vec::new(),
    }
}

impl Stage {
    pub(crate) fn journal(&self) -> Journal {
        let path = self.folder.path().join("journal.db");
        Journal::open(&path, &self.client.identity(), clock()).unwrap()
    }

    pub(crate) fn order(&self, run: RunId) -> ApplyOrder {
        ApplyOrder {
            run,
            author: 1,
            sees_everything: self.sees_everything,
            settle_after: self.settle_after,
            backoff: Backoff::default(),
        }
    }

    pub(crate) fn planned(journal: &Journal, entries: &[Entry]) -> RunId {
        let run = journal.begin(RunKind::Run, "clinic", "{}", clock()).unwrap();
        journal.spool(run, "clinic", entries, clock()).unwrap();
        run
    }

    /// Plans and writes these entries, waiting for what was lost.
    pub(crate) async fn write(&self, journal: &Journal, entries: &[Entry]) -> Applied {
        let run = Self::planned(journal, entries);
        self.apply(journal, run).await
    }

    pub(crate) async fn apply(&self, journal: &Journal, run: RunId) -> Applied {
        let now = clock;
        let client = self.client.clone();
        let mut apply = Apply::new(client, journal, &self.rules, self.order(run), &now).unwrap();
        while let Step::WaitUntil(at) = apply.step(&mut |_| {}).await.unwrap() {
            let wait = at.duration_since(clock());
            tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
        }
        apply.finish(0, &Finding::default()).unwrap()
    }

    /// A new process has a new client.
    pub(crate) fn reconnect(&mut self) {
        self.client = connected(&self.sandbox);
    }

    /// From now on the portal is seen with the eyes of a manager who may add, and may not import.
    pub(crate) fn as_manager(&mut self) {
        self.client = client_of(&self.sandbox.webhook_of(2, "restricted"));
        self.sees_everything = false;
    }

    /// What a new run does before it plans: looks for what earlier ones perhaps wrote, here until everything is known.
    pub(crate) async fn settle(&self, journal: &Journal) {
        let run = journal.begin(RunKind::Run, "clinic", "{}", clock()).unwrap();
        let now = clock;
        tokio::time::sleep(Duration::try_from(self.settle_after).unwrap()).await;
        let client = self.client.clone();
        let mut apply = Apply::new(client, journal, &self.rules, self.order(run), &now).unwrap();
        apply.settle_earlier().await.unwrap();
    }

    /// Deals and contacts of the portal by the keys they were written for.
    pub(crate) fn by_key(&self) -> BTreeMap<String, (Option<u64>, Option<u64>)> {
        let mut found: BTreeMap<String, (Option<u64>, Option<u64>)> = BTreeMap::new();
        for deal in self.written("deal") {
            found.entry(deal[KEY].as_str().unwrap().to_owned()).or_default().0 = deal["id"].as_u64();
        }
        for contact in self.written("contact") {
            found.entry(contact["originId"].as_str().unwrap().to_owned()).or_default().1 =
                contact["id"].as_u64();
        }
        found
    }

    /// What a plan says of a record when it sees the portal.
    pub(crate) fn replanned(mut entry: Entry, found: &BTreeMap<String, (Option<u64>, Option<u64>)>) -> Entry {
        let Some((deal, contact)) = found.get(&entry.key).copied() else { return entry };
        let Action::Create(creation) = &mut entry.action else { return entry };
        if let Some(id) = contact {
            creation.contact = ContactChoice::Use { id, changes: Vec::new(), link: false };
        }
        if let Some(deal) = deal {
            let contact = creation.contact.clone();
            let (changes, comment) = (Vec::new(), creation.comment.clone());
            entry.action =
                Action::Update(Update { deal: Some(deal), adopted: false, changes, contact, comment });
        }
        entry
    }

    pub(crate) fn faults(&self, plan: &str) {
        let plan: FaultPlan = plan.parse().unwrap();
        self.sandbox.inject(plan);
    }

    /// Records of the sandbox that were written: `deal`, `contact`, `comment`.
    pub(crate) fn written(&self, entity: &str) -> Vec<Value> {
        let rows: Value = serde_json::from_str(&self.sandbox.rows(entity).unwrap()).unwrap();
        rows["changed"].as_array().unwrap().clone()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.sandbox.journal().requests - self.asked
    }
}
