//! `completions/` and `man/` hold what the command tree says: compared here, rewritten with `BLESS=1`.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and ends")]

mod committed;

use barycenterd::cli::pages;

#[test]
fn completion_scripts_are_current() {
    for (name, script) in pages::completions() {
        committed::compare("completions", &name, &script);
    }
}

#[test]
fn manual_pages_are_current() {
    let pages = pages::manual_pages().expect("pages are made in memory");
    assert!(pages.len() > 5);
    for (name, page) in pages {
        committed::compare("man", &name, &page);
    }
}
