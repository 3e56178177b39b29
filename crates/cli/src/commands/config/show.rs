//! `b24 config show`: what is set, secrets masked.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Answer, table};
use crate::settings::{Access, Entrance, Limits, Report, Settings, Told};

#[derive(Serialize)]
struct Shown<'a> {
    config: String,
    in_use: Option<InUse>,
    profiles: BTreeMap<&'a str, ShownProfile>,
    limits: &'a Limits,
    report: &'a Report,
    index: BTreeMap<String, Value>,
    embedders: BTreeMap<&'a str, ShownEmbedder>,
    #[serde(skip)]
    tables: String,
}

/// A setting with where it comes from.
#[derive(Serialize)]
struct Value {
    value: String,
    from: String,
}

#[derive(Serialize)]
struct ShownEmbedder {
    #[serde(flatten)]
    settings: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// The portal that a command would talk to now.
#[derive(Serialize)]
struct InUse {
    #[serde(flatten)]
    entrance: ShownEntrance,
    access: Access,
}

/// A webhook without its secret, or an application without its.
#[derive(Serialize, Default)]
struct ShownEntrance {
    webhook: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<ShownApplication>,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct ShownApplication {
    portal: String,
    client_id: String,
    logged_in: bool,
}

impl ShownEntrance {
    fn new(entrance: &Entrance) -> Self {
        let text = entrance.to_string();
        match entrance {
            Entrance::Webhook(_) => Self { webhook: text.clone(), application: None, text },
            Entrance::Application(installed) => {
                let application = ShownApplication {
                    portal: installed.application.portal().to_string(),
                    client_id: installed.application.client_id().to_owned(),
                    logged_in: installed.tokens.exists(),
                };
                Self { webhook: String::new(), application: Some(application), text }
            }
        }
    }
}

#[derive(Serialize)]
struct ShownProfile {
    #[serde(flatten)]
    entrance: ShownEntrance,
    access: Option<Access>,
    ca_file: Option<String>,
    problem: Option<String>,
}

/// Shows the settings; a profile with a problem is shown with it.
pub(super) fn run(context: &Context) -> Result<Answer, Failure> {
    let settings = context.settings()?;
    let profiles: BTreeMap<&str, ShownProfile> =
        settings.file.profiles.keys().map(|name| (name.as_str(), shown(&settings, name))).collect();
    let in_use = settings
        .portal()
        .ok()
        .map(|portal| InUse { entrance: ShownEntrance::new(&portal.entrance), access: portal.access });
    let index = settings.file.index.told();
    let told = settings.told_embedders();
    let shown = Shown {
        tables: tables(&index, &told),
        index: values(index),
        embedders: told.into_iter().map(|(name, told)| (name, embedder(told))).collect(),
        config: settings.places.config.display().to_string(),
        in_use,
        profiles,
        limits: &settings.file.limits,
        report: &settings.file.report,
    };
    Answer::new(text(&shown), &shown)
}

fn values(told: Vec<Told>) -> BTreeMap<String, Value> {
    told.into_iter().map(|told| (told.key, Value { value: told.value, from: told.from })).collect()
}

fn embedder(told: Result<Vec<Told>, Failure>) -> ShownEmbedder {
    match told {
        Ok(told) => ShownEmbedder { settings: values(told), problem: None },
        Err(failure) => ShownEmbedder { settings: BTreeMap::new(), problem: Some(cause(&failure)) },
    }
}

fn cause(failure: &Failure) -> String {
    failure.cause().unwrap_or(failure.attempted()).to_owned()
}

/// The queue's settings, one table of the config file after the other.
fn tables(index: &[Told], embedders: &[(&str, Result<Vec<Told>, Failure>)]) -> String {
    let row = |told: &Told| [told.key.clone(), told.value.clone(), told.from.clone()];
    let index = table(["INDEX", "VALUE", "FROM"], index.iter().map(row));
    let embedders = embedders.iter().map(|(name, told)| {
        let heading = format!("EMBEDDER {name}");
        let rows = match told {
            Ok(told) => told.iter().map(row).collect(),
            Err(failure) => vec![["problem".to_owned(), cause(failure), String::new()]],
        };
        format!("\n{}", table([&heading, "VALUE", "FROM"], rows))
    });
    std::iter::once(index).chain(embedders).collect()
}

fn shown(settings: &Settings, name: &str) -> ShownProfile {
    match settings.of_profile(name) {
        Ok(portal) => ShownProfile {
            entrance: ShownEntrance::new(&portal.entrance),
            access: Some(portal.access),
            ca_file: portal.ca_file.map(|path| path.display().to_string()),
            problem: None,
        },
        Err(failure) => ShownProfile {
            entrance: ShownEntrance::default(),
            access: None,
            ca_file: None,
            problem: Some(cause(&failure)),
        },
    }
}

fn text(shown: &Shown<'_>) -> String {
    let in_use = shown.in_use.as_ref().map_or_else(
        || "no portal".to_owned(),
        |portal| format!("{}, access {}", portal.entrance.text, portal.access),
    );
    let pace = shown.limits.pace();
    let limits = format!("{} requests per second, {} at once", pace.leak_per_second, pace.burst);
    let rows = shown.profiles.iter().map(|(name, profile)| {
        let access = profile.access.map(|access| access.to_string()).unwrap_or_default();
        let entrance = profile.problem.clone().unwrap_or_else(|| profile.entrance.text.clone());
        [(*name).to_owned(), access, entrance, profile.ca_file.clone().unwrap_or_default()]
    });
    let profiles = if shown.profiles.is_empty() {
        String::new()
    } else {
        format!("\n{}", table(["PROFILE", "ACCESS", "PORTAL", "CA FILE"], rows))
    };
    let Shown { config, tables, .. } = shown;
    format!("config: {config}\nin use: {in_use}\nlimits: {limits}\n{profiles}\n{tables}")
}
