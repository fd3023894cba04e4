//! Checks of users, and of the file that a daemon keeps them in step with.

use crate::doctor::database::asking;
use crate::doctor::{Finding, Subject};
use crate::keyring::{Purpose, RootInspection};
use crate::reconcile::sample_passwords as users_with_samples;
use crate::store::{SyncOutcome, SyncRun};

/// How many runs are looked at for the last one of each file.
const RUNS: u64 = 100;

/// How many users are named.
const NAMED: usize = 5;

pub(super) async fn applied(subject: &Subject<'_>) -> Finding {
    of_each_file(subject, last_run).await
}

pub(super) async fn conflicts(subject: &Subject<'_>) -> Finding {
    of_each_file(subject, conflicts_of).await
}

async fn of_each_file(subject: &Subject<'_>, judge: fn(&SyncRun) -> Finding) -> Finding {
    let file = subject.config.users.file.as_deref();
    asking(subject, |store| async move {
        let runs = latest(store.sync_runs().last(RUNS).await?);
        Ok(match file {
            None if runs.is_empty() => Finding::skipped("no daemon has applied a users file by itself"),
            Some(file) if runs.is_empty() => Finding::warning(
                format!("{} has not been applied yet (users.file)", file.display()),
                "does a daemon run with this configuration? its log says what it waits for",
            ),
            _ => Finding::worst(runs.iter().map(judge).collect(), Finding::ok("")),
        })
    })
    .await
}

/// Keeps the latest of each file; `runs` begins with the latest.
fn latest(runs: Vec<SyncRun>) -> Vec<SyncRun> {
    let mut latest: Vec<SyncRun> = Vec::new();
    for run in runs {
        if latest.iter().all(|known| known.origin != run.origin) {
            latest.push(run);
        }
    }
    latest
}

fn file_of(run: &SyncRun) -> &str {
    run.origin.strip_prefix("watch ").unwrap_or(&run.origin)
}

fn last_run(run: &SyncRun) -> Finding {
    let (file, when) = (file_of(run), run.finished_at);
    let what = match run.outcome {
        SyncOutcome::Ok => return Finding::ok(format!("{file} at {when}")),
        SyncOutcome::Partial => "applied in part",
        SyncOutcome::Failed => "not applied; the state before it stays",
    };
    let why = run.message.as_deref().unwrap_or("the log says why");
    Finding::failed(
        format!("{file} is {what}: {why} ({when})"),
        format!("mend the file; to see what it would do: baryctl diff -f {file}"),
    )
}

fn conflicts_of(run: &SyncRun) -> Finding {
    let file = file_of(run);
    match run.counts.conflict {
        0 => Finding::ok(format!("none in {file}")),
        count => {
            let told = if count == 1 { "conflict left as it is" } else { "conflicts left as they are" };
            Finding::warning(format!("{count} {told}"), format!("baryctl diff -f {file} names them, and the way out"))
        }
    }
}

pub(super) async fn sample_passwords(subject: &Subject<'_>) -> Finding {
    let Some(hasher) = subject.hasher else { return Finding::skipped("passwords cannot be verified here") };
    let Ok(store) = subject.store else { return Finding::skipped("the database is not open") };
    let key = match RootInspection::load(&subject.config.keys.private_key_path) {
        Ok(Some(root)) => match store.signing_keys().keyring().await {
            Ok(record) => root.derive(Purpose::PasswordFingerprint, &record),
            Err(error) => return Finding::failed(error.to_string(), "try again"),
        },
        _ => return Finding::skipped("without the root key nobody can tell"),
    };
    let Ok(key) = key else { return Finding::skipped("the root key cannot be used") };
    match users_with_samples(store, hasher, &key).await {
        Ok(names) if names.is_empty() => Finding::ok("nobody has one"),
        Ok(names) => Finding::warning(
            format!("{} a password that everybody can read in the documentation", have(&names)),
            "give them others in the users file, or with baryctl users sync",
        ),
        Err(error) => Finding::failed(error.to_string(), "try again"),
    }
}

/// `alice has`, `alice, bob and 3 more have`.
fn have(names: &[String]) -> String {
    let named = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match names.len() {
        1 => format!("{named} has"),
        count if count <= NAMED => format!("{named} have"),
        count => format!("{named} and {} more have", count - NAMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;
    use crate::model::{Manager, Timestamp};
    use crate::reconcile::Counts;

    fn run(origin: &str, outcome: SyncOutcome, conflict: u64) -> SyncRun {
        SyncRun {
            manager: Manager::default(),
            origin: origin.to_owned(),
            outcome,
            counts: Counts { conflict, ..Counts::default() },
            message: Some("3:5 unknown field".to_owned()),
            started_at: Timestamp::from_unix(0),
            finished_at: Timestamp::from_unix(0),
        }
    }

    #[test]
    fn the_latest_run_of_each_file_counts() {
        let runs = vec![
            run("watch a.json", SyncOutcome::Ok, 0),
            run("watch a.json", SyncOutcome::Failed, 0),
            run("watch b.json", SyncOutcome::Partial, 0),
        ];
        let found: Vec<_> = latest(runs).iter().map(|run| (file_of(run).to_owned(), run.outcome)).collect();
        assert_eq!(found, [("a.json".to_owned(), SyncOutcome::Ok), ("b.json".to_owned(), SyncOutcome::Partial)]);
    }

    #[test]
    fn a_run_that_failed_is_told_with_its_reason() {
        let failed = last_run(&run("watch /secrets/users.json", SyncOutcome::Failed, 0));
        assert_eq!(failed.status, Status::Failed);
        assert!(failed.message.contains("/secrets/users.json is not applied"), "{}", failed.message);
        assert!(failed.message.contains("3:5 unknown field"), "{}", failed.message);
        assert_eq!(conflicts_of(&run("watch a.json", SyncOutcome::Ok, 1)).message, "1 conflict left as it is");
        assert_eq!(conflicts_of(&run("watch a.json", SyncOutcome::Ok, 0)).status, Status::Ok);
    }

    #[test]
    fn users_are_named_up_to_a_few() {
        let names = |count: usize| (0..count).map(|index| format!("u{index}")).collect::<Vec<_>>();
        assert_eq!(have(&names(1)), "u0 has");
        assert_eq!(have(&names(2)), "u0, u1 have");
        assert_eq!(have(&names(7)), "u0, u1, u2, u3, u4 and 2 more have");
    }
}
