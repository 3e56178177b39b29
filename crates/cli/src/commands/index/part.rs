//! A part of the queue, as it was typed.

use std::path::Path;

use embed_queue::{Scope, Store};
use workflow::index::{CRM, whole};

use crate::args::PartArgs;
use crate::code::Code;
use crate::failure::Failure;

/// `--in crm` means every collection of the portal.
const PORTAL: &str = "crm";

/// Documents that are told when a name means several.
const TOLD: u32 = 5;

/// The parts that are meant: everything, collections, or one document.
///
/// # Errors
/// There is no such collection, no document is called so, or several are.
pub(super) fn scopes(store: &Store, part: &PartArgs) -> Result<Vec<Scope>, Failure> {
    if let Some(source) = &part.source {
        return document(store, source, part.collection.as_ref()).map(|document| vec![document]);
    }
    let Some(name) = &part.collection else { return Ok(vec![Scope::default()]) };
    let names = collections(store, std::slice::from_ref(name))?;
    Ok(names.iter().map(|name| Scope::collection(name)).collect())
}

/// The collections of these names; none if `crm` is named and there is nothing of the portal.
///
/// # Errors
/// There is no such collection.
pub(in crate::commands) fn collections(store: &Store, names: &[String]) -> Result<Vec<String>, Failure> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let known = store.collections()?;
    let mut meant = Vec::new();
    for name in names {
        if name == PORTAL {
            meant.extend(known.iter().filter(|each| each.starts_with(CRM)).cloned());
        } else if known.contains(name) {
            meant.push(name.clone());
        } else {
            return Err(Failure::new(Code::Usage, format!("looking into `{name}`"))
                .because("there is no such collection")
                .advise(format!("collections are: {}", known.join(", "))));
        }
    }
    Ok(meant)
}

/// The document that is called so, in a collection or anywhere.
///
/// # Errors
/// There is no such collection, no document is called so, or several are.
pub(super) fn document(store: &Store, name: &str, within: Option<&String>) -> Result<Scope, Failure> {
    let collections = collections(store, within.map(std::slice::from_ref).unwrap_or_default())?;
    if within.is_some() && collections.is_empty() {
        return Err(none(name));
    }
    // A path is stored in full.
    let whole = whole(Path::new(name)).ok().and_then(|path| path.to_str().map(str::to_owned));
    let mut found = Vec::new();
    for name in whole.iter().map(String::as_str).chain([name]) {
        found = store.named(name, &collections, TOLD)?;
        if found.iter().any(|scope| scope.source.as_deref() == Some(name)) {
            found.retain(|scope| scope.source.as_deref() == Some(name));
            break;
        }
    }
    match found.len() {
        0 => Err(none(name)),
        1 => Ok(found.swap_remove(0)),
        _ => Err(Failure::new(Code::Usage, format!("finding the document `{name}`"))
            .because("several documents are called so")
            .advise(format!("write more of its source, or its collection with --in: {}", listed(&found)))),
    }
}

fn listed(found: &[Scope]) -> String {
    let name = |scope: &Scope| {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{} in {}", part(&scope.source), part(&scope.collection))
    };
    found.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn none(name: &str) -> Failure {
    Failure::new(Code::Usage, format!("finding the document `{name}`"))
        .because("no document of the queue is called so")
        .advise("write its path, file name or title; `b24 search` finds it by its words")
}

/// The parts in words.
pub(super) fn words(scopes: &[Scope], collection: Option<&String>) -> String {
    match (scopes, collection) {
        ([Scope { source: Some(source), collection: Some(collection) }], _) => {
            format!("the document {source} in {collection}")
        }
        (_, Some(name)) if name == PORTAL => "everything from the portal".to_owned(),
        (_, Some(name)) => format!("the collection {name}"),
        (_, None) => "everything".to_owned(),
    }
}
