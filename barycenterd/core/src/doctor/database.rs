//! Checks that ask the database.

use std::time::{Duration, Instant};

use crate::config::Backend;
use crate::doctor::{Finding, Seat, Subject};
use crate::store::{ConnectionLimit, Store, StoreError};

/// How long the simplest question may take before somebody should look.
const SLOW: Duration = Duration::from_millis(250);

/// Asks with an open database; without one there is nothing to ask.
pub(super) async fn asking<'a, F>(subject: &'a Subject<'_>, ask: impl FnOnce(&'a Store) -> F) -> Finding
where
    F: Future<Output = Result<Finding, StoreError>>,
{
    match subject.store {
        Ok(store) => ask(store).await.unwrap_or_else(|error| refused(&error)),
        Err(_) => Finding::skipped("the database is not open"),
    }
}

/// The finding that an error of the database is.
pub(super) fn refused(error: &StoreError) -> Finding {
    Finding::failed(
        error.to_string(),
        if error.is_unavailable() {
            "is the database there, and may it be reached from here?"
        } else {
            "is it the database of this version, and undamaged?"
        },
    )
}

pub(super) async fn reachable(subject: &Subject<'_>) -> Finding {
    let url = &subject.config.database.url;
    let store = match subject.store {
        Ok(store) => store,
        Err(finding) => return finding.clone(),
    };
    // The first question may open a connection, which others than the first do not pay for.
    let answered = async {
        store.ping().await?;
        let started = Instant::now();
        store.ping().await?;
        Ok::<_, StoreError>(started.elapsed())
    };
    match answered.await {
        Ok(took) if took <= SLOW => Finding::ok(format!("{url} in {} ms", took.as_millis())),
        Ok(took) => Finding::warning(
            format!("{url} takes {} ms to answer", took.as_millis()),
            "is the database loaded, or far away? every sign-in asks it several times",
        ),
        Err(error) => Finding::failed(
            format!("{url}: {error}"),
            "is the database there, and may it be reached from here? see database.url",
        ),
    }
}

pub(super) async fn migrated(subject: &Subject<'_>) -> Finding {
    asking(subject, |store| async move {
        let status = store.schema_status().await?;
        let version = status.version();
        Ok(match status.require_current() {
            Ok(()) => Finding::ok(format!("schema {version} (current)")),
            Err(error) if status.unknown.is_empty() => {
                Finding::failed(error.to_string(), "baryctl db migrate, or the next start of barycenterd")
            }
            Err(error) => Finding::failed(error.to_string(), "run the version that has migrated it"),
        })
    })
    .await
}

pub(super) async fn pool(subject: &Subject<'_>) -> Finding {
    let now = subject.now;
    asking(subject, |store| async move {
        let Some(limit) = store.connection_limit().await? else {
            return Ok(Finding::skipped("SQLite has no server that would count connections"));
        };
        let replicas = store.replicas().all().await?;
        // A daemon that is about to start counts as well.
        let live = replicas.iter().filter(|replica| replica.is_present(now)).count().max(1);
        Ok(enough_connections(live as u64, subject.config.database.max_connections, limit))
    })
    .await
}

/// Judges whether a server takes the connections that so many replicas may open, each so many.
#[must_use]
pub fn enough_connections(replicas: u64, each: u32, limit: ConnectionLimit) -> Finding {
    let wanted = replicas.saturating_mul(u64::from(each));
    let free = limit.most.saturating_sub(limit.reserved);
    let plural = if replicas == 1 { "" } else { "s" };
    let sum = format!("{replicas} replica{plural} \u{d7} {each} connections = {wanted}");
    if wanted <= free {
        return Finding::ok(format!("{sum} of the {free} that PostgreSQL takes"));
    }
    Finding::warning(
        format!("{sum}, and PostgreSQL takes {free} (max_connections {} less {} reserved)", limit.most, limit.reserved),
        format!(
            "database.max_connections = {}, or raise PostgreSQL's max_connections",
            (free / replicas.max(1)).max(1)
        ),
    )
}

pub(super) async fn wal(subject: &Subject<'_>) -> Finding {
    asking(subject, |store| async move { Ok(journal(store.journal_mode().await?.as_deref())) }).await
}

/// Judges the journal of an SQLite database; PostgreSQL has none to choose.
#[must_use]
pub fn journal(mode: Option<&str>) -> Finding {
    match mode {
        None => Finding::skipped("PostgreSQL always has one"),
        Some("wal") => Finding::ok("write-ahead log"),
        Some(other) => Finding::warning(
            format!("the journal is {other}, not wal: readers and the writer wait for each other"),
            "is the file on a file system without shared memory? move it to a local one",
        ),
    }
}

pub(super) async fn integrity(subject: &Subject<'_>) -> Finding {
    if subject.config.database.url.backend() == Backend::Postgres {
        return Finding::skipped("PostgreSQL's pages have checksums of their own");
    }
    if subject.seat == Seat::Daemon {
        return Finding::skipped("reads the whole file: only with --direct");
    }
    asking(subject, |store| async move {
        let faults = store.quick_check().await?.unwrap_or_default();
        Ok(match faults.first() {
            None => Finding::ok("quick_check finds nothing"),
            Some(fault) => Finding::failed(
                format!("the file is damaged: {}", fault.replace('\n', " ")),
                "stop the daemon and bring a backup back: baryctl backup restore FILE",
            ),
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn all_replicas_together_fit_into_the_servers_connections() {
        let limit = ConnectionLimit { most: 50, reserved: 3 };
        assert_eq!(enough_connections(3, 15, limit).status, Status::Ok);
        let finding = enough_connections(3, 20, limit);
        assert_eq!(finding.status, Status::Warning);
        assert_eq!(
            finding.message,
            "3 replicas × 20 connections = 60, and PostgreSQL takes 47 (max_connections 50 less 3 reserved)"
        );
        assert!(finding.fix.unwrap().starts_with("database.max_connections = 15,"));
    }
}
