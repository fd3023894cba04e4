//! Checks of the daemons that serve a deployment, and of what they do by themselves.

use std::collections::BTreeSet;

use crate::doctor::database::asking;
use crate::doctor::{Finding, Subject};
use crate::model::{JobState, Replica, ScheduledJob, Timestamp};
use crate::store::JobRunFilter;

/// How far back failed runs count, in seconds.
const WINDOW: i64 = 86_400;

/// How late a job may be, in seconds, beside its own interval.
const LATE: i64 = 300;

/// How many are named.
const NAMED: usize = 3;

pub(super) async fn failed_jobs(subject: &Subject<'_>) -> Finding {
    let since = subject.now.plus(-WINDOW);
    asking(subject, |store| async move {
        let count = store.job_runs().count_failed(since).await?;
        if count == 0 {
            return Ok(Finding::ok("none failed in 24 h"));
        }
        let filter = JobRunFilter { state: Some(JobState::Failed), since: Some(since), ..JobRunFilter::default() };
        let runs = store.job_runs().page(NAMED as u64, &filter).await?;
        let named: Vec<String> =
            runs.iter().map(|run| format!("{}: {}", run.job, run.error.as_deref().unwrap_or("failed"))).collect();
        let named = if named.is_empty() { "their replicas went away".to_owned() } else { named.join("; ") };
        Ok(Finding::warning(
            format!("{count} failed in 24 h: {named}"),
            "baryctl jobs list --state failed; baryctl jobs logs ID says more",
        ))
    })
    .await
}

pub(super) async fn overdue_jobs(subject: &Subject<'_>) -> Finding {
    let now = subject.now;
    asking(subject, |store| async move {
        let (jobs, replicas) = (store.jobs().all().await?, store.replicas().all().await?);
        Ok(overdue(&jobs, replicas.iter().any(|replica| replica.is_present(now)), now))
    })
    .await
}

/// A job that nobody runs although somebody should.
fn overdue(jobs: &[ScheduledJob], is_served: bool, now: Timestamp) -> Finding {
    if jobs.is_empty() {
        return Finding::skipped("no daemon has entered its timetable yet");
    }
    let late = |job: &&ScheduledJob| job.running.is_none() && now.since(job.next_at) > job.every_seconds + LATE;
    let names: Vec<&str> = jobs.iter().filter(late).map(|job| job.name.as_str()).collect();
    match (names.is_empty(), is_served) {
        (true, _) => Finding::ok(format!("{} on time", jobs.len())),
        (false, false) => Finding::skipped("no daemon runs"),
        (false, true) => Finding::failed(
            format!("{} should have run long ago", names.join(", ")),
            "the daemons' logs say why; baryctl jobs trigger NAME --wait",
        ),
    }
}

pub(super) async fn versions(subject: &Subject<'_>) -> Finding {
    let now = subject.now;
    asking(subject, |store| async move { Ok(same_version(&store.replicas().all().await?, now)) }).await
}

pub(super) async fn root_keys(subject: &Subject<'_>) -> Finding {
    let now = subject.now;
    asking(subject, |store| async move { Ok(same_root(&store.replicas().all().await?, now)) }).await
}

fn same_version(replicas: &[Replica], now: Timestamp) -> Finding {
    let (present, found) = those_present(replicas, now, |replica| &replica.version);
    match found.as_slice() {
        [] => Finding::skipped("no daemon runs"),
        [version] => Finding::ok(format!("barycenterd {version} ({} running)", present.len())),
        _ => Finding::warning(
            format!("replicas of different versions serve: {}", told(&present, |replica| &replica.version)),
            "during a rolling update this is as it should be; afterwards, look for the one that was left out",
        ),
    }
}

fn same_root(replicas: &[Replica], now: Timestamp) -> Finding {
    let (present, found) = those_present(replicas, now, |replica| &replica.root);
    match found.len() {
        0 => Finding::skipped("no daemon runs"),
        1 => Finding::ok(format!("the same everywhere ({} running)", present.len())),
        _ => Finding::failed(
            format!("replicas have different root keys: {}", told(&present, |replica| &replica.root)),
            "mount the same root key (keys.private_key_path) on every replica, and restart them",
        ),
    }
}

/// Returns the replicas that are there, and what they have of something, each once.
fn those_present(replicas: &[Replica], now: Timestamp, what: fn(&Replica) -> &String) -> (Vec<&Replica>, Vec<&String>) {
    let present: Vec<&Replica> = replicas.iter().filter(|replica| replica.is_present(now)).collect();
    let found: BTreeSet<&String> = present.iter().map(|replica| what(replica)).collect();
    (present, found.into_iter().collect())
}

fn told(replicas: &[&Replica], what: fn(&Replica) -> &String) -> String {
    replicas.iter().map(|replica| format!("{} has {}", replica.name, what(replica))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

    fn replica(name: &str, version: &str, root: &str, seen: i64) -> Replica {
        Replica {
            id: name.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            root: root.to_owned(),
            schema: "0001".to_owned(),
            issuer: "https://auth.example.com".to_owned(),
            public_address: None,
            started_at: NOW.plus(-100),
            seen_at: NOW.plus(-seen),
        }
    }

    #[test]
    fn replicas_that_are_there_have_the_same_version_and_root_key() {
        let both = [replica("a", "1", "r", 1), replica("b", "1", "r", 2)];
        assert_eq!((same_version(&both, NOW).status, same_root(&both, NOW).status), (Status::Ok, Status::Ok));
        let mixed = [replica("a", "1", "r", 1), replica("b", "2", "s", 2)];
        assert_eq!(same_version(&mixed, NOW).status, Status::Warning);
        assert_eq!(same_root(&mixed, NOW).message, "replicas have different root keys: a has r, b has s");
        let gone = [replica("a", "1", "r", 1), replica("b", "2", "s", 600)];
        assert_eq!(same_root(&gone, NOW).status, Status::Ok, "who is gone does not count");
        assert_eq!(same_version(&[], NOW).status, Status::Skipped);
    }

    #[test]
    fn a_job_is_overdue_only_where_a_daemon_should_run_it() {
        let job = |late: i64| ScheduledJob {
            name: "clean-up".to_owned(),
            about: String::new(),
            every_seconds: 600,
            next_at: NOW.plus(-late),
            succeeded_at: None,
            running: None,
        };
        assert_eq!(overdue(&[job(30)], true, NOW).status, Status::Ok);
        assert_eq!(overdue(&[job(3600)], true, NOW).status, Status::Failed);
        assert_eq!(overdue(&[job(3600)], false, NOW).status, Status::Skipped);
        assert_eq!(overdue(&[], true, NOW).status, Status::Skipped);
    }
}
