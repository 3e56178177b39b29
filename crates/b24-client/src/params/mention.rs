//! The references in parameters: where they stand, and what they become.

use super::composed::Form;
use super::{Param, Params};
use crate::batch::Reference;

/// A reference, the path of keys that leads to it, and how it stands there.
#[derive(Debug)]
pub(crate) struct Mention<'a> {
    pub(crate) path: Vec<&'a str>,
    pub(crate) reference: &'a Reference,
    pub(crate) form: Form,
}

impl Params {
    /// Every reference in the parameters.
    pub(crate) fn references(&self) -> Vec<Mention<'_>> {
        let mut found = Vec::new();
        for (key, value) in &self.entries {
            value.collect(&mut vec![key.as_str()], &mut found);
        }
        found
    }

    /// The same parameters with every reference replaced by what `resolve` gives for it.
    pub(crate) fn resolved(&self, resolve: &dyn Fn(&Reference) -> Option<Param>) -> Self {
        let entries =
            self.entries.iter().map(|(key, value)| (key.clone(), value.resolved(resolve))).collect();
        Self { entries, positional: self.positional }
    }
}

impl Param {
    fn collect<'a>(&'a self, path: &mut Vec<&'a str>, found: &mut Vec<Mention<'a>>) {
        match self {
            Self::Reference(reference) => {
                found.push(Mention { path: path.clone(), reference, form: Form::Whole });
            }
            Self::Composed(composed) => {
                let form = composed.form();
                let mention = |reference| Mention { path: path.clone(), reference, form };
                found.extend(composed.references().map(mention));
            }
            Self::List(items) => {
                for item in items {
                    path.push("");
                    item.collect(path, found);
                    path.pop();
                }
            }
            Self::Map(inner) => {
                for (key, value) in &inner.entries {
                    path.push(key);
                    value.collect(path, found);
                    path.pop();
                }
            }
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => {}
        }
    }

    fn resolved(&self, resolve: &dyn Fn(&Reference) -> Option<Self>) -> Self {
        match self {
            Self::Reference(reference) => resolve(reference).unwrap_or_else(|| self.clone()),
            Self::Composed(composed) => composed.resolved(resolve).map_or_else(|| self.clone(), Self::Text),
            Self::List(items) => Self::List(items.iter().map(|item| item.resolved(resolve)).collect()),
            Self::Map(inner) => Self::Map(inner.resolved(resolve)),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => self.clone(),
        }
    }
}
