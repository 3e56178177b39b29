//! Texts and vectors that are the same in every run.

use std::sync::Arc;

use async_trait::async_trait;
use embed_queue::{Answer, Capabilities, EmbedError, Embedder, Input, Purpose, Reply, Space, Usage};

use crate::DIMENSIONS;

/// Numbers that look like chance.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    /// Splitmix64.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let number = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    /// About normal: the sum of eight bytes.
    fn normal(&mut self) -> f32 {
        let sum: u16 = self.next().to_le_bytes().into_iter().map(u16::from).sum();
        (f32::from(sum) - 1_020.0) / 209.0
    }

    fn unit(&mut self) -> Vec<f32> {
        let vector: Vec<f32> = (0..DIMENSIONS).map(|_| self.normal()).collect();
        let length = vector.iter().map(|one| one * one).sum::<f32>().sqrt();
        vector.into_iter().map(|one| one / length).collect()
    }
}

/// How vectors lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Around a thousand points, and all a little to one side, as those of models do.
    Clustered,
    /// Anywhere: the hardest case.
    Uniform,
}

impl Shape {
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "clustered" => Ok(Self::Clustered),
            "uniform" => Ok(Self::Uniform),
            other => Err(format!("unknown shape {other}")),
        }
    }

    /// The vector of a number.
    pub(crate) fn vector(self, number: u64) -> Vec<f32> {
        let own = Chance::new(number).unit();
        if self == Self::Uniform {
            return own;
        }
        let (side, middle) =
            (Chance::new(u64::MAX).unit(), Chance::new(u64::MAX - 1 - number % 1_000).unit());
        let mixed: Vec<f32> = own
            .iter()
            .zip(&middle)
            .zip(&side)
            .map(|((own, middle), side)| 0.8 * own + middle + 0.8 * side)
            .collect();
        let length = mixed.iter().map(|one| one * one).sum::<f32>().sqrt();
        mixed.into_iter().map(|one| one / length).collect()
    }
}

/// A provider that needs no time to speak of: the vector of the number that a text begins with.
pub(crate) struct Numbered(pub(crate) Shape);

impl Numbered {
    pub(crate) fn shared(shape: Shape) -> Arc<dyn Embedder> {
        Arc::new(Self(shape))
    }
}

#[async_trait]
impl Embedder for Numbered {
    fn space(&self) -> Space {
        Space {
            provider: "bench".to_owned(),
            model: format!("{:?}", self.0),
            dimensions: DIMENSIONS,
            prefixes: String::new(),
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { max_items: 1_024, max_tokens: usize::MAX, max_item_tokens: usize::MAX, lexical: false }
    }

    async fn embed(&self, _: Purpose, inputs: &[Input]) -> Result<Reply, EmbedError> {
        let answer = |input: &Input| {
            let digits = input.text.split(' ').next().unwrap_or_default();
            let number = digits.parse().unwrap_or_else(|_| u64::from(input.key.as_bytes()[0]));
            Answer { key: input.key, outcome: Ok(self.0.vector(number)) }
        };
        Ok(Reply { answers: inputs.iter().map(answer).collect(), usage: Usage::default() })
    }
}

const SYLLABLES: [&str; 24] = [
    "ка", "ро", "ли", "не", "то", "ва", "ши", "пе", "до", "мя", "зу", "ры", "ста", "кле", "про", "лю", "ber",
    "ta", "lin", "qua", "so", "der", "mi", "ting",
];

/// Words of a made-up language of two alphabets; a few are in most texts, most in few.
pub(crate) fn text(seed: u64, words: usize) -> String {
    let mut chance = Chance::new(seed);
    let mut text = String::new();
    for place in 0..words {
        let (one, other) = (chance.next() % 20_000, chance.next() % 20_000);
        // The product of two even chances leans to the small ones.
        word(&mut text, one * other / 20_000);
        text.push_str(match place % 12 {
            11 => ".\n",
            5 => ", ",
            _ => " ",
        });
    }
    text
}

fn word(text: &mut String, number: u64) {
    // One alphabet a word.
    let (from, count) = if number.is_multiple_of(3) { (16, 8) } else { (0, 16) };
    let mut rest = number / 3 + 1;
    while rest > 0 {
        let place = usize::try_from(rest % count).unwrap_or_default();
        text.push_str(SYLLABLES[from + place]);
        rest /= count;
    }
}
