//! Documents whose files are gone, or have no text any more, leave the queue.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use embed_queue::Store;

use super::folder::Place;
use super::{FILE, IndexError, Skipped, whole};

const AT_ONCE: u32 = 1000;

/// What became of the documents of files that are not there.
#[derive(Debug, Default)]
pub(super) struct Pruned {
    pub(super) gone: u64,
    /// Places that cannot be looked at.
    pub(super) doubted: Vec<Skipped>,
}

/// Removes the documents of files below the places that certainly exist no more. A file or folder that cannot be looked
/// at is not gone.
pub(super) fn prune(store: &Store, collection: &str, places: &[Place]) -> Result<Pruned, IndexError> {
    let mut pruned = Pruned::default();
    let mut known = Vec::new();
    for place in places {
        match place {
            Place::StandardInput => {}
            Place::Missing(path) if is_doubtful(path) => {
                let detail = "it is not there, and nothing else is: perhaps its disk is missing; what was below it is kept";
                pruned.doubted.push(Skipped::new(path.to_string_lossy(), "unreadable", detail));
                // A file that was named itself is told apart from a folder by being a document.
                if let Some(source) = path.to_str()
                    && is_gone(path)
                    && store.delete(collection, source)?
                {
                    pruned.gone += 1;
                    pruned.doubted.pop();
                }
            }
            Place::File(path) | Place::Folder(path, _) | Place::Missing(path) => known.push(path.as_path()),
        }
    }
    let (mut last, mut spellings) = (0, Spellings::default());
    loop {
        let some = store.sources_with(collection, FILE, last, AT_ONCE)?;
        let Some((end, ..)) = some.last() else { return Ok(pruned) };
        last = *end;
        for (_, source, file) in some {
            // The file that a record or an entry stood in; otherwise the document is the file.
            let stored = Path::new(file.as_ref().unwrap_or(&source));
            let Some(file) = spellings.real(stored) else { continue };
            if !known.iter().any(|place| file.starts_with(place)) {
                continue;
            }
            // An earlier version stored a file under every spelling of its path.
            let twin = || match file.to_str() {
                Some(real) if stored != file && stored == Path::new(&source) => store.holds(collection, real),
                _ => Ok(false),
            };
            if is_gone(&file) || twin()? {
                pruned.gone += u64::from(store.delete(collection, &source)?);
            }
        }
    }
}

/// Folders as they are written, and as they are.
#[derive(Debug, Default)]
struct Spellings(HashMap<PathBuf, PathBuf>);

impl Spellings {
    /// The one spelling of a file's path; none of what is no path in full.
    fn real(&mut self, file: &Path) -> Option<PathBuf> {
        let (folder, name) = (file.parent()?, file.file_name()?);
        if !file.is_absolute() {
            return None;
        }
        if let Some(real) = self.0.get(folder) {
            return Some(real.join(name));
        }
        let real = whole(folder).ok()?;
        self.0.insert(folder.to_owned(), real.clone());
        Some(real.join(name))
    }
}

/// Removes documents whose files were read and have no text any more.
pub(super) fn without_text(store: &Store, collection: &str, sources: &[String]) -> Result<u64, IndexError> {
    let mut gone = 0;
    for source in sources {
        if store.holds(collection, source)? && store.delete(collection, source)? {
            gone += 1;
        }
    }
    Ok(gone)
}

fn is_gone(path: &Path) -> bool {
    path.try_exists().is_ok_and(|exists| !exists)
}

/// Whether the folder that should have it has nothing at all, as the place has of a disk that is not mounted.
fn is_doubtful(path: &Path) -> bool {
    let above = path.ancestors().skip(1).find(|above| !is_gone(above));
    above.is_none_or(|above| above.read_dir().map_or(true, |mut entries| entries.next().is_none()))
}
