//! `[embedder.X]`: a provider that turns texts into vectors.

mod told;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use embed_queue::{Embedder, HttpEmbedder, Lexical, Remote, Wire};
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::Settings;
use super::index::positive;
use super::profile::SecretText;
use crate::code::Code;
use crate::failure::Failure;

/// The built-in embedder's name in `[index] embedder`.
pub(super) const BUILTIN: &str = "builtin";
const GEMINI: &str = "https://generativelanguage.googleapis.com/v1beta";
const OPENAI: &str = "https://api.openai.com/v1";
const OLLAMA: &str = "http://127.0.0.1:11434";
const TEI: &str = "http://127.0.0.1:8080";
/// One call is given up after this time unless the settings say otherwise.
const TIMEOUT: Duration = Duration::from_mins(1);
/// What prices are in unless the settings say otherwise.
const CURRENCY: &str = "USD";
/// Components of Gemini's vectors unless the settings say otherwise.
const GEMINI_DIMENSIONS: usize = 768;

/// An `[embedder.X]` table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmbedderTable {
    kind: Kind,
    model: Option<String>,
    /// Without it the provider's own address.
    url: Option<String>,
    dimensions: Option<usize>,
    /// Whether the model is asked for that number of dimensions.
    ask_dimensions: Option<bool>,
    /// A file with the provider's key, relative to the config file.
    key_file: Option<PathBuf>,
    /// Certificates (PEM) to trust beside the system's.
    ca_file: Option<PathBuf>,
    personal_data: Option<PersonalData>,
    document_prefix: Option<String>,
    query_prefix: Option<String>,
    max_items: Option<usize>,
    max_item_tokens: Option<usize>,
    #[serde(default, deserialize_with = "positive")]
    timeout_s: Option<u32>,
    /// What a million tokens cost.
    #[serde(default, deserialize_with = "price")]
    price_per_million: Option<Decimal>,
    currency: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    OpenAi,
    Ollama,
    Tei,
    Gemini,
}

/// There is one word, and its absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PersonalData {
    Allowed,
}

/// An embedder of the settings.
#[derive(Clone)]
pub(crate) struct Chosen {
    /// What embeds.
    pub(crate) embedder: Arc<dyn Embedder>,
    /// Where texts go, when they leave this machine.
    pub(crate) host: Option<String>,
    /// Why texts of the portal may not go there; none if they may.
    pub(crate) personal_refused: Option<String>,
    /// What a million tokens cost, and in what.
    pub(crate) price: Option<(Decimal, String)>,
    /// One call is given up after this time.
    pub(crate) timeout: Duration,
}

impl Kind {
    fn wire(self) -> Wire {
        match self {
            Self::OpenAi => Wire::OpenAi,
            Self::Ollama => Wire::Ollama,
            Self::Tei => Wire::Tei,
            Self::Gemini => Wire::Gemini,
        }
    }

    fn url(self) -> &'static str {
        match self {
            Self::OpenAi => OPENAI,
            Self::Ollama => OLLAMA,
            Self::Tei => TEI,
            Self::Gemini => GEMINI,
        }
    }
}

impl Chosen {
    /// The built-in embedder, which is always there.
    pub(crate) fn builtin() -> Self {
        let embedder = Arc::new(Lexical);
        Self { embedder, host: None, personal_refused: None, price: None, timeout: TIMEOUT }
    }
}

impl Settings {
    /// The embedder that `[index] embedder` names.
    ///
    /// # Errors
    /// There is no such table, or it is incomplete.
    pub(crate) fn embedder(&self) -> Result<Chosen, Failure> {
        match self.file.index.embedder.as_deref() {
            None | Some(BUILTIN) => Ok(Chosen::builtin()),
            Some(name) => match self.file.embedders.get(name) {
                Some(table) => self.remote(name, table),
                None => Err(Failure::new(Code::Embedder, format!("choosing the embedder `{name}`"))
                    .because(format!("{} has no [embedder.{name}]", self.places.config.display()))
                    .advise(format!("add the table, or write embedder = \"{BUILTIN}\""))),
            },
        }
    }

    /// Every embedder of the settings that is complete, and the built-in one.
    pub(crate) fn embedders(&self) -> Vec<Chosen> {
        let tables = self.file.embedders.iter().filter_map(|(name, table)| self.remote(name, table).ok());
        tables.chain([Chosen::builtin()]).collect()
    }

