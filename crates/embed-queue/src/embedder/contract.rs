//! What every [`Embedder`] must keep; each adapter's tests run it.

use std::fmt;

use super::{Answer, Embedder, Input, Purpose};
use crate::vector::Vector;

/// The promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

/// Asks for a few texts and checks what every embedder promises.
///
/// A stable space, one answer per key, vectors that can be
/// stored, the same vector for a text alone and among others, in any order, and different vectors for different texts.
///
/// # Errors
/// The first promise that is broken.
pub async fn check(embedder: &dyn Embedder) -> Result<(), Broken> {
    let capabilities = embedder.capabilities();
    if capabilities.max_items == 0 || capabilities.max_tokens == 0 || capabilities.max_item_tokens == 0 {
        return Err(Broken("a call may carry nothing".to_owned()));
    }
    let space = embedder.space();
    let texts = ["Счёт на оплату № 17", "an invoice for payment", "…", "fn main() {}\n", "ёлка\u{0}и нули"];
    let mut inputs: Vec<Input> = texts.iter().map(|&text| Input::new(text.to_owned())).collect();
    inputs.truncate(capabilities.max_items);
    for purpose in [Purpose::Document, Purpose::Query] {
        let together = ask(embedder, purpose, &inputs).await?;
        inputs.reverse();
        let reversed = ask(embedder, purpose, &inputs).await?;
        inputs.reverse();
        for (input, vector) in inputs.iter().zip(&together) {
            let alone = ask(embedder, purpose, std::slice::from_ref(input)).await?;
            same(vector, alone.first(), &input.text)?;
        }
        for ((input, vector), other) in inputs.iter().zip(&together).zip(reversed.iter().rev()) {
            same(vector, Some(other), &input.text)?;
        }
        if together.windows(2).any(|pair| cosine(&pair[0], &pair[1]) > 0.999) {
            return Err(Broken("different texts have the same vector".to_owned()));
        }
    }
    if !ask(embedder, Purpose::Document, &[]).await?.is_empty() {
        return Err(Broken("it answered although nothing was asked".to_owned()));
    }
    if embedder.space() != space {
        return Err(Broken("the space changed".to_owned()));
    }
    Ok(())
}

/// The vectors in the order of the inputs.
async fn ask(embedder: &dyn Embedder, purpose: Purpose, inputs: &[Input]) -> Result<Vec<Vector>, Broken> {
    let reply = embedder.embed(purpose, inputs).await;
    let answers = reply.map_err(|error| Broken(error.to_string()))?.answers;
    if answers.len() != inputs.len() {
        return Err(Broken(format!("{} answers to {} texts", answers.len(), inputs.len())));
    }
    inputs.iter().map(|input| of(embedder, &answers, input)).collect()
}

fn of(embedder: &dyn Embedder, answers: &[Answer], input: &Input) -> Result<Vector, Broken> {
    let text = &input.text;
    let answer = answers
        .iter()
        .find(|answer| answer.key == input.key)
        .ok_or_else(|| Broken(format!("no answer for {text:?}")))?;
    let components = answer.outcome.clone().map_err(|error| Broken(format!("{text:?}: {error}")))?;
    Vector::new(components, embedder.space().dimensions).map_err(|bad| Broken(format!("{text:?}: {bad}")))
}

/// Providers compute in batches, and the last digits depend on the batch.
fn same(one: &Vector, other: Option<&Vector>, text: &str) -> Result<(), Broken> {
    if other.is_some_and(|other| cosine(one, other) > 0.999) {
        return Ok(());
    }
    Err(Broken(format!("the vector of {text:?} depends on its neighbours")))
}

fn cosine(one: &Vector, other: &Vector) -> f32 {
    one.components().iter().zip(other.components()).map(|(a, b)| a * b).sum()
}
