//! What is wrong with a deployment, and how to mend it: one list of checks, the same from inside the daemon and
//! through the database itself.
//!
//! ```text
//!   examine ──► configuration · database · disk · keys · users · daemons ──► Check { id, status, message, fix, took }
//! ```
//!
//! The ids are stable: pipelines name them ([`CATALOGUE`]). Every check has a deadline of its own: one that hangs is a
//! failed check, and the others go on. No message holds a secret. Nothing here changes anything. What only can be seen
//! from outside (the issuer, its published keys) is looked at by `baryctl`, which has the same checks in the catalogue.

mod catalogue;
mod configuration;
mod daemons;
mod database;
mod disk;
pub mod judge;
mod keys;
mod users;

use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _, join_all};

use crate::config::Config;
use crate::model::Timestamp;
use crate::password::PasswordHasher;
use crate::store::Store;

pub use catalogue::{CATALOGUE, Group, Known, group_of};

/// How long a check may take that asks the database or a file system once.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long a check may take that reads many rows.
const LONG_DEADLINE: Duration = Duration::from_secs(20);

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// There is nothing to check.
    Skipped,
    /// As it should be.
    Ok,
    /// It works; somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Skipped, Self::Ok, Self::Warning, Self::Failed];

    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it ended.
    pub status: Status,
    /// What there is: lower-case, without a full stop.
    pub message: String,
    /// The way out of what is wrong.
    pub fix: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn ok(message: impl Into<String>) -> Self {
        Self { status: Status::Ok, message: message.into(), fix: None }
    }

    /// Nothing to check.
    pub fn skipped(message: impl Into<String>) -> Self {
        Self { status: Status::Skipped, message: message.into(), fix: None }
    }

    /// It works; somebody should look at it.
    pub fn warning(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { status: Status::Warning, message: message.into(), fix: Some(fix.into()) }
    }

    /// It does not work.
    pub fn failed(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { status: Status::Failed, message: message.into(), fix: Some(fix.into()) }
    }

    /// Returns one finding for several: the worst; those of its kind are told together.
    #[must_use]
    pub fn worst(findings: Vec<Self>, otherwise: Self) -> Self {
        let Some(status) = findings.iter().map(|finding| finding.status).max() else { return otherwise };
        let of_kind: Vec<&Self> = findings.iter().filter(|finding| finding.status == status).collect();
        let join = |texts: Vec<&str>| {
            let mut told: Vec<&str> = Vec::new();
            texts.into_iter().for_each(|text| {
                if !told.contains(&text) {
                    told.push(text);
                }
            });
            told.join("; ")
        };
        let fixes: Vec<&str> = of_kind.iter().filter_map(|finding| finding.fix.as_deref()).collect();
        Self {
            status,
            message: join(of_kind.iter().map(|finding| finding.message.as_str()).collect()),
            fix: (!fixes.is_empty()).then(|| join(fixes)),
        }
    }
}

/// One check and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The stable name, one of [`CATALOGUE`].
    pub id: &'static str,
    /// What it found.
    pub finding: Finding,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A check that has not been made yet.
pub type Pending<'a> = (&'static str, Duration, BoxFuture<'a, Finding>);

/// Makes all checks at once; each ends at its deadline at the latest.
pub async fn make(pending: Vec<Pending<'_>>) -> Vec<Check> {
    join_all(pending.into_iter().map(|(id, deadline, work)| async move {
        let started = Instant::now();
        let finding = match tokio::time::timeout(deadline, work).await {
            Ok(finding) => finding,
            Err(_) => Finding::failed(
                format!("no answer within {}", words(deadline)),
                "find out what it waits for: the database, a network file system, or a network that drops packets",
            ),
        };
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Check { id, finding, took_ms }
    }))
    .await
}

fn words(deadline: Duration) -> String {
    if deadline.subsec_millis() == 0 {
        format!("{} s", deadline.as_secs())
    } else {
        format!("{} ms", deadline.as_millis())
    }
}

/// Where the checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// Inside a daemon that serves.
    Daemon,
    /// On the database, beside daemons or without any.
    Direct,
}

/// What is examined.
pub struct Subject<'a> {
    /// The settings.
    pub config: &'a Config,
    /// The database, or why it cannot be opened.
    pub store: Result<&'a Store, &'a Finding>,
    /// What verifies passwords; `None` leaves them alone.
    pub hasher: Option<&'a PasswordHasher>,
    /// Why the daemon that is examined cannot write its mirror of the JWKS, as far as it knows.
    pub mirror_fault: Option<String>,
    /// Where from.
    pub seat: Seat,
    /// The current time.
    pub now: Timestamp,
}

