//! Texts go to the provider in calls that it accepts, and its answers are not trusted.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use crate::document::tokens;
use crate::embedder::{Answer, Capabilities, EmbedError, Embedder, Input, ItemError, Purpose, Usage};
use crate::hash::Hash;
use crate::vector::Vector;

/// Texts on their way. A text ends in `vectors` or in `faults`; in neither when it was not answered.
pub(crate) struct Delivery<'a> {
    embedder: &'a dyn Embedder,
    timeout: Duration,
    /// Whether a control text may show that the provider works when it refuses all others.
    control: bool,
    calls: VecDeque<Vec<Input>>,
    pub(crate) vectors: HashMap<Hash, Vector>,
    pub(crate) faults: HashMap<Hash, ItemError>,
    /// Texts that got no vector when they were alone in a call.
    suspects: HashMap<Hash, ItemError>,
    /// What the provider did wrong as a whole; nothing is sent after it.
    pub(crate) stopped: Option<EmbedError>,
    /// The provider gave a vector.
    pub(crate) answered: bool,
    /// What the calls used, believed or not.
    pub(crate) usage: Usage,
}

/// So many texts refused one by one and none accepted: that is no fault of the texts.
const REFUSES_EVERYTHING: usize = 4;

/// Nothing is wrong with this text: who gives it no vector gives none to anybody.
const CONTROL: &str = "ok";

impl<'a> Delivery<'a> {
    pub(crate) fn new(
        embedder: &'a dyn Embedder,
        inputs: Vec<Input>,
        timeout: Duration,
        control: bool,
    ) -> Self {
        let capabilities = embedder.capabilities();
        let (fitting, long): (Vec<_>, Vec<_>) =
            inputs.into_iter().partition(|input| tokens(&input.text) <= capabilities.max_item_tokens);
        let faults = long.into_iter().map(|input| {
            let reason = format!(
                "the text has about {} tokens, the model takes {}",
                tokens(&input.text),
                capabilities.max_item_tokens
            );
            (input.key, ItemError::Permanent(reason))
        });
        Self {
            embedder,
            timeout,
            control,
            faults: faults.collect(),
            calls: packed(fitting, capabilities),
            vectors: HashMap::new(),
            suspects: HashMap::new(),
            stopped: None,
            answered: false,
            usage: Usage::default(),
        }
    }

    /// Makes the next call; `false` when nothing is left to send.
    pub(crate) async fn step(&mut self) -> bool {
        if let Some(inputs) = self.calls.pop_front() {
            match self.call(&inputs).await {
                Ok(answers) => self.take(&inputs, answers),
                Err(EmbedError::Rejected(reason)) => self.halve(inputs, &reason),
                Err(fault) => self.stop(fault),
            }
        } else if self.wants_control() {
            self.ask_for_control().await;
        }
        if self.calls.is_empty() && self.stopped.is_none() && !self.wants_control() {
            self.judge();
        }
        !self.calls.is_empty() || self.wants_control()
    }

    /// Texts were refused and none was accepted, so it is open whose fault that is.
    fn wants_control(&self) -> bool {
        let over = self.calls.is_empty() && self.stopped.is_none();
        over && self.control && !self.answered && !self.suspects.is_empty()
    }

    async fn ask_for_control(&mut self) {
        self.control = false;
        let input = Input { key: Hash::of(CONTROL), text: CONTROL.to_owned() };
        match self.call(&[input]).await {
            Ok(outcomes) => self.answered = outcomes.values().any(Result::is_ok),
            Err(EmbedError::Rejected(_)) => {}
            Err(fault) => self.stop(fault),
        }
    }

    /// Whether the text is to come after others the next time, because it may be at fault.
    pub(crate) fn suspects(&self, text: &Hash) -> bool {
        self.suspects.contains_key(text)
    }

