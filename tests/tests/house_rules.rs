//! The rules of this repository that no compiler checks: which crate may know which, what every file begins with,
//! how long it may be, and which libraries never enter the tree. CONTRIBUTING.md explains them.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on says why and ends")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The longest that a source file may be, in lines.
const MOST_LINES: usize = 500;

/// Who may depend on whom among our own packages, for the programs and for their tests.
const ALLOWED_EDGES: [(&str, &[&str]); 5] = [
    ("barycenter-core", &[]),
    ("barycenterd", &["barycenter-core"]),
    ("baryctl", &["barycenter-core"]),
    ("barycenter", &["barycenterd", "baryctl"]),
    ("barycenter-e2e", &["barycenter-core", "barycenterd", "baryctl"]),
];

/// What the core never knows: it neither serves nor parses a command line.
const NOT_IN_CORE: [&str; 5] = ["poem", "poem-openapi", "async-graphql", "clap", "reqwest"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").to_path_buf()
}

fn cargo(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO")).args(arguments).current_dir(repository()).output().expect("cargo runs")
}

/// Returns the name of every package of the workspace, and the names of what it depends on.
fn packages() -> Vec<(String, BTreeSet<String>)> {
    let output = cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let text = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            (text(package), dependencies.iter().map(text).collect())
        })
        .collect()
}

/// Returns every Rust file of the repository.
fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&repository(), &mut found);
    assert!(!found.is_empty(), "no sources found");
    found
}

#[test]
fn packages_know_only_whom_they_may() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
    for (name, dependencies) in &packages {
        let (_, allowed) = ALLOWED_EDGES
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("{name} is a new package: say here what it may know"));
        for dependency in dependencies {
            assert!(
                !ours.contains(dependency.as_str()) || allowed.contains(&dependency.as_str()),
                "{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn the_core_neither_serves_nor_parses_arguments() {
    for (name, dependencies) in packages() {
        if name == "barycenter-core" {
            for forbidden in NOT_IN_CORE {
                assert!(!dependencies.contains(forbidden), "barycenter-core must not depend on {forbidden}");
            }
        }
    }
}

#[test]
fn every_file_begins_with_what_it_is() {
    let bare: Vec<_> = sources()
        .into_iter()
        .filter(|path| {
            let text = std::fs::read_to_string(path).expect("UTF-8");
            !text.starts_with("//! ")
        })
        .collect();
    assert!(bare.is_empty(), "no //! header on the first line: {bare:#?}");
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            let lines = text.lines().count();
            (lines > MOST_LINES).then_some((path, lines))
        })
        .collect();
    assert!(long.is_empty(), "more than {MOST_LINES} lines: {long:#?}");
}

#[test]
fn there_is_one_cryptographic_back_end() {
    for forbidden in ["ring", "openssl-sys", "native-tls"] {
        let output = cargo(&["tree", "--workspace", "--locked", "--offline", "-i", forbidden]);
        // A package that is nowhere in the lock file is an error of its own kind; one that is not built prints nothing.
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() || complaint.contains("did not match any packages"),
            "cargo tree failed: {complaint}"
        );
        let tree = String::from_utf8_lossy(&output.stdout);
        assert!(tree.trim().is_empty(), "{forbidden} is in the tree:\n{tree}");
    }
}
