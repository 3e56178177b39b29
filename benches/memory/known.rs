//! Known-item evaluation: a query is made from a piece of text, which is then looked for among all. What it was made from is
//! taken out of the piece before. It measures splitting, words, ranks and fusion; with the built-in embedder, which knows
//! spelling and no meaning, it says nothing of models.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use embed_queue::{Document, Lexical, Piece, Queue, Request, Search, Store, split};
use serde_json::{Map, Value, json};

use crate::corpus::Chance;
use crate::work::embed_all;
use crate::{Figures, NOW};

/// Queries of a kind.
const QUERIES: usize = 300;
/// Larger files are change logs and tables.
const LARGEST: u64 = 200_000;
const RUSSIAN: &str = include_str!("russian.txt");

/// A piece without what its query was made of.
struct Item {
    queries: Vec<String>,
    title: String,
    headings: Vec<String>,
    content: String,
}

/// Markdown of the dependencies' sources, and Russian texts made for this.
pub(crate) async fn known() -> Figures {
    let mut figures = Map::new();
    let files = markdown()?;
    let pieces: Vec<(String, Piece)> = files
        .iter()
        .flat_map(|(title, text)| {
            split::markdown(text, split::Sizes::default()).into_iter().map(|piece| (title.clone(), piece))
        })
        .collect();
    figures.insert("markdown_files".to_owned(), json!(files.len()));
    figures.insert("markdown_pieces".to_owned(), json!(pieces.len()));
    let kinds = [("heading", headings(&pieces)), ("sentence", sentences(&pieces)), ("russian", russian())];
    for (kind, items) in kinds {
        for (crumbs, with) in [("crumbs", true), ("bare", false)] {
            let folder = tempfile::tempdir()?;
            let queue = stored(folder.path(), &items, with).await?;
            for (name, search) in
                [("text", Search::Text), ("vector", Search::Vector), ("hybrid", Search::Hybrid)]
            {
                for (metric, figure) in evaluated(&queue, &items, search).await? {
                    figures.insert(format!("{kind}_{crumbs}_{name}_{metric}"), figure);
                }
            }
        }
    }
    Ok(Value::Object(figures))
}

/// Every piece as a document of its own, so that a hit is a piece.
async fn stored(folder: &Path, items: &[Item], crumbs: bool) -> Result<Queue, Box<dyn std::error::Error>> {
    let queue = Queue::new(Store::open(&folder.join("index.db"))?, Arc::new(Lexical), NOW)?;
    let documents: Vec<Document> = items
        .iter()
        .enumerate()
        .map(|(number, item)| {
            let mut piece = Piece::text(&item.content);
            let mut document = Document::new("known", &number.to_string());
            if crumbs {
                piece.headings.clone_from(&item.headings);
                document.title.clone_from(&item.title);
            }
            document.pieces([piece])
        })
        .collect();
    for batch in documents.chunks(500) {
        queue.store().put_all(batch, NOW)?;
    }
    embed_all(&queue, Arc::new(Lexical)).await?;
    Ok(queue)
}

async fn evaluated(
    queue: &Queue,
    items: &[Item],
    search: Search,
) -> Result<Vec<(&'static str, Value)>, embed_queue::Error> {
    let (mut ranks, mut empty) = (Vec::new(), 0.0);
    for (number, item) in items.iter().enumerate() {
        let wanted = number.to_string();
        for query in &item.queries {
            let request = Request { search, limit: 20, ..Request::new(query) };
            let hits = queue.search(request, NOW).await?.hits;
            empty += f64::from(u8::from(hits.is_empty()));
            ranks.push(
                (1_u32..).zip(&hits).find(|(_, hit)| hit.source == wanted).map(|(rank, _)| f64::from(rank)),
            );
        }
    }
    let count = f64::from(u32::try_from(ranks.len()).unwrap_or(u32::MAX));
    let part = |within: f64| {
        f64::from(u32::try_from(ranks.iter().flatten().filter(|rank| **rank <= within).count()).unwrap_or(0))
            / count
    };
    let reciprocal: f64 = ranks.iter().flatten().map(|rank| 1.0 / rank).sum();
    Ok(vec![
        ("queries", json!(count)),
        ("recall1", json!(part(1.0))),
        ("recall5", json!(part(5.0))),
        ("recall20", json!(part(20.0))),
        ("mrr", json!(reciprocal / count)),
        ("empty", json!(empty / count)),
    ])
}