    async fn call(&mut self, inputs: &[Input]) -> Result<HashMap<Hash, Outcome>, EmbedError> {
        let call = self.embedder.embed(Purpose::Document, inputs);
        let reply = tokio::time::timeout(self.timeout, call)
            .await
            .unwrap_or_else(|_| Err(EmbedError::Unavailable("no answer in time".to_owned())))?;
        self.usage += reply.usage;
        let mut answers = checked(inputs, reply.answers)?;
        let dimensions = self.embedder.space().dimensions;
        let outcome = |input: &Input| {
            let answer = answers.remove(&input.key).unwrap_or_else(|| {
                Err(ItemError::Temporary("the provider's answer left the text out".to_owned()))
            });
            let vector = answer.and_then(|components| {
                Vector::new(components, dimensions).map_err(|bad| ItemError::Temporary(bad.to_string()))
            });
            (input.key, vector)
        };
        Ok(inputs.iter().map(outcome).collect())
    }

    /// An answer without any vector says more of the provider than of its texts.
    fn take(&mut self, inputs: &[Input], outcomes: HashMap<Hash, Outcome>) {
        let given = outcomes.values().filter(|outcome| outcome.is_ok()).count();
        self.answered |= given > 0;
        let fault = outcomes.values().find_map(|outcome| outcome.as_ref().err()).cloned();
        match (given, inputs, fault) {
            (0, [alone], Some(fault)) => drop(self.suspects.insert(alone.key, fault)),
            (0, _, Some(fault)) => {
                self.stop(EmbedError::Unavailable(format!("its answer has no vector: {fault}")));
            }
            _ => {
                for (key, outcome) in outcomes {
                    match outcome {
                        Ok(vector) => drop(self.vectors.insert(key, vector)),
                        Err(fault) => drop(self.faults.insert(key, fault)),
                    }
                }
            }
        }
    }

    /// A refused batch is halved until the text that it is refused for stands alone; the others are not charged.
    fn halve(&mut self, mut inputs: Vec<Input>, reason: &str) {
        if inputs.len() > 1 {
            let right = inputs.split_off(inputs.len() / 2);
            self.calls.push_front(right);
            self.calls.push_front(inputs);
        } else if let Some(alone) = inputs.pop() {
            let reason = format!("the provider refuses the text: {reason}");
            self.suspects.insert(alone.key, ItemError::Permanent(reason));
        }
        if self.suspects.len() >= REFUSES_EVERYTHING && !self.answered {
            self.calls.clear();
        }
    }

    fn stop(&mut self, fault: EmbedError) {
        self.calls.clear();
        self.stopped = Some(fault);
    }

    /// Whose fault it is that texts got no vector: theirs only if another text got one.
    fn judge(&mut self) {
        let Some(fault) = self.suspects.values().next() else { return };
        if self.answered {
            self.faults.extend(self.suspects.drain());
        } else {
            self.stopped = Some(EmbedError::Unavailable(format!("it gives no vector: {fault}")));
        }
    }
}

type Outcome = Result<Vector, ItemError>;

/// Fills calls up to the provider's limits, in the order of the texts.
fn packed(inputs: Vec<Input>, capabilities: Capabilities) -> VecDeque<Vec<Input>> {
    let mut calls = VecDeque::new();
    let (mut call, mut size) = (Vec::new(), 0);
    for input in inputs {
        let tokens = tokens(&input.text);
        let full = call.len() >= capabilities.max_items.max(1) || size + tokens > capabilities.max_tokens;
        if full && !call.is_empty() {
            calls.push_back(std::mem::take(&mut call));
            size = 0;
        }
        size += tokens;
        call.push(input);
    }
    if !call.is_empty() {
        calls.push_back(call);
    }
    calls
}

/// An answer with a key that was not asked for, or with one twice, is not believed in any part.
fn checked(
    inputs: &[Input],
    answers: Vec<Answer>,
) -> Result<HashMap<Hash, Result<Vec<f32>, ItemError>>, EmbedError> {
    let asked: HashSet<Hash> = inputs.iter().map(|input| input.key).collect();
    let mut keyed = HashMap::with_capacity(answers.len());
    for answer in answers {
        if !asked.contains(&answer.key) {
            return Err(EmbedError::Unavailable("it answered for a text that was not asked".to_owned()));
        }
        if keyed.insert(answer.key, answer.outcome).is_some() {
            return Err(EmbedError::Unavailable("it answered twice for one text".to_owned()));
        }
    }
    Ok(keyed)
}
