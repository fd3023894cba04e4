//! The generated files of this program: completions/ and man/ hold what it would write. `BLESS=1` rewrites them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap_complete::Shell;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Compares the files of a folder that `ours` picks with `wanted`, or rewrites them.
fn check(folder: &str, wanted: &[(String, Vec<u8>)], ours: impl Fn(&str) -> bool) {
    let folder = repository().join(folder);
    let names: BTreeSet<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
    let present =
        || fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let stale: Vec<String> = present().filter(|name| ours(name) && !names.contains(name.as_str())).collect();
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(&folder).unwrap();
        for name in stale {
            fs::remove_file(folder.join(name)).unwrap();
        }
        for (name, text) in wanted {
            fs::write(folder.join(name), text).unwrap();
        }
        return;
    }
    assert!(stale.is_empty(), "no longer made: {stale:?}; run the tests with BLESS=1");
    for (name, text) in wanted {
        let committed = fs::read(folder.join(name)).unwrap_or_default();
        assert!(committed == *text, "{} is out of date; run the tests with BLESS=1", folder.join(name).display());
    }
}

#[test]
fn completions_are_current() {
    let shells = [
        (Shell::Bash, "baryctl.bash"),
        (Shell::Zsh, "_baryctl"),
        (Shell::Fish, "baryctl.fish"),
        (Shell::Elvish, "baryctl.elv"),
        (Shell::PowerShell, "_baryctl.ps1"),
    ];
    let scripts: Vec<(String, Vec<u8>)> = shells
        .into_iter()
        .map(|(shell, name)| {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut baryctl::cli::command(), "baryctl", &mut script);
            (name.to_owned(), script)
        })
        .collect();
    check("completions", &scripts, |name| name.contains("baryctl"));
}

#[test]
fn manual_pages_are_current() {
    check("man", &baryctl::manual_pages().unwrap(), |name| name == "baryctl.1" || name.starts_with("baryctl-"));
}

#[test]
fn every_manual_page_has_examples_and_exit_codes() {
    for (name, page) in baryctl::manual_pages().unwrap() {
        let page = String::from_utf8(page).unwrap();
        for section in ["NAME", "SYNOPSIS", "OPTIONS", "EXAMPLES", "EXIT STATUS"] {
            assert!(
                page.lines().any(|line| line.replace('"', "") == format!(".SH {section}")),
                "{name} lacks {section}"
            );
        }
    }
}
