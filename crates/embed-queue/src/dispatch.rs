//! Texts go to the provider in calls that it accepts, and its answers are not trusted.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use crate::crumbs::tokens;
use crate::embedder::{Answer, Capabilities, EmbedError, Embedder, Input, ItemError, Purpose, Usage};
use crate::hash::Hash;
use crate::vector::Vector;

/// Texts on their way. A text ends in `vectors` or in `faults`; in neither when it was not answered.
pub(crate) struct Delivery<'a> {
    embedder: &'a dyn Embedder,
    timeout: Duration,
    /// The provider gave a vector at some time, so that a control text can show whether it works now.
    known_good: bool,
    calls: VecDeque<Vec<Input>>,
    pub(crate) vectors: HashMap<Hash, Vector>,
    pub(crate) faults: HashMap<Hash, ItemError>,
    /// Texts that got no vector when they were alone in a call, and no text got one after them.
    suspects: HashMap<Hash, Suspect>,
    /// What the provider did wrong as a whole; nothing is sent after it.
    pub(crate) stopped: Option<EmbedError>,
    /// The provider gave a vector.
    pub(crate) answered: bool,
    /// What the calls used, believed or not.
    pub(crate) usage: Usage,
}

/// A text that got no vector: whose fault that is, is open.
struct Suspect {
    input: Input,
    fault: ItemError,
    /// The provider had given a vector before.
    worked_before: bool,
}

/// So many texts refused one after the other and none accepted: before more are sent it must be seen whose fault that is.
const REFUSES_EVERYTHING: usize = 4;

/// Nothing is wrong with this text: who gives it no vector gives none to anybody.
const CONTROL: &str = "ok";

impl<'a> Delivery<'a> {
    pub(crate) fn new(
        embedder: &'a dyn Embedder,
        inputs: Vec<Input>,
        timeout: Duration,
        known_good: bool,
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
            known_good,
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
        if self.is_in_doubt() {
            self.settle_doubt().await;
        } else if let Some(inputs) = self.calls.pop_front() {
            match self.call(&inputs).await {
                Ok(answers) => self.take(&inputs, answers),
                Err(EmbedError::Rejected(reason)) => self.halve(inputs, &reason),
                Err(fault) => self.stop(fault),
            }
        }
        !self.calls.is_empty() || self.is_in_doubt()
    }

    /// Texts were refused and none was accepted after them, so it must be seen whose fault that is.
    fn is_in_doubt(&self) -> bool {
        let enough = if self.calls.is_empty() { 1 } else { REFUSES_EVERYTHING };
        self.stopped.is_none() && self.suspects.len() >= enough
    }

    /// A provider that works gives a text a vector with which nothing is wrong. One that never gave any is not asked: it
    /// refuses everything until it is set up in the right way.
    async fn settle_doubt(&mut self) {
        let Some(fault) = self.suspects.values().next().map(|suspect| suspect.fault.clone()) else { return };
        if self.known_good {
            let input = Input { key: Hash::of(CONTROL), text: CONTROL.to_owned() };
            match self.call(&[input]).await {
                Ok(outcomes) if outcomes.values().any(Result::is_ok) => return self.works(),
                Ok(_) | Err(EmbedError::Rejected(_)) => {}
                Err(fault) => return self.stop(fault),
            }
        }
        self.stop(EmbedError::Unavailable(format!("it gives no vector: {fault}")));
    }

    /// It gave a vector just now. What it refused between two vectors is the fault of that text; what it refused before the
    /// first one it may have refused because it did not work then, so before a text is condemned it is asked once more.
    fn works(&mut self) {
        (self.answered, self.known_good) = (true, true);
        for (key, suspect) in self.suspects.drain() {
            if suspect.worked_before || matches!(suspect.fault, ItemError::Temporary(_)) {
                self.faults.insert(key, suspect.fault);
            } else {
                self.calls.push_back(vec![suspect.input]);
            }
        }
    }

    fn suspect(&mut self, input: Input, fault: ItemError) {
        let suspect = Suspect { worked_before: self.answered, fault, input };
        self.suspects.insert(suspect.input.key, suspect);
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
        let fault = outcomes.values().find_map(|outcome| outcome.as_ref().err()).cloned();
        match (given, inputs, fault) {
            (0, [alone], Some(fault)) => self.suspect(alone.clone(), fault),
            (0, _, Some(fault)) => {
                self.stop(EmbedError::Unavailable(format!("its answer has no vector: {fault}")));
            }
            _ => {
                self.works();
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
            self.suspect(alone, ItemError::Permanent(reason));
        }
    }

    fn stop(&mut self, fault: EmbedError) {
        self.calls.clear();
        self.stopped = Some(fault);
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
