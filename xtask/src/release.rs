//! Releases: what must be true first, then version, commit and tag. A dry run unless told otherwise.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::console;
use crate::program;
use crate::workspace::Workspace;

/// Checks everything, says everything that is wrong, and changes something only with `execute`.
pub(crate) fn run(workspace: &Workspace, version: &str, execute: bool) -> Result<()> {
    let changelog = fs::read_to_string(workspace.root.join("CHANGELOG.md")).unwrap_or_default();
    let mut problems = Vec::new();
    problems.extend(version_problem(workspace.version()?, version));
    if section(&changelog, version).is_none() {
        problems.push(format!(
            "CHANGELOG.md has no text under `## {version}`: move it there from `## Unreleased`"
        ));
    }
    if !git(workspace, &["status", "--porcelain"])?.is_empty() {
        problems.push("the work tree is not clean: commit or stash first".to_owned());
    }
    if !git(workspace, &["tag", "--list", &tag(version)])?.is_empty() {
        problems.push(format!("the tag {} exists: choose the next version", tag(version)));
    }
    for problem in &problems {
        console::line(format!("release: {problem}"));
    }
    if !problems.is_empty() {
        bail!("{version} cannot be released yet");
    }
    if !execute {
        console::line(format!(
            "release: {version} is ready; `--execute` sets the version, commits and tags it"
        ));
        return Ok(());
    }
    set_version(workspace, version)?;
    git(workspace, &["commit", "--all", "--message", &format!("Release {version}")])?;
    git(workspace, &["tag", "--annotate", &tag(version), "--message", &format!("b24 {version}")])?;
    console::line(format!("release: {} is tagged; push it to publish", tag(version)));
    Ok(())
}

fn tag(version: &str) -> String {
    format!("v{version}")
}

fn git(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    program::output(Command::new("git").current_dir(&workspace.root).args(arguments))
}

fn set_version(workspace: &Workspace, version: &str) -> Result<()> {
    let manifest = workspace.root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).context("could not read Cargo.toml")?;
    let old = format!("version = \"{}\"", workspace.version()?);
    let table = text.find("[workspace.package]").context("Cargo.toml has no [workspace.package]")?;
    let (head, rest) = text.split_at(table);
    let changed = rest.replacen(&old, &format!("version = \"{version}\""), 1);
    fs::write(&manifest, format!("{head}{changed}")).context("could not write Cargo.toml")?;
    program::run(&mut program::cargo(&workspace.root, ["update", "--workspace", "--offline"]))
}

/// The first release may carry the version that the manifest already has.
fn version_problem(current: &str, wanted: &str) -> Option<String> {
    let Some(new) = numbers(wanted) else {
        return Some(format!("{wanted} is not a version: give three numbers such as 0.2.0"));
    };
    let old = numbers(current)?;
    (new < old).then(|| format!("{wanted} is older than {current}: choose a newer one"))
}

fn numbers(version: &str) -> Option<[u32; 3]> {
    let parts: Option<Vec<u32>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts?.try_into().ok()
}

/// The changelog's text under `## VERSION`, when there is any.
fn section<'a>(changelog: &'a str, version: &str) -> Option<&'a str> {
    let mut sections = changelog.split("\n## ");
    let found = sections.find_map(|section| {
        let (title, text) = section.split_once('\n')?;
        let name = title.split([' ', ']']).next()?.trim_start_matches(['#', ' ', '[']);
        (name == version).then_some(text.trim())
    })?;
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str =
        "# Changes\n\n## Unreleased\n\n## 0.2.0 (2027-01-15)\n\n- Faster.\n\n## [0.1.0]\n- First.\n";

    #[test]
    fn a_section_is_found_by_its_version() {
        assert_eq!(section(CHANGELOG, "0.2.0"), Some("- Faster."));
        assert_eq!(section(CHANGELOG, "0.1.0"), Some("- First."));
    }

    #[test]
    fn a_missing_or_empty_section_stops_a_release() {
        assert_eq!(section(CHANGELOG, "0.3.0"), None);
        assert_eq!(section(CHANGELOG, "Unreleased"), None);
        assert_eq!(section("", "0.1.0"), None);
    }

    #[test]
    fn versions_go_up() {
        assert_eq!(version_problem("0.1.0", "0.1.0"), None);
        assert_eq!(version_problem("0.9.0", "0.10.0"), None);
        assert!(version_problem("0.10.0", "0.9.9").unwrap().contains("older"));
        assert!(version_problem("0.1.0", "next").unwrap().contains("not a version"));
    }
}
