//! `b24 config show`: what is set, secrets masked.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Answer, table};
use crate::settings::{Access, Limits, Report, Settings};

#[derive(Serialize)]
struct Shown<'a> {
    config: String,
    in_use: Option<InUse>,
    profiles: BTreeMap<&'a str, ShownProfile>,
    limits: &'a Limits,
    report: &'a Report,
}

/// The portal that a command would talk to now.
#[derive(Serialize)]
struct InUse {
    webhook: String,
    access: Access,
}

#[derive(Serialize)]
struct ShownProfile {
    webhook: String,
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
        .map(|portal| InUse { webhook: portal.webhook.to_string(), access: portal.access });
    let shown = Shown {
        config: settings.places.config.display().to_string(),
        in_use,
        profiles,
        limits: &settings.file.limits,
        report: &settings.file.report,
    };
    Answer::new(text(&shown), &shown)
}

fn shown(settings: &Settings, name: &str) -> ShownProfile {
    match settings.of_profile(name) {
        Ok(portal) => ShownProfile {
            webhook: portal.webhook.to_string(),
            access: Some(portal.access),
            ca_file: portal.ca_file.map(|path| path.display().to_string()),
            problem: None,
        },
        Err(failure) => ShownProfile {
            webhook: String::new(),
            access: None,
            ca_file: None,
            problem: Some(failure.cause().unwrap_or(failure.attempted()).to_owned()),
        },
    }
}

fn text(shown: &Shown<'_>) -> String {
    let mut text = format!("config: {}\n", shown.config);
    text += &match &shown.in_use {
        Some(portal) => format!("in use: {}, access {}\n", portal.webhook, portal.access),
        None => "in use: no portal\n".to_owned(),
    };
    let pace = shown.limits.pace();
    text += &format!("limits: {} requests per second, {} at once\n", pace.leak_per_second, pace.burst);
    if !shown.profiles.is_empty() {
        let rows = shown.profiles.iter().map(|(name, profile)| {
            let access = profile.access.map(|access| access.to_string()).unwrap_or_default();
            let webhook = profile.problem.clone().unwrap_or_else(|| profile.webhook.clone());
            [(*name).to_owned(), access, webhook, profile.ca_file.clone().unwrap_or_default()]
        });
        text.push('\n');
        text += &table(["PROFILE", "ACCESS", "WEBHOOK", "CA FILE"], rows);
    }
    text
}