/// The last heading finds its section, of which all headings are taken out. Only headings that stand once are queries.
fn headings(pieces: &[(String, Piece)]) -> Vec<Item> {
    let mut times: HashMap<String, usize> = HashMap::new();
    for (_, piece) in pieces {
        *times.entry(last_heading(piece)).or_default() += 1;
    }
    let items = pieces.iter().filter_map(|(title, piece)| {
        let lines = piece.content.lines().filter(|line| !line.trim_start().starts_with('#'));
        let content = lines.collect::<Vec<_>>().join("\n");
        let heading = last_heading(piece);
        let telling = times.get(&heading) == Some(&1) && heading.split_whitespace().count() >= 2;
        (content.split_whitespace().count() >= 10).then(|| Item {
            queries: telling.then_some(heading).into_iter().collect(),
            title: title.clone(),
            headings: piece.headings.clone(),
            content,
        })
    });
    sampled(items.collect())
}

fn last_heading(piece: &Piece) -> String {
    piece.headings.last().map(|heading| heading.to_lowercase()).unwrap_or_default()
}

/// The first sentence finds the rest.
fn sentences(pieces: &[(String, Piece)]) -> Vec<Item> {
    let items = pieces.iter().filter_map(|(title, piece)| {
        let prose = piece.content.lines().filter(|line| !line.trim_start().starts_with('#'));
        let prose = prose.collect::<Vec<_>>().join("\n");
        let (first, rest) = prose.trim().split_once(". ")?;
        let words = first.split_whitespace().count();
        let telling = (6..=30).contains(&words) && !first.contains("```");
        (rest.split_whitespace().count() >= 10).then(|| Item {
            queries: telling.then(|| first.to_owned()).into_iter().collect(),
            title: title.clone(),
            headings: piece.headings.clone(),
            content: rest.to_owned(),
        })
    });
    sampled(items.collect())
}

/// Title, heading and text of a document in a line each, then its queries, then an empty line.
fn russian() -> Vec<Item> {
    let mut items = Vec::new();
    for block in RUSSIAN.split("\n\n") {
        let mut lines = block.lines();
        let (Some(title), Some(heading), Some(text)) = (lines.next(), lines.next(), lines.next()) else {
            continue;
        };
        items.push(Item {
            queries: lines.map(str::to_owned).collect(),
            title: title.to_owned(),
            headings: vec![heading.to_owned()],
            content: text.to_owned(),
        });
    }
    items
}

/// The same queries in every run, of as many different pieces.
fn sampled(mut items: Vec<Item>) -> Vec<Item> {
    let telling: Vec<usize> = (0..items.len()).filter(|&place| !items[place].queries.is_empty()).collect();
    let every = telling.len().div_ceil(QUERIES).max(1) as u64;
    let mut chance = Chance::new(1);
    for place in telling {
        if !chance.next().is_multiple_of(every) {
            items[place].queries.clear();
        }
    }
    items
}

/// Titles and texts of the Markdown files in the sources of all dependencies.
fn markdown() -> Result<Vec<(String, String)>, Box<dyn std::error::Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(["metadata", "--format-version", "1", "--offline"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let mut files = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let (Some(name), Some(manifest)) = (package["name"].as_str(), package["manifest_path"].as_str())
        else {
            continue;
        };
        if package["source"].is_null() {
            continue;
        }
        for path in below(Path::new(manifest).parent().unwrap_or(Path::new(".")), 3) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
            let changes =
                stem.starts_with("change") || stem.starts_with("release") || stem.starts_with("license");
            if !changes && fs::metadata(&path)?.len() <= LARGEST {
                files.extend(fs::read_to_string(&path).ok().map(|text| (name.to_owned(), text)));
            }
        }
    }
    Ok(files)
}

fn below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| path.is_dir());
    let markdown =
        files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let deeper = folders.iter().filter(|_| depth > 0).flat_map(|folder| below(folder, depth - 1));
    markdown.chain(deeper).collect()
}
