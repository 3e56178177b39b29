//! A part of the queue, as it was typed.

use embed_queue::{Scope, Store};

use crate::args::PartArgs;
use crate::code::Code;
use crate::failure::Failure;
use crate::memory::of_queue;

/// Documents that are told when a name means several.
const TOLD: u32 = 5;

/// The scope that is meant.
///
/// # Errors
/// No document is called so, or several are.
pub(super) fn scope(store: &Store, part: &PartArgs) -> Result<Scope, Failure> {
    let Some(source) = &part.source else {
        return Ok(Scope { collection: part.collection.clone(), source: None });
    };
    let named = document(store, source)?;
    match &part.collection {
        Some(collection) if named.collection.as_ref() != Some(collection) => Err(none(source)),
        _ => Ok(named),
    }
}

/// The document that is called so.
///
/// # Errors
/// None is, or several are.
pub(super) fn document(store: &Store, name: &str) -> Result<Scope, Failure> {
    // A path is stored in full.
    let whole = std::path::absolute(name).ok().and_then(|path| path.to_str().map(str::to_owned));
    let whole = whole.map(|path| store.named(&path, TOLD)).transpose().map_err(|error| of_queue(&error))?;
    let exact = whole.into_iter().flatten().next();
    if let Some(exact) = exact {
        return Ok(exact);
    }
    let mut found = store.named(name, TOLD).map_err(|error| of_queue(&error))?;
    let exact = found.iter().filter(|scope| scope.source.as_deref() == Some(name)).count();
    match found.len() {
        0 => Err(none(name)),
        _ if exact == 1 || found.len() == 1 => Ok(found.swap_remove(0)),
        _ => {
            let sources = found.iter().filter_map(|scope| scope.source.clone()).collect::<Vec<_>>();
            Err(Failure::new(Code::Usage, format!("finding the document `{name}`"))
                .because("several documents are called so")
                .advise(format!("write more of its source: {}", sources.join(", "))))
        }
    }
}

fn none(name: &str) -> Failure {
    Failure::new(Code::Usage, format!("finding the document `{name}`"))
        .because("no document of the queue is called so")
        .advise("write its path, name or title; `b24 search` finds it by its words")
}

/// The scope in words.
pub(super) fn words(scope: &Scope) -> String {
    match (&scope.collection, &scope.source) {
        (_, Some(source)) => format!("the document {source}"),
        (Some(collection), None) => format!("the collection {collection}"),
        (None, None) => "everything".to_owned(),
    }
}
