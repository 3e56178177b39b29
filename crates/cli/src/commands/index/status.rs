//! `b24 index status`.

use embed_queue::{Counts, Overview, Spent};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::clock;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::QueueFile;
use crate::output::{Answer, table};

/// Throughput is what became ready in so many minutes.
const RECENT: i64 = 10;

#[derive(Serialize)]
struct Data {
    ready: u64,
    pending: u64,
    failed: u64,
    chunks: States,
    collections: Vec<Shown>,
    oldest_pending: Option<String>,
    ready_per_minute: f64,
    workers: u64,
    spaces: Vec<Space>,
    troubles: Vec<Trouble>,
    pauses: Vec<Pause>,
    spending: Vec<Spending>,
}

/// Counts by state.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct States {
    ready: u64,
    pending: u64,
    failed: u64,
}

#[derive(Serialize)]
struct Shown {
    name: String,
    #[serde(flatten)]
    documents: States,
}

#[derive(Serialize)]
struct Space {
    model: String,
    answers: bool,
    texts: States,
    pending_tokens: u64,
}

#[derive(Serialize)]
struct Trouble {
    status: String,
    class: Option<String>,
    error: String,
    texts: u64,
}

#[derive(Serialize)]
struct Pause {
    model: String,
    until: String,
    error: Option<String>,
}

#[derive(Serialize)]
struct Spending {
    model: String,
    calls: u64,
    tokens: u64,
    saved_tokens: u64,
    spent: Option<String>,
    saved: Option<String>,
}

impl From<Counts> for States {
    fn from(counts: Counts) -> Self {
        Self { ready: counts.ready, pending: counts.pending, failed: counts.failed }
    }
}

pub(super) fn run(context: &Context) -> Result<Answer, Failure> {
    let queue = QueueFile::open(context)?;
    let now = clock::now();
    let overview = queue.store.overview(now)?;
    let documents = queue.store.documents(&<_>::default())?;
    let chunks = queue.store.chunks(&<_>::default())?;
    let recent = now.checked_sub(SignedDuration::from_mins(RECENT)).unwrap_or(now);
    let recent = queue.store.spent(recent)?;
    let spent = queue.store.spent(Timestamp::UNIX_EPOCH)?;
    let data = Data {
        ready: documents.ready,
        pending: documents.pending,
        failed: documents.failed,
        chunks: chunks.into(),
        collections: overview
            .collections
            .iter()
            .map(|each| Shown { name: each.name.clone(), documents: each.documents.into() })
            .collect(),
        oldest_pending: overview.oldest_pending.map(|at| at.to_string()),
        ready_per_minute: per_minute(&recent),
        workers: overview.workers,
        spaces: spaces(&overview),
        troubles: troubles(&overview),
        pauses: pauses(&overview),
        spending: spent.iter().map(|spent| spending(&queue, spent)).collect(),
    };
    Answer::new(text(&data), &data)
}

fn per_minute(recent: &[Spent]) -> f64 {
    let ready: u64 = recent.iter().map(|lane| lane.ready).sum();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = ready as f64 / RECENT as f64;
    rate
}

fn spaces(overview: &Overview) -> Vec<Space> {
    let space = |space: &embed_queue::SpaceState| Space {
        model: space.lane.clone(),
        answers: space.answers,
        texts: space.texts.into(),
        pending_tokens: space.pending_tokens,
    };
    overview.spaces.iter().map(space).collect()
}

fn troubles(overview: &Overview) -> Vec<Trouble> {
    let trouble = |trouble: &embed_queue::Trouble| Trouble {
        status: trouble.status.to_string(),
        class: trouble.class.clone(),
        error: trouble.error.clone(),
        texts: trouble.texts,
    };
    overview.troubles.iter().map(trouble).collect()
}

fn pauses(overview: &Overview) -> Vec<Pause> {
    let pause = |pause: &embed_queue::Pause| Pause {
        model: pause.lane.clone(),
        until: pause.until.to_string(),
        error: pause.error.clone(),
    };
    overview.pauses.iter().map(pause).collect()
}

fn spending(queue: &QueueFile, spent: &Spent) -> Spending {
    let priced =
        queue.settings.embedders().into_iter().find(|each| each.embedder.space().lane() == spent.lane);
    let price = priced.and_then(|each| each.price);
    let money = |tokens: u64| {
        let (price, currency) = price.as_ref()?;
        let sum = Decimal::from(tokens).checked_mul(*price)?.checked_div(Decimal::from(1_000_000))?;
        Some(format!("{} {currency}", sum.round_dp(6).normalize()))
    };
    Spending {
        model: spent.lane.clone(),
        calls: spent.calls,
        tokens: spent.tokens,
        saved_tokens: spent.saved,
        spent: money(spent.tokens),
        saved: money(spent.saved),
    }
}

fn text(data: &Data) -> String {
    let mut text = vec![format!(
        "documents: {} ready, {} pending, {} failed\nchunks: {} ready, {} pending, {} failed\n",
        data.ready, data.pending, data.failed, data.chunks.ready, data.chunks.pending, data.chunks.failed
    )];
    text.push(format!(
        "workers: {}; ready in the last {RECENT} minutes: {:.1} texts per minute\n",
        data.workers, data.ready_per_minute
    ));
    if let Some(oldest) = &data.oldest_pending {
        text.push(format!("waiting longest since {oldest}\n"));
    }
    for pause in &data.pauses {
        let error = pause.error.as_deref().unwrap_or("it failed");
        text.push(format!("{} is left alone until {}: {error}\n", pause.model, pause.until));
    }
    text.extend(tables(data));
    text.concat()
}

/// What there is of each kind, one table a kind.
fn tables(data: &Data) -> Vec<String> {
    let mut text = Vec::new();
    let number = |number: u64| number.to_string();
    if !data.collections.is_empty() {
        let rows = data.collections.iter().map(|each| {
            let of = each.documents;
            [each.name.clone(), number(of.ready), number(of.pending), number(of.failed)]
        });
        text.push(format!("\n{}", table(["COLLECTION", "READY", "PENDING", "FAILED"], rows)));
    }
    if !data.spaces.is_empty() {
        let rows = data.spaces.iter().map(|space| {
            let role = if space.answers { "answers" } else { "is being filled" };
            let of = space.texts;
            [
                space.model.clone(),
                role.to_owned(),
                number(of.ready),
                number(of.pending),
                number(of.failed),
                number(space.pending_tokens),
            ]
        });
        let heading = ["MODEL", "", "READY", "PENDING", "FAILED", "TOKENS PENDING"];
        text.push(format!("\n{}", table(heading, rows)));
    }
    if !data.spending.is_empty() {
        let rows = data.spending.iter().map(|lane| {
            [
                lane.model.clone(),
                number(lane.calls),
                number(lane.tokens),
                lane.spent.clone().unwrap_or_default(),
                number(lane.saved_tokens),
                lane.saved.clone().unwrap_or_default(),
            ]
        });
        text.push(format!(
            "\n{}",
            table(["MODEL", "CALLS", "TOKENS SENT", "SPENT", "TOKENS SAVED", "SAVED"], rows)
        ));
    }
    if !data.troubles.is_empty() {
        let rows = data.troubles.iter().map(|trouble| {
            [
                trouble.texts.to_string(),
                trouble.status.clone(),
                trouble.class.clone().unwrap_or_default(),
                trouble.error.clone(),
            ]
        });
        text.push(format!("\n{}", table(["TEXTS", "STATE", "FAULT OF", "CAUSE"], rows)));
    }
    text
}
