//! What the providers are sent, and what they answer.

use std::collections::HashSet;

use reqwest::header::{AUTHORIZATION, HeaderName};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Remote;
use crate::embedder::{Answer, Capabilities, Input, Purpose};

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// `POST embeddings`, as `OpenAI` has it and many others.
    OpenAi,
    /// `POST api/embed`.
    Ollama,
    /// `POST embed`, Text Embeddings Inference.
    Tei,
    /// `POST models/…:batchEmbedContents`.
    Gemini,
}

pub(super) struct Call {
    pub(super) path: String,
    pub(super) body: Value,
}

/// What was understood of an answer.
pub(super) struct Read {
    pub(super) answers: Vec<Answer>,
    pub(super) tokens: Option<u64>,
}

impl Wire {
    /// The provider's name in a space.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
            Self::Tei => "tei",
            Self::Gemini => "gemini",
        }
    }

    /// What one call may carry, as far as the providers say.
    #[must_use]
    pub fn capabilities(self, model: &str) -> Capabilities {
        let (max_items, max_tokens, max_item_tokens) = match self {
            Self::OpenAi => (256, 250_000, 8_192),
            Self::Ollama => (64, 64_000, 2_048),
            Self::Tei => (32, 16_000, 512),
            // More than 100 are refused, and 4 MiB are.
            Self::Gemini if takes_tasks(model) => (100, 200_000, 2_048),
            Self::Gemini => (100, 400_000, 8_192),
        };
        Capabilities { max_items, max_tokens, max_item_tokens, lexical: false }
    }

    /// What newer models want before documents and queries; the older ones are told the task beside the text.
    #[must_use]
    pub fn usual_prefixes(self, model: &str) -> (&'static str, &'static str) {
        match self {
            Self::Gemini if !takes_tasks(model) => ("title: none | text: ", "task: search result | query: "),
            _ => ("", ""),
        }
    }

    pub(super) fn authorization(self, key: &str) -> (HeaderName, String) {
        match self {
            Self::Gemini => (HeaderName::from_static("x-goog-api-key"), key.to_owned()),
            Self::OpenAi | Self::Ollama | Self::Tei => (AUTHORIZATION, format!("Bearer {key}")),
        }
    }
}

/// Gemini's first models have task types; later ones ignore or refuse them.
fn takes_tasks(model: &str) -> bool {
    matches!(model, "gemini-embedding-001" | "text-embedding-004" | "embedding-001")
}

/// What is put before texts, as part of the space's identity.
pub(super) fn prefixes(settings: &Remote) -> String {
    let tasks = settings.wire == Wire::Gemini && takes_tasks(&settings.model);
    match (settings.document_prefix.as_str(), settings.query_prefix.as_str()) {
        ("", "") if tasks => "tasks".to_owned(),
        ("", "") => String::new(),
        (document, query) => json!([document, query]).to_string(),
    }
}

pub(super) fn call(settings: &Remote, purpose: Purpose, inputs: &[Input]) -> Call {
    let prefix = match purpose {
        Purpose::Document => &settings.document_prefix,
        Purpose::Query => &settings.query_prefix,
    };
    let texts: Vec<String> = inputs.iter().map(|input| format!("{prefix}{}", input.text)).collect();
    let (model, dimensions) = (&settings.model, settings.dimensions);
    let (path, mut body) = match settings.wire {
        Wire::OpenAi => {
            ("embeddings".to_owned(), json!({ "model": model, "input": texts, "encoding_format": "float" }))
        }
        Wire::Ollama => {
            ("api/embed".to_owned(), json!({ "model": model, "input": texts, "truncate": false }))
        }
        Wire::Tei => ("embed".to_owned(), json!({ "inputs": texts, "normalize": true, "truncate": false })),
        Wire::Gemini => return gemini(settings, purpose, &texts),
    };
    if settings.ask_dimensions {
        body["dimensions"] = dimensions.into();
    }
    Call { path, body }
}

