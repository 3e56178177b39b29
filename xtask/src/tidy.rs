//! Rules of the workspace that no compiler and no lint knows.

mod defects;
mod layers;
mod lengths;
mod merges;
mod modules;
mod names;

use std::fmt;
use std::fs;
use std::path::{Component, Path};

use anyhow::{Context as _, Result, bail};

use crate::behaviours;
use crate::console;
use crate::workspace::Workspace;

/// One broken rule: where, what, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    file: String,
    line: Option<usize>,
    message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.file, self.message),
            None => write!(out, "{}: {}", self.file, self.message),
        }
    }
}

/// A text file of the workspace.
struct Source {
    path: String,
    text: String,
}

/// Behaviours that were taken over and that no test demands.
fn untested(workspace: &Workspace, sources: &[Source]) -> Result<Vec<Finding>> {
    let file = "docs/peer-behaviours.md";
    let page =
        fs::read_to_string(workspace.root.join(file)).with_context(|| format!("could not read {file}"))?;
    let texts = sources.iter().map(|source| (source.path.as_str(), source.text.as_str()));
    let found = behaviours::check(&page, texts).into_iter();
    Ok(found.map(|message| Finding { file: file.to_owned(), line: None, message }).collect())
}

/// Checks everything and prints one line for each finding.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let files = workspace.files()?;
    let sources = read(workspace, &files, "rs")?;
    let pages = read(workspace, &files, "md")?;
    let compiled: Vec<String> = workspace
        .packages
        .iter()
        .flat_map(|package| &package.targets)
        .filter_map(|target| relative(&workspace.root, &target.src_path))
        .collect();

    let mut findings = layers::check(&workspace.packages);
    findings.extend(names::check_files(&files));
    findings.extend(sources.iter().flat_map(names::check_types));
    findings.extend(sources.iter().filter_map(lengths::check));
    findings.extend(pages.iter().chain(&sources).flat_map(merges::check));
    findings.extend(modules::check(&sources, &compiled));
    findings.extend(untested(workspace, &sources)?);
    let defects = fs::read_to_string(workspace.root.join(defects::PAGE))
        .with_context(|| format!("could not read {}", defects::PAGE))?;
    findings.extend(defects::check(&defects, &sources));

    for finding in &findings {
        console::line(format!("tidy: {finding}"));
    }
    if !findings.is_empty() {
        bail!("tidy: broken rules: {}", findings.len());
    }
    console::line(format!(
        "tidy: {} files, {} packages: no broken rule",
        files.len(),
        workspace.packages.len()
    ));
    Ok(())
}

/// The path below the root with `/` between folders; cargo leaves the `..` of a manifest in it.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for component in path.strip_prefix(root).ok()?.components() {
        match component {
            Component::ParentDir => drop(parts.pop()?),
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(parts.join("/"))
}

/// The files whose names end so.
fn read(workspace: &Workspace, files: &[String], ending: &str) -> Result<Vec<Source>> {
    files
        .iter()
        .filter(|file| file.rsplit_once('.').is_some_and(|(_, extension)| extension == ending))
        .map(|file| {
            let text = fs::read_to_string(workspace.root.join(file));
            Ok(Source { path: file.clone(), text: text.with_context(|| format!("could not read {file}"))? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_outside_its_package_is_known_by_its_real_place() {
        let path = Path::new("/work/b24/crates/cli/../../tests/e2e/main.rs");
        assert_eq!(relative(Path::new("/work/b24"), path).as_deref(), Some("tests/e2e/main.rs"));
        assert_eq!(relative(Path::new("/work/b24"), Path::new("/work/other/lib.rs")), None);
    }
}
