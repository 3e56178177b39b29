//! An `[embedder.X]` as it is shown.

use embed_queue::Remote;

use super::{CURRENCY, EmbedderTable, Settings};
use crate::failure::Failure;
use crate::settings::told::Told;

/// What stands for a secret.
const MASKED: &str = "***";

impl Settings {
    /// Every `[embedder.X]` with what is in force, or with what is wrong with it.
    pub(crate) fn told_embedders(&self) -> Vec<(&str, Result<Vec<Told>, Failure>)> {
        let tables = self.file.embedders.iter();
        tables.map(|(name, table)| (name.as_str(), self.told_embedder(name, table))).collect()
    }

    fn told_embedder(&self, name: &str, table: &EmbedderTable) -> Result<Vec<Told>, Failure> {
        // What cannot be used is no setting in force.
        let chosen = self.remote(name, table)?;
        let personal_data = match (&chosen.host, &chosen.personal_refused) {
            (None, _) => "stays on this machine",
            (Some(_), None) => "allowed",
            (Some(_), Some(_)) => "not allowed",
        };
        let Remote {
            wire,
            url,
            model,
            dimensions,
            ask_dimensions,
            document_prefix,
            query_prefix,
            capabilities,
            timeout,
            ..
        } = self.asked(name, table)?;
        let mut told = vec![
            Told::new("kind", wire.name(), true),
            Told::new("model", model, table.model.is_some()),
            Told::new("url", url, table.url.is_some()),
            Told::new("dimensions", dimensions, table.dimensions.is_some()),
            Told::new("ask_dimensions", ask_dimensions, table.ask_dimensions.is_some()),
            self.told_key(table),
            Told::new("personal_data", personal_data, table.personal_data.is_some()),
            Told::new("document_prefix", document_prefix, table.document_prefix.is_some()),
            Told::new("query_prefix", query_prefix, table.query_prefix.is_some()),
            Told::new("max_items", capabilities.max_items, table.max_items.is_some()),
            Told::new("max_item_tokens", capabilities.max_item_tokens, table.max_item_tokens.is_some()),
            Told::new("timeout_s", timeout.as_secs(), table.timeout_s.is_some()),
        ];
        if let Some(price) = table.price_per_million {
            told.push(Told::new("price_per_million", price, true));
            let currency = table.currency.as_deref();
            told.push(Told::new("currency", currency.unwrap_or(CURRENCY), currency.is_some()));
        }
        if let Some(file) = &table.ca_file {
            told.push(Told::new("ca_file", self.beside_config(file).display(), true));
        }
        Ok(told)
    }

    fn told_key(&self, table: &EmbedderTable) -> Told {
        match (&table.key_file, self.key_of_environment(table)) {
            (Some(file), _) => Told::of("key", MASKED, self.beside_config(file).display().to_string()),
            (None, Some((variable, _))) => Told::of("key", MASKED, variable),
            (None, None) => Told::new("key", "none", false),
        }
    }
}
