//! Documents whose files are gone leave the queue.

use std::path::Path;

use embed_queue::Store;

use super::IndexError;
use super::folder::Place;

const AT_ONCE: u32 = 1000;

/// Removes the documents of files below the places that no longer exist; says how many.
pub(super) fn prune(store: &Store, collection: &str, places: &[Place]) -> Result<u64, IndexError> {
    let mut gone = 0;
    for place in places {
        let (Place::File(path) | Place::Folder(path, _) | Place::Missing(path)) = place else { continue };
        let Some(below) = path.to_str() else { continue };
        let mut last = String::new();
        // The path itself sorts before everything below it.
        if !path.exists() && store.delete(collection, below)? {
            gone += 1;
        }
        below.clone_into(&mut last);
        loop {
            let sources = store.sources(collection, &last, AT_ONCE)?;
            let Some(end) = sources.last() else { break };
            end.clone_into(&mut last);
            // What follows the path may be a neighbour: `docs-old` sorts among what is below `docs`.
            for source in sources.iter().filter(|source| Path::new(source).starts_with(path)) {
                if !Path::new(source).exists() && store.delete(collection, source)? {
                    gone += 1;
                }
            }
            if !last.starts_with(below) {
                break;
            }
        }
    }
    Ok(gone)
}
