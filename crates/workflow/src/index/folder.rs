//! Which files a path means, and what stands in them.

use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use embed_queue::Document;
use embed_queue::format::{self, Format, Unreadable};
use embed_queue::split::{self, Encoding, Undecodable};
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;
use jiff::Timestamp;

use super::window::{Closed, Sink};
use super::{IndexError, Order, STDIN, Skipped, feed, records, whole};

/// Whether a path is a pattern rather than the name of something.
#[must_use]
pub fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{']) && !path.exists()
}

/// A path of the order, understood.
#[derive(Debug, Clone)]
pub(super) enum Place {
    StandardInput,
    File(PathBuf),
    /// A folder, and what below it is meant.
    Folder(PathBuf, Option<GlobSet>),
    /// It is not there; its documents may be removed.
    Missing(PathBuf),
}

impl Place {
    /// For messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::StandardInput => STDIN.to_owned(),
            Self::File(path) | Self::Folder(path, _) | Self::Missing(path) => {
                path.to_string_lossy().into_owned()
            }
        }
    }
}

/// Understands the paths; nothing is read yet.
pub(super) fn places(order: &Order) -> Result<Vec<Place>, IndexError> {
    order.paths.iter().map(|path| place(order, path)).collect()
}

fn place(order: &Order, path: &Path) -> Result<Place, IndexError> {
    if path == Path::new("-") {
        return Ok(Place::StandardInput);
    }
    let failed = |source| IndexError::Path { path: path.to_owned(), source };
    if is_pattern(path) {
        let (folder, pattern) = parted(path);
        let set =
            GlobSet::builder().add(glob(&pattern)?).build().map_err(|error| of_pattern(&pattern, error))?;
        let folder = whole(&folder).map_err(failed)?;
        return match fs::metadata(&folder) {
            Ok(metadata) if metadata.is_dir() => Ok(Place::Folder(folder, Some(set))),
            Ok(_) if !order.prune => Err(failed(io::ErrorKind::NotADirectory.into())),
            Err(source) if !order.prune => Err(failed(source)),
            _ => Ok(Place::Missing(folder)),
        };
    }
    let whole = whole(path).map_err(failed)?;
    match fs::metadata(&whole) {
        Ok(metadata) if metadata.is_dir() => Ok(Place::Folder(whole, None)),
        Ok(_) => Ok(Place::File(whole)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && order.prune => Ok(Place::Missing(whole)),
        Err(source) => Err(failed(source)),
    }
}

/// The folder that a pattern starts at, and the rest.
fn parted(path: &Path) -> (PathBuf, String) {
    let mut parts = path.components().peekable();
    let mut folder = PathBuf::new();
    while let Some(part) =
        parts.next_if(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
    {
        folder.push(part);
    }
    let rest: Vec<String> = parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    (if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder }, rest.join("/"))
}

fn glob(pattern: &str) -> Result<Glob, IndexError> {
    GlobBuilder::new(pattern).literal_separator(true).build().map_err(|error| of_pattern(pattern, error))
}

fn of_pattern(pattern: &str, source: globset::Error) -> IndexError {
    IndexError::Pattern { pattern: pattern.to_owned(), source: Box::new(source) }
}

/// The patterns of `globs`; a pattern without a folder fits names anywhere.
pub(super) fn wanted(globs: &[String]) -> Result<Option<GlobSet>, IndexError> {
    if globs.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in globs {
        let anywhere = if pattern.contains('/') { pattern.clone() } else { format!("**/{pattern}") };
        set.add(glob(&anywhere)?);
    }
    set.build().map(Some).map_err(|error| of_pattern(&globs.join(", "), error))
}

/// Every file of a place, and every link, which is told and not followed; what cannot be entered comes as an error.
pub(super) fn files(
    place: &Place,
    ignore_files: bool,
    wanted: Option<&GlobSet>,
) -> Box<dyn Iterator<Item = Result<PathBuf, ignore::Error>>> {
    let (folder, only) = match place {
        Place::File(path) => return Box::new(std::iter::once(Ok(path.clone()))),
        Place::Folder(folder, only) => (folder.clone(), only.clone()),
        Place::StandardInput | Place::Missing(_) => return Box::new(std::iter::empty()),
    };
    let wanted = wanted.cloned();
    let fits = move |path: &Path| {
        let below = path.strip_prefix(&folder).unwrap_or(path);
        only.as_ref().is_none_or(|only| only.is_match(below))
            && wanted.as_ref().is_none_or(|set| set.is_match(below))
    };
    let Place::Folder(folder, _) = place else { return Box::new(std::iter::empty()) };
    let walk = WalkBuilder::new(folder)
        .standard_filters(ignore_files)
        .require_git(false)
        .sort_by_file_name(Ord::cmp)
        .build();
    Box::new(walk.filter_map(move |entry| match entry {
        Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file() || kind.is_symlink()) => {
            fits(entry.path()).then(|| Ok(entry.into_path()))
        }
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    }))
}

