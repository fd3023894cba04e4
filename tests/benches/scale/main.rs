//! What diff and sync cost, from a few users to a million, as ratios to what cannot be avoided: `make bench`.
//!
//! Every figure is measured on SQLite and on PostgreSQL, through the database and through the admin API, with the
//! programs as they are shipped; a figure over its limit ends the benchmark with exit code 1. A word on the command
//! line (`unchanged`, `new`, `passwords`, `logins`, `container`) runs one part; `BENCH_USERS` sets the largest file.
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

mod baseline;
mod container;
mod logins;
mod measured;
mod passwords;
mod volume;

use std::fmt::{Display, Formatter};
use std::process::ExitCode;

use barycenter_e2e::DatabaseKind;
use barycenter_e2e::program::environment;
use barycenter_e2e::report::Report;

/// Through which door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Direct,
    Online,
}

/// Where something was measured.
#[derive(Clone, Copy)]
struct Place(DatabaseKind, Door);

impl Display for Place {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let door = match self.1 {
            Door::Direct => "direct",
            Door::Online => "online",
        };
        write!(formatter, "{:<10} {door}", self.0.name())
    }
}

const DATABASES: [DatabaseKind; 2] = [DatabaseKind::Sqlite, DatabaseKind::Postgresql];
const DOORS: [Door; 2] = [Door::Direct, Door::Online];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| part.contains(word.as_str()));
    let most = environment("BENCH_USERS").map_or(1_000_000, |users| users.parse().expect("BENCH_USERS is a number"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut report = Report::default();
    runtime.block_on(async {
        if is_wanted("container") {
            container::guide(&mut report).await;
        }
        if is_wanted("passwords") {
            passwords::hashing(&mut report).await;
        }
        if is_wanted("new") {
            volume::all_new(&mut report, most.min(100_000)).await;
        }
        if is_wanted("logins") {
            logins::during_a_sync(&mut report, most.min(100_000)).await;
        }
        if is_wanted("unchanged") {
            volume::unchanged(&mut report, most).await;
        }
    });
    report.end()
}
