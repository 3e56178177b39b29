//! Texts go to the provider in calls that it accepts, and its answers are not trusted.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use crate::document::tokens;
use crate::embedder::{Answer, Capabilities, EmbedError, Embedder, Input, ItemError, Purpose};
use crate::hash::Hash;
use crate::vector::Vector;

/// Texts on their way. A text ends in `vectors` or in `faults`; in neither when it was not answered.
pub(crate) struct Delivery<'a> {
    embedder: &'a dyn Embedder,
    timeout: Duration,
    calls: VecDeque<Vec<Input>>,
    pub(crate) vectors: HashMap<Hash, Vector>,
    pub(crate) faults: HashMap<Hash, ItemError>,
    /// What the provider did wrong as a whole; nothing is sent after it.
    pub(crate) stopped: Option<EmbedError>,
    /// The provider gave an answer that was believed.
    pub(crate) answered: bool,
    refused: usize,
}

/// So many texts refused one by one and none accepted: that is no fault of the texts.
const REFUSES_EVERYTHING: usize = 4;

impl<'a> Delivery<'a> {
    pub(crate) fn new(embedder: &'a dyn Embedder, inputs: Vec<Input>, timeout: Duration) -> Self {
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
            faults: faults.collect(),
            calls: packed(fitting, capabilities),
            vectors: HashMap::new(),
            stopped: None,
            answered: false,
            refused: 0,
        }
    }

    /// Makes the next call; `false` when nothing is left to send.
    pub(crate) async fn step(&mut self) -> bool {
        let Some(inputs) = self.calls.pop_front() else { return false };
        let call = self.embedder.embed(Purpose::Document, &inputs);
        let outcome = tokio::time::timeout(self.timeout, call)
            .await
            .unwrap_or_else(|_| Err(EmbedError::Unavailable("no answer in time".to_owned())));
        match outcome.and_then(|answers| checked(&inputs, answers)) {
            Ok(answers) => {
                self.answered = true;
                self.take(&inputs, answers);
            }
            Err(EmbedError::Rejected(reason)) => self.halve(inputs, &reason),
            Err(fault) => {
                self.calls.clear();
                self.stopped = Some(fault);
            }
        }
        !self.calls.is_empty()
    }

    fn take(&mut self, inputs: &[Input], mut answers: HashMap<Hash, Result<Vec<f32>, ItemError>>) {
        let dimensions = self.embedder.space().dimensions;
        for input in inputs {
            let outcome = answers
                .remove(&input.key)
                .unwrap_or_else(|| {
                    Err(ItemError::Temporary("the provider's answer left the text out".to_owned()))
                })
                .and_then(|components| {
                    Vector::new(components, dimensions).map_err(|bad| ItemError::Temporary(bad.to_string()))
                });
            match outcome {
                Ok(vector) => drop(self.vectors.insert(input.key, vector)),
                Err(fault) => drop(self.faults.insert(input.key, fault)),
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
            self.faults.insert(alone.key, ItemError::Permanent(reason));
            self.refused += 1;
        }
        if self.refused >= REFUSES_EVERYTHING && !self.answered {
            self.give_up(reason);
        }
    }

    /// The texts are charged an attempt, not condemned; the lane pauses.
    fn give_up(&mut self, reason: &str) {
        self.calls.clear();
        for fault in self.faults.values_mut() {
            *fault = ItemError::Temporary(fault.to_string());
        }
        self.stopped = Some(EmbedError::Unavailable(format!("it refuses every text: {reason}")));
    }
}

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

/// An answer with a key that was not asked for, or with one twice, is not believed in any part; one with nothing at all
/// is the provider's failure and no text's.
fn checked(
    inputs: &[Input],
    answers: Vec<Answer>,
) -> Result<HashMap<Hash, Result<Vec<f32>, ItemError>>, EmbedError> {
    if answers.is_empty() {
        return Err(EmbedError::Unavailable("its answer is empty".to_owned()));
    }
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
