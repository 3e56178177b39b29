//! Which status is which stage.

use std::collections::{BTreeMap, BTreeSet};

use super::Resolver;
use crate::sync::facts::{Funnel, Stage};
use crate::sync::finding::Level;
use crate::sync::folding::fold;
use crate::sync::mapping::error::suggestion;
use crate::sync::mapping::resolved::{StageRule, StageSource};

/// A stage's code without its funnel: `WON` of `C4:WON`.
fn bare(code: &str) -> &str {
    code.split_once(':').map_or(code, |(_, code)| code)
}

/// Whether a text of the mapping means a stage.
fn means(text: &str, stage: &Stage) -> bool {
    stage.id == text || bare(&stage.id) == text || fold(&stage.name) == fold(text)
}

impl Resolver<'_> {
    pub(super) fn stages(&mut self, funnel: &Funnel) -> (StageRule, Option<StageSource>) {
        let Some(settings) = &self.mapping.stages else { return (StageRule::default(), None) };
        let finals = self.everywhere("stages.final", funnel, &settings.finals);
        let protected = self.everywhere("stages.protected", funnel, &settings.protected);
        for stage in finals.intersection(&protected) {
            let message = format!("the stage {stage} is both final and protected");
            let hint = "final: the deal is not touched; protected: its fields are changed, not its stage";
            self.error("sync.stage-final-and-protected", "stages.protected", message, hint);
        }
        let default = settings.default.as_deref().and_then(|text| self.stage("stages.default", funnel, text));
        let mut map: BTreeMap<String, String> = BTreeMap::new();
        for (status, text) in &settings.map {
            let place = format!("stages.map.{status}");
            let Some(stage) = self.stage(&place, funnel, text) else { continue };
            if map.insert(fold(status), stage.clone()).is_some_and(|other| other != stage) {
                let message = format!("`{status}` is written twice, with two stages");
                self.error("sync.status-twice", &place, message, "keep one of them");
            }
        }
        if settings.column.is_none() && !map.is_empty() {
            let message = "[stages.map] needs the column with the status".to_owned();
            self.error("sync.stage-column-missing", "stages.map", message, "add `column` to [stages]");
        }
        if settings.column.is_some() && map.is_empty() {
            let message = "no status of the column is a stage yet".to_owned();
            self.find(
                Level::Warning,
                "sync.stage-map-empty",
                "stages.column",
                message,
                "add [stages.map]: status = stage",
            );
        }
        let source = StageSource { column: settings.column.clone(), default, map };
        (StageRule { update: settings.update, finals, protected }, Some(source))
    }

    /// A stage of the funnel.
    fn stage(&mut self, place: &str, funnel: &Funnel, text: &str) -> Option<String> {
        if let Some(stage) = funnel.stages.iter().find(|stage| stage.id == text) {
            return Some(stage.id.clone());
        }
        let found: Vec<&Stage> = funnel.stages.iter().filter(|stage| means(text, stage)).collect();
        match found.as_slice() {
            [stage] => Some(stage.id.clone()),
            [] => {
                self.unknown_stage(place, funnel, text);
                None
            }
            [first, second, ..] => {
                let message = format!("two stages are called `{text}`: {} and {}", first.id, second.id);
                self.error("sync.stage-ambiguous", place, message, "write the code instead of the name");
                None
            }
        }
    }

    /// Stages of all funnels, for people move deals from one funnel to another.
    fn everywhere(&mut self, place: &str, funnel: &Funnel, texts: &[String]) -> BTreeSet<String> {
        let facts = self.facts;
        let mut found = BTreeSet::new();
        for text in texts {
            let stages = facts.funnels.iter().flat_map(|funnel| &funnel.stages);
            let codes: Vec<String> =
                stages.filter(|stage| means(text, stage)).map(|stage| stage.id.clone()).collect();
            if codes.is_empty() {
                self.unknown_stage(place, funnel, text);
            }
            found.extend(codes);
        }
        found
    }

    fn unknown_stage(&mut self, place: &str, funnel: &Funnel, text: &str) {
        let known: Vec<String> = funnel.stages.iter().map(|stage| stage.name.clone()).collect();
        let message = format!("the funnel `{}` has no stage `{text}`", funnel.name);
        self.error("sync.stage-unknown", place, message, suggestion(text, &known));
    }
}