/// One content per text: several parts of one content become one vector.
fn gemini(settings: &Remote, purpose: Purpose, texts: &[String]) -> Call {
    let model = &settings.model;
    let task = match purpose {
        Purpose::Document => "RETRIEVAL_DOCUMENT",
        Purpose::Query => "RETRIEVAL_QUERY",
    };
    let request = |text: &String| {
        let mut request = json!({
            "model": format!("models/{model}"),
            "content": { "parts": [{ "text": text }] },
            "outputDimensionality": settings.dimensions,
        });
        if takes_tasks(model) {
            request["taskType"] = task.into();
        }
        request
    };
    match texts {
        [only] => Call { path: format!("models/{model}:embedContent"), body: request(only) },
        _ => Call {
            path: format!("models/{model}:batchEmbedContents"),
            body: json!({ "requests": texts.iter().map(request).collect::<Vec<_>>() }),
        },
    }
}

/// A number that is none becomes NaN, which is a fault of its text only.
type Numbers = Vec<Option<f32>>;

#[derive(Deserialize)]
struct OpenAi {
    data: Vec<Indexed>,
    usage: Option<OpenAiUsage>,
}

#[derive(Deserialize)]
struct Indexed {
    index: usize,
    embedding: Numbers,
}

#[derive(Deserialize)]
struct OpenAiUsage {
    total_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Ollama {
    embeddings: Vec<Numbers>,
    prompt_eval_count: Option<u64>,
}

#[derive(Deserialize)]
struct Gemini {
    embedding: Option<Values>,
    embeddings: Option<Vec<Values>>,
    #[serde(rename = "usageMetadata")]
    usage: Option<GeminiUsage>,
}

#[derive(Deserialize)]
struct Values {
    values: Numbers,
}

#[derive(Deserialize)]
struct GeminiUsage {
    #[serde(rename = "promptTokenCount")]
    tokens: Option<u64>,
}

/// The answers by their keys.
pub(super) fn reply(wire: Wire, body: &[u8], inputs: &[Input]) -> Result<Read, String> {
    let foreign = |error: serde_json::Error| format!("its answer is not understood: {error}");
    match wire {
        Wire::OpenAi => {
            let reply: OpenAi = serde_json::from_slice(body).map_err(foreign)?;
            Ok(Read {
                answers: by_index(reply.data, inputs)?,
                tokens: reply.usage.and_then(|usage| usage.total_tokens),
            })
        }
        Wire::Ollama => {
            let reply: Ollama = serde_json::from_slice(body).map_err(foreign)?;
            Ok(Read { answers: by_position(reply.embeddings, inputs)?, tokens: reply.prompt_eval_count })
        }
        Wire::Tei => {
            let reply: Vec<Numbers> = serde_json::from_slice(body).map_err(foreign)?;
            Ok(Read { answers: by_position(reply, inputs)?, tokens: None })
        }
        Wire::Gemini => {
            let reply: Gemini = serde_json::from_slice(body).map_err(foreign)?;
            let all = reply.embeddings.into_iter().flatten().chain(reply.embedding);
            let answers = by_position(all.map(|values| values.values).collect(), inputs)?;
            Ok(Read { answers, tokens: reply.usage.and_then(|usage| usage.tokens) })
        }
    }
}

/// The order means nothing; an index twice or beyond the question makes the whole answer worthless.
fn by_index(data: Vec<Indexed>, inputs: &[Input]) -> Result<Vec<Answer>, String> {
    let mut seen = HashSet::new();
    data.into_iter()
        .map(|item| {
            let input = inputs.get(item.index);
            let input =
                input.ok_or_else(|| format!("it answered for text {} of {}", item.index, inputs.len()))?;
            if !seen.insert(item.index) {
                return Err(format!("it answered twice for text {}", item.index));
            }
            Ok(answer(input, item.embedding))
        })
        .collect()
}

/// Without an index only a full list can be believed, in the order of the texts: TEI, Ollama and Gemini document no other.
fn by_position(vectors: Vec<Numbers>, inputs: &[Input]) -> Result<Vec<Answer>, String> {
    if vectors.len() != inputs.len() {
        return Err(format!("it sent {} vectors for {} texts", vectors.len(), inputs.len()));
    }
    Ok(inputs.iter().zip(vectors).map(|(input, numbers)| answer(input, numbers)).collect())
}

fn answer(input: &Input, numbers: Numbers) -> Answer {
    let components = numbers.into_iter().map(|number| number.unwrap_or(f32::NAN)).collect();
    Answer { key: input.key, outcome: Ok(components) }
}