/// Which checks are wanted.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only those of these groups; empty: of all.
    pub only: Vec<Group>,
    /// None of these ids.
    pub skip: Vec<String>,
    /// Only what can be looked at before the first start.
    pub before_start: bool,
}

impl Selection {
    /// Returns whether a check is wanted.
    #[must_use]
    pub fn wants(&self, id: &str) -> bool {
        let known = CATALOGUE.iter().find(|known| known.id == id);
        known.is_some_and(|known| {
            (self.only.is_empty() || self.only.contains(&known.group))
                && !self.skip.iter().any(|skipped| skipped == id)
                && (!self.before_start || known.before_start)
        })
    }
}

/// Examines a deployment.
pub async fn examine(subject: &Subject<'_>, selection: &Selection) -> Vec<Check> {
    let now = configuration::checks(subject.config).into_iter();
    let mut pending: Vec<Pending<'_>> =
        now.map(|(id, finding)| (id, DEADLINE, std::future::ready(finding).boxed())).collect();
    let (config, file) = (subject.config, subject.config.database.url.sqlite_path());
    pending.extend([
        ("db.folder", DEADLINE, disk::folder(file).boxed()),
        ("db.reachable", DEADLINE, database::reachable(subject).boxed()),
        ("db.migrated", DEADLINE, database::migrated(subject).boxed()),
        ("db.pool", DEADLINE, database::pool(subject).boxed()),
        ("db.wal", DEADLINE, database::wal(subject).boxed()),
        ("db.location", DEADLINE, disk::location(file).boxed()),
        ("db.space", DEADLINE, disk::space(file).boxed()),
        ("db.integrity", 3 * LONG_DEADLINE, database::integrity(subject).boxed()),
        ("keys.folder", DEADLINE, disk::keys_folder(&config.keys).boxed()),
        ("keys.root", DEADLINE, keys::root(config).boxed()),
        ("keys.keyring", DEADLINE, keys::keyring(subject).boxed()),
        ("keys.active", DEADLINE, keys::active(subject).boxed()),
        ("keys.pending", DEADLINE, keys::pending(subject).boxed()),
        ("keys.age", DEADLINE, keys::age_of_active(subject).boxed()),
        ("keys.mirror", DEADLINE, keys::mirror(subject).boxed()),
        ("users-file.applied", DEADLINE, users::applied(subject).boxed()),
        ("users-file.conflicts", DEADLINE, users::conflicts(subject).boxed()),
        ("users.sample-passwords", LONG_DEADLINE, users::sample_passwords(subject).boxed()),
        ("jobs.failed", DEADLINE, daemons::failed_jobs(subject).boxed()),
        ("jobs.overdue", DEADLINE, daemons::overdue_jobs(subject).boxed()),
        ("replicas.version", DEADLINE, daemons::versions(subject).boxed()),
        ("replicas.root-key", DEADLINE, daemons::root_keys(subject).boxed()),
    ]);
    pending.retain(|(id, ..)| selection.wants(id));
    make(pending).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_check_that_hangs_fails_and_the_rest_goes_on() {
        let checks = make(vec![
            ("db.reachable", DEADLINE, std::future::pending().boxed()),
            ("db.wal", DEADLINE, std::future::ready(Finding::ok("wal")).boxed()),
        ])
        .await;
        let found: Vec<_> = checks.iter().map(|check| (check.id, check.finding.status)).collect();
        assert_eq!(found, [("db.reachable", Status::Failed), ("db.wal", Status::Ok)]);
        assert_eq!(checks[0].finding.message, "no answer within 5 s");
    }

    #[test]
    fn the_worst_of_several_is_told() {
        let findings = vec![
            Finding::ok("one"),
            Finding::failed("two", "mend it"),
            Finding::failed("three", "mend it"),
            Finding::warning("four", "look"),
        ];
        let worst = Finding::worst(findings, Finding::skipped("nothing"));
        assert_eq!(worst, Finding::failed("two; three", "mend it"));
        assert_eq!(Finding::worst(Vec::new(), Finding::skipped("nothing")).status, Status::Skipped);
    }

    #[test]
    fn a_selection_keeps_groups_and_drops_ids() {
        let selection = Selection { only: vec![Group::Database], skip: vec!["db.wal".to_owned()], before_start: false };
        assert!(selection.wants("db.reachable") && !selection.wants("db.wal") && !selection.wants("keys.root"));
        let before = Selection { before_start: true, ..Selection::default() };
        assert!(before.wants("db.folder") && before.wants("config.file") && !before.wants("keys.active"));
        assert!(!Selection::default().wants("no.such"));
    }
}