/// Reads one file into documents, or says why not.
pub(super) fn read(path: &Path, order: &Order, sink: &mut Sink) -> Result<(), Closed> {
    let Some(source) = path.to_str() else {
        return sink.skip(Skipped::new(path.to_string_lossy(), "name", "the path is no UTF-8"));
    };
    if path.is_symlink() {
        let detail = "it is a link; what it leads to is read where it is, or when it is given itself";
        return sink.skip(Skipped::new(source, "symlink", detail));
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or(source);
    let unreadable = |error: io::Error| Skipped::new(source, "unreadable", error.to_string());
    let (file, metadata) = match File::open(path).and_then(|file| file.metadata().map(|of| (file, of))) {
        Ok(opened) => opened,
        Err(error) => return sink.skip(unreadable(error)),
    };
    if is_records(name) {
        return records::read(BufReader::new(file), source, order, sink);
    }
    let mut bytes = Vec::new();
    if let Err(error) = file.take(order.max_bytes.saturating_add(1)).read_to_end(&mut bytes) {
        return sink.skip(unreadable(error));
    }
    if bytes.len() as u64 > order.max_bytes {
        let detail = format!("{} bytes, at most {} are read", metadata.len(), order.max_bytes);
        return sink.skip(Skipped::new(source, "too-large", detail));
    }
    if is_feed(name)
        && let Ok(decoded) = split::decode(&bytes)
        && let Ok(Some(entries)) = format::feed(&decoded.text)
    {
        return feed::entries(entries, source, order, sink);
    }
    let parsed = match format::read(Format::of_name(name), &bytes, order.sizes) {
        Ok(parsed) => parsed,
        Err(reason) => {
            let skipped = Skipped::new(source, reason.reason(), reason.to_string());
            // What is there now is certainly no text; of what cannot be understood nothing is known.
            return match reason {
                Unreadable::Text(Undecodable::Binary) | Unreadable::NoTextLayer { .. } | Unreadable::Rtf => {
                    sink.without_text(skipped)
                }
                _ => sink.skip(skipped),
            };
        }
    };
    drop(bytes);
    if let Some(encoding) = parsed.encoding.filter(|encoding| *encoding != Encoding::Utf8) {
        sink.encoded(encoding.to_string());
    }
    let title = parsed.title.as_deref().unwrap_or(name);
    let document = Document::new(&order.collection, source).titled(title).pieces(parsed.pieces);
    if document.pieces.is_empty() {
        return sink.without_text(Skipped::new(source, "empty", "it has no text"));
    }
    sink.document(match changed(&metadata) {
        Some(date) => document.with("date", date),
        None => document,
    })
}

/// Any XML may be a feed; what is none is read as text.
fn is_feed(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    matches!(ending.as_deref(), Some("xml" | "rss" | "atom" | "rdf"))
}

fn is_records(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    matches!(ending.as_deref(), Some("jsonl" | "ndjson"))
}

/// When the file was changed, in whole seconds.
fn changed(metadata: &Metadata) -> Option<String> {
    let at = Timestamp::try_from(metadata.modified().ok()?).ok()?;
    Timestamp::from_second(at.as_second()).ok().map(|at| at.to_string())
}