    fn remote(&self, name: &str, table: &EmbedderTable) -> Result<Chosen, Failure> {
        let asked = self.asked(name, table)?;
        let timeout = asked.timeout;
        let embedder = HttpEmbedder::new(asked).map_err(|error| wrong(name, error))?;
        let currency = table.currency.clone().unwrap_or_else(|| CURRENCY.to_owned());
        Ok(Chosen {
            host: (!embedder.is_loopback()).then(|| embedder.host().to_owned()),
            personal_refused: if embedder.is_loopback() { None } else { refused(name, table) },
            embedder: Arc::new(embedder),
            price: table.price_per_million.map(|price| (price, currency)),
            timeout,
        })
    }

    /// What a table means: its values, and the usual ones where it has none.
    fn asked(&self, name: &str, table: &EmbedderTable) -> Result<Remote, Failure> {
        let wire = table.kind.wire();
        let usual = match table.kind {
            Kind::Gemini => Some(("gemini-embedding-001", GEMINI_DIMENSIONS)),
            _ => None,
        };
        let model = table.model.as_deref().or(usual.map(|(model, _)| model));
        let model = model.ok_or_else(|| wrong(name, "it names no model"))?;
        let dimensions =
            table.dimensions.or(usual.map(|(_, dimensions)| dimensions)).filter(|number| *number > 0);
        let dimensions = dimensions.ok_or_else(|| wrong(name, "it names no dimensions"))?;
        let timeout = table.timeout_s.map_or(TIMEOUT, |seconds| Duration::from_secs(seconds.into()));
        let (document_prefix, query_prefix) = wire.usual_prefixes(model);
        let mut capabilities = wire.capabilities(model);
        capabilities.max_items = table.max_items.unwrap_or(capabilities.max_items).max(1);
        capabilities.max_item_tokens = table.max_item_tokens.unwrap_or(capabilities.max_item_tokens).max(16);
        Ok(Remote {
            wire,
            url: table.url.clone().unwrap_or_else(|| table.kind.url().to_owned()),
            model: model.to_owned(),
            dimensions,
            ask_dimensions: table.ask_dimensions.unwrap_or(model.starts_with("text-embedding-3")),
            key: self.key(table)?.map(|key| key.expose().to_owned().into()),
            document_prefix: table.document_prefix.clone().unwrap_or_else(|| document_prefix.to_owned()),
            query_prefix: table.query_prefix.clone().unwrap_or_else(|| query_prefix.to_owned()),
            capabilities,
            certificates: table.ca_file.as_ref().map(|file| self.bytes(file, "certificates")).transpose()?,
            timeout,
        })
    }

    fn key(&self, table: &EmbedderTable) -> Result<Option<SecretText>, Failure> {
        if let Some(file) = &table.key_file {
            let bytes = self.bytes(file, "the provider's key")?;
            return Ok(Some(SecretText::from(String::from_utf8_lossy(&bytes).into_owned())));
        }
        Ok(self.key_of_environment(table).map(|(_, key)| key.clone()))
    }

    /// A key of the environment goes to its own provider only, whatever address a table names.
    fn key_of_environment(&self, table: &EmbedderTable) -> Option<(&'static str, &SecretText)> {
        let own = table.url.as_deref().is_none_or(|url| url.trim_end_matches('/') == table.kind.url());
        let (name, key) = match table.kind {
            Kind::Gemini => ("GEMINI_API_KEY", self.environment.gemini_key()),
            Kind::OpenAi => ("OPENAI_API_KEY", self.environment.openai_key()),
            Kind::Ollama | Kind::Tei => return None,
        };
        key.filter(|_| own).map(|key| (name, key))
    }

    fn bytes(&self, file: &std::path::Path, what: &str) -> Result<Vec<u8>, Failure> {
        let path = self.beside_config(file);
        fs::read(&path)
            .map_err(|error| Failure::file(format!("reading {what} from {}", path.display()), &error))
    }
}

fn wrong(name: &str, cause: impl std::fmt::Display) -> Failure {
    Failure::new(Code::Embedder, format!("reading [embedder.{name}]"))
        .because(cause)
        .advise("correct the table; docs/memory.md lists its keys")
}

/// Why texts of the portal may not go to a host that is not this machine.
fn refused(name: &str, table: &EmbedderTable) -> Option<String> {
    match (table.personal_data, &table.url) {
        (None, _) => Some(format!("[embedder.{name}] does not say personal_data = \"allowed\"")),
        (Some(PersonalData::Allowed), None) => {
            Some(format!("[embedder.{name}] does not name its host with url"))
        }
        (Some(PersonalData::Allowed), Some(_)) => None,
    }
}

/// Money is exact: it is written as text.
fn price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.parse::<Decimal>() {
        Ok(price) if price >= Decimal::ZERO => Ok(Some(price)),
        _ => Err(D::Error::custom("must be a price in quotes, like \"0.15\"")),
    }
}
