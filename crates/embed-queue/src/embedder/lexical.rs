//! The built-in embedder: no model, no network, the same vectors on every machine.

use async_trait::async_trait;

use super::{Answer, Capabilities, EmbedError, Embedder, Input, Purpose, Reply, Space, Usage};

const DIMENSIONS: usize = 512;
/// Words say more than parts of words.
const WORD: f32 = 2.0;
const PART: f32 = 1.0;

/// Hashed words and character n-grams. It is *lexical*: texts are near when they share words or parts of words, not when
/// they mean the same; its [`Capabilities::lexical`] says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lexical;

#[async_trait]
impl Embedder for Lexical {
    fn space(&self) -> Space {
        Space {
            provider: "builtin".to_owned(),
            model: "lexical-1".to_owned(),
            dimensions: DIMENSIONS,
            prefixes: String::new(),
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { max_items: 1024, max_tokens: usize::MAX, max_item_tokens: usize::MAX, lexical: true }
    }

    async fn embed(&self, _: Purpose, inputs: &[Input]) -> Result<Reply, EmbedError> {
        let answer = |input: &Input| Answer { key: input.key, outcome: Ok(components(&input.text)) };
        Ok(Reply { answers: inputs.iter().map(answer).collect(), usage: Usage::default() })
    }
}

fn components(text: &str) -> Vec<f32> {
    let mut components = vec![0.0; DIMENSIONS];
    // The last component is no feature's: a text of punctuation has a direction too.
    components[DIMENSIONS - 1] = 0.01;
    let folded = text.to_lowercase().replace('ё', "е");
    for word in folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        add(&mut components, 0, word.as_bytes(), WORD);
        let bordered: Vec<char> =
            std::iter::once('<').chain(word.chars()).chain(std::iter::once('>')).collect();
        for length in 3..=4 {
            for part in bordered.windows(length) {
                let part: String = part.iter().collect();
                add(&mut components, 1, part.as_bytes(), PART);
            }
        }
    }
    components
}

/// The hash chooses place and sign, so that collisions cancel out on average.
fn add(components: &mut [f32], kind: u8, feature: &[u8], weight: f32) {
    let hash = fnv(kind, feature);
    let place = usize::try_from(hash >> 1).unwrap_or(0) % (DIMENSIONS - 1);
    components[place] += if hash & 1 == 0 { weight } else { -weight };
}

/// FNV-1a over 32 bits, folded once more: part of the space's identity, so it is written down here.
fn fnv(kind: u8, bytes: &[u8]) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = bytes.iter().fold(step(0x811c_9dc5, kind), |hash, &byte| step(hash, byte));
    (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d) ^ (hash >> 13)
}
