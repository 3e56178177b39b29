//! Values that people know by text and the portal by number or code: enumerations, directories, users.

use std::collections::BTreeMap;

use super::error::closest;
use crate::sync::facts::{FieldFact, PortalFacts};
use crate::sync::folding::fold;

/// Text → canonical value.
#[derive(Debug, Clone, Default)]
pub(super) struct Choices {
    by_text: BTreeMap<String, Vec<String>>,
    shown: BTreeMap<String, String>,
}

/// A text that names no value, or more than one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChoiceProblem {
    /// None; with a text that is close.
    Unknown(Option<String>),
    /// Several, by their canonical values.
    Several(Vec<String>),
}

impl Choices {
    /// The values of a field, when it has a list of them.
    pub(super) fn of(field: &FieldFact, facts: &PortalFacts) -> Option<Self> {
        match field.kind.as_str() {
            "enumeration" => {
                let pair = |choice: &crate::sync::facts::Choice| (choice.id.to_string(), choice.text.clone());
                Some(Self::new(field.choices.iter().map(pair)))
            }
            "crm_status" => {
                let values = facts.directories.get(field.directory.as_ref()?)?;
                Some(Self::new(values.iter().map(|value| (value.id.clone(), value.name.clone()))))
            }
            "user" | "employee" => {
                let users = facts.users.iter().flatten();
                let mut choices = Self::new(users.map(|user| (user.id.to_string(), user.name.clone())));
                choices.add_reversed_names();
                Some(choices)
            }
            _ => None,
        }
    }

    fn new(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut choices = Self::default();
        for (value, text) in pairs {
            choices.by_text.entry(fold(&text)).or_default().push(value.clone());
            choices.shown.insert(value, text);
        }
        choices
    }

    /// `Имя Фамилия` is as good as `Фамилия Имя`.
    fn add_reversed_names(&mut self) {
        for (value, name) in &self.shown {
            let Some((last, first)) = name.split_once(' ') else { continue };
            let reversed = self.by_text.entry(fold(&format!("{first} {last}"))).or_default();
            if !reversed.contains(value) {
                reversed.push(value.clone());
            }
        }
    }

    /// What users see, by canonical value.
    pub(super) fn shown(&self) -> &BTreeMap<String, String> {
        &self.shown
    }

    /// The canonical value of a text, a number or a code.
    pub(super) fn find(&self, text: &str) -> Result<&str, ChoiceProblem> {
        let text = text.trim();
        match self.by_text.get(&fold(text)).map(Vec::as_slice) {
            Some([value]) => return Ok(value),
            Some(several @ [_, _, ..]) => return Err(ChoiceProblem::Several(several.to_vec())),
            Some([]) | None => {}
        }
        let code = self.shown.keys().find(|value| value.eq_ignore_ascii_case(text));
        if let Some(value) = code {
            return Ok(value);
        }
        let known: Vec<String> = self.shown.values().cloned().collect();
        Err(ChoiceProblem::Unknown(closest(text, &known).map(str::to_owned)))
    }

    /// Some of the texts there are.
    pub(super) fn examples(&self) -> String {
        let mut texts: Vec<&str> = self.shown.values().take(8).map(String::as_str).collect();
        if self.shown.len() > texts.len() {
            texts.push("…");
        }
        texts.join(", ")
    }
}
