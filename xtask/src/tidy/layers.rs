//! Which package may depend on which, and on which libraries: the layers of `docs/ARCHITECTURE.md`.

use super::Finding;
use crate::workspace::{Dependency, Kind, Package};

/// Every package with the packages of the workspace that it may use.
const LAYERS: [(&str, &[&str]); 7] = [
    ("b24-client", &[]),
    ("b24-sandbox", &[]),
    ("cli", &["b24-client", "b24-sandbox", "data-processor", "embed-queue", "workflow"]),
    ("data-processor", &[]),
    ("embed-queue", &[]),
    ("workflow", &["b24-client", "data-processor", "embed-queue"]),
    ("xtask", &[]),
];

/// What any package may use in its tests.
const STAGE: &str = "b24-sandbox";

/// Libraries that only some packages may use, tests included.
const OWNED: [(&str, &[&str]); 5] = [
    ("reqwest", &["b24-client", "embed-queue"]),
    ("rusqlite", &["embed-queue", "workflow"]),
    ("clap", &["cli", "xtask"]),
    ("clap_complete", &["cli", "xtask"]),
    ("clap_mangen", &["cli", "xtask"]),
];

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == package.name) else {
        let advice =
            "is in no layer: add it to LAYERS in xtask/src/tidy/layers.rs and to docs/ARCHITECTURE.md";
        return vec![finding(package, advice.to_owned())];
    };
    package.dependencies.iter().filter_map(|dependency| check_edge(package, allowed, dependency)).collect()
}

fn check_edge(package: &Package, allowed: &[&str], dependency: &Dependency) -> Option<Finding> {
    let name = dependency.name.as_str();
    if LAYERS.iter().any(|(layer, _)| *layer == name) {
        let fine = match dependency.kind {
            None => allowed.contains(&name),
            Some(Kind::Dev) => name == STAGE,
            Some(Kind::Build) => false,
        };
        let table = match dependency.kind {
            None => "dependencies",
            Some(Kind::Dev) => "dev-dependencies",
            Some(Kind::Build) => "build-dependencies",
        };
        return (!fine).then(|| {
            finding(
                package,
                format!("{name} in [{table}] is no allowed layer edge: move what needs it up a layer"),
            )
        });
    }
    let (_, owners) = OWNED.iter().find(|(library, _)| *library == name)?;
    (!owners.contains(&package.name.as_str())).then(|| {
        finding(
            package,
            format!("{name} belongs to {} only: ask one of them for what you need", owners.join(", ")),
        )
    })
}

fn finding(package: &Package, message: String) -> Finding {
    let folder = if package.name == "xtask" { "" } else { "crates/" };
    Finding { file: format!("{folder}{}/Cargo.toml", package.name), line: None, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(package: &str, dependency: &str, kind: Option<Kind>) -> Vec<String> {
        let dependency = Dependency { name: dependency.to_owned(), kind };
        let package = Package {
            name: package.to_owned(),
            version: "0.1.0".to_owned(),
            dependencies: vec![dependency],
            targets: Vec::new(),
        };
        check(&[package]).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_leaf_may_not_know_another_leaf() {
        assert_eq!(
            messages("data-processor", "b24-client", None),
            ["crates/data-processor/Cargo.toml: b24-client in [dependencies] is no allowed layer edge: \
              move what needs it up a layer"]
        );
        assert_eq!(messages("embed-queue", "data-processor", None).len(), 1);
        assert_eq!(messages("b24-sandbox", "b24-client", None).len(), 1);
    }

    #[test]
    fn edges_point_downwards_only() {
        assert_eq!(messages("cli", "workflow", None).len(), 0);
        assert_eq!(messages("workflow", "b24-client", None).len(), 0);
        assert_eq!(messages("workflow", "cli", None).len(), 1);
        assert_eq!(messages("b24-client", "workflow", None).len(), 1);
        assert_eq!(messages("cli", "xtask", None).len(), 1);
    }

    #[test]
    fn only_the_binary_uses_the_sandbox_outside_tests() {
        assert_eq!(messages("cli", "b24-sandbox", None).len(), 0);
        assert_eq!(messages("workflow", "b24-sandbox", None).len(), 1);
        assert_eq!(messages("workflow", "b24-sandbox", Some(Kind::Dev)).len(), 0);
        assert_eq!(messages("b24-client", "b24-sandbox", Some(Kind::Dev)).len(), 0);
        assert_eq!(messages("b24-client", "b24-sandbox", Some(Kind::Build)).len(), 1);
    }

    #[test]
    fn tests_may_not_reach_around_the_layers() {
        assert_eq!(messages("data-processor", "workflow", Some(Kind::Dev)).len(), 1);
        assert_eq!(messages("b24-sandbox", "b24-client", Some(Kind::Dev)).len(), 1);
    }

    #[test]
    fn libraries_with_owners_stay_with_them() {
        assert_eq!(messages("b24-client", "reqwest", None).len(), 0);
        assert_eq!(messages("embed-queue", "reqwest", None).len(), 0);
        assert_eq!(messages("workflow", "reqwest", Some(Kind::Dev)).len(), 1);
        assert_eq!(messages("workflow", "rusqlite", None).len(), 0);
        assert_eq!(messages("cli", "rusqlite", None).len(), 1);
        assert_eq!(messages("workflow", "clap", None).len(), 1);
        assert_eq!(messages("xtask", "clap", None).len(), 0);
        assert_eq!(messages("data-processor", "serde", None).len(), 0);
    }

    #[test]
    fn a_new_package_needs_a_layer() {
        assert!(messages("toolbox", "serde", None)[0].contains("is in no layer"));
    }
}
