//! A provider whose vectors say which text they are of, and which can misbehave in every way.

use std::collections::{HashMap, VecDeque};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use embed_queue::{
    Answer, Capabilities, EmbedError, Embedder, Hash, Input, ItemError, Purpose, Reply, Space, Usage, Vector,
};

pub(crate) const DIMENSIONS: usize = 33;

/// What goes wrong in one call.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    Drop,
    Reorder,
    Duplicate,
    ShortList,
    Nothing,
    Stranger,
    WrongDimension,
    NotANumber,
    Zero,
    Wait(Duration),
    Day(Duration),
    Configuration,
    Unavailable,
    Rejected,
    Hang,
}

/// Deterministic, with a queue of faults for the next calls and texts that it always refuses.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) model: String,
    pub(crate) max_items: usize,
    max_item_tokens: usize,
    faults: Mutex<VecDeque<Option<Fault>>>,
    poison: Vec<String>,
    overlooked: Option<String>,
    ranking: bool,
    calls: Mutex<Vec<usize>>,
    texts: Mutex<HashMap<Hash, usize>>,
    log: Option<PathBuf>,
    duration: Duration,
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self {
            model: "hash".to_owned(),
            max_items: 64,
            max_item_tokens: 2_048,
            faults: Mutex::default(),
            poison: Vec::new(),
            overlooked: None,
            ranking: false,
            calls: Mutex::default(),
            texts: Mutex::default(),
            log: None,
            duration: Duration::ZERO,
        }
    }

    pub(crate) fn model(mut self, name: &str) -> Self {
        name.clone_into(&mut self.model);
        self
    }

    pub(crate) fn failing(self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.then(faults);
        self
    }

    /// For the next calls.
    pub(crate) fn then(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults.into_iter().map(Some));
    }

    /// The call after those does as it should.
    pub(crate) fn then_well(&self) {
        self.faults.lock().unwrap().push_back(None);
    }

    pub(crate) fn refusing(mut self, word: &str) -> Self {
        self.poison.push(word.to_owned());
        self
    }

    /// Never has an answer for texts with this word.
    pub(crate) fn overlooking(mut self, word: &str) -> Self {
        self.overlooked = Some(word.to_owned());
        self
    }

    /// A text with `rank N` is the nearer to `rank 0` the smaller its number is; up to 2,400.
    pub(crate) fn ranking(mut self) -> Self {
        self.ranking = true;
        self
    }

    fn vector(&self, input: &Input) -> Vec<f32> {
        let rank =
            input.text.split("rank ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<f32>().ok());
        match rank.filter(|_| self.ranking) {
            Some(rank) => {
                let angle = rank * 0.000_6;
                [angle.cos(), angle.sin()]
                    .into_iter()
                    .chain(std::iter::repeat_n(0.0, DIMENSIONS - 2))
                    .collect()
            }
            None => components(&input.key),
        }
    }

    /// Writes every embedded text's hash to this file, so that another process can count them.
    pub(crate) fn logging(mut self, file: &Path) -> Self {
        self.log = Some(file.to_owned());
        self
    }

    /// Half of the time before the work is done, half while the answer is under way.
    pub(crate) fn taking(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    pub(crate) fn short_texts(mut self, tokens: usize) -> Self {
        self.max_item_tokens = tokens;
        self
    }

    pub(crate) fn at_most(mut self, items: usize) -> Self {
        self.max_items = items;
        self
    }

    /// Sizes of the calls so far.
    pub(crate) fn calls(&self) -> Vec<usize> {
        self.calls.lock().unwrap().clone()
    }

    /// How often the most often embedded text was embedded with success.
    pub(crate) fn most_repeated(&self) -> usize {
        self.texts.lock().unwrap().values().copied().max().unwrap_or(0)
    }
}

/// The only right vector of a text.
pub(crate) fn vector_of(key: &Hash) -> Vector {
    Vector::new(components(key), DIMENSIONS).unwrap()
}

fn components(key: &Hash) -> Vec<f32> {
    key.as_bytes().iter().map(|&byte| f32::from(byte) - 127.5).chain([1.0]).collect()
}

#[async_trait]
impl Embedder for Fake {
    fn space(&self) -> Space {
        Space {
            provider: "fake".to_owned(),
            model: self.model.clone(),
            dimensions: DIMENSIONS,
            prefixes: String::new(),
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_items: self.max_items,
            max_tokens: 100_000,
            max_item_tokens: self.max_item_tokens,
            lexical: false,
        }
    }

    async fn embed(&self, _: Purpose, inputs: &[Input]) -> Result<Reply, EmbedError> {
        self.calls.lock().unwrap().push(inputs.len());
        let fault = self.faults.lock().unwrap().pop_front().flatten();
        if let Some(fault) = &fault {
            before(fault).await?;
        }
        tokio::time::sleep(self.duration / 2).await;
        if inputs.iter().any(|input| self.poison.iter().any(|word| input.text.contains(word.as_str()))) {
            return Err(EmbedError::Rejected("400 a text is poison".to_owned()));
        }
        let overlooked =
            |input: &&Input| self.overlooked.as_ref().is_some_and(|word| input.text.contains(word));
        let mut answers: Vec<Answer> = inputs
            .iter()
            .filter(|input| !overlooked(input))
            .map(|input| Answer { key: input.key, outcome: Ok(self.vector(input)) })
            .collect();
        if let Some(fault) = &fault {
            spoil(fault, &mut answers);
        }
        for answer in answers.iter().filter(|answer| answer.outcome.is_ok()) {
            *self.texts.lock().unwrap().entry(answer.key).or_default() += 1;
        }
        if let Some(log) = &self.log {
            let lines: Vec<String> = inputs.iter().map(|input| input.key.to_string()).collect();
            let mut file = OpenOptions::new().append(true).create(true).open(log).unwrap();
            file.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
        }
        tokio::time::sleep(self.duration / 2).await;
        Ok(Reply { answers, usage: Usage { calls: 1, tokens: inputs.len() as u64 } })
    }
}

async fn before(fault: &Fault) -> Result<(), EmbedError> {
    let reason = String::from("as planned");
    match fault {
        Fault::Wait(after) => Err(EmbedError::RetryAfter { after: *after, reason }),
        Fault::Day(after) => Err(EmbedError::QuotaDay { after: *after, reason }),
        Fault::Configuration => Err(EmbedError::Configuration(reason)),
        Fault::Unavailable => Err(EmbedError::Unavailable(reason)),
        Fault::Rejected => Err(EmbedError::Rejected(reason)),
        Fault::Hang => std::future::pending().await,
        _ => Ok(()),
    }
}

fn spoil(fault: &Fault, answers: &mut Vec<Answer>) {
    match fault {
        Fault::Drop => drop(answers.remove(answers.len() / 2)),
        Fault::Reorder => answers.reverse(),
        Fault::Duplicate => answers.push(answers[0].clone()),
        Fault::ShortList => answers.truncate(answers.len() / 2),
        Fault::Nothing => answers.clear(),
        Fault::Stranger => answers[0].key = Hash::of("nobody asked"),
        Fault::WrongDimension => answers[0].outcome = Ok(vec![1.0; DIMENSIONS - 1]),
        Fault::NotANumber => answers[0].outcome = Ok(vec![f32::NAN; DIMENSIONS]),
        Fault::Zero => answers[0].outcome = Ok(vec![0.0; DIMENSIONS]),
        _ => answers[0].outcome = Err(ItemError::Temporary("no".to_owned())),
    }
}
