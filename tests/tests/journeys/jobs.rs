//! What the daemon does by itself, seen by operators: triggered, waited for, listed, and taken over from the dead.

use std::time::{Duration, Instant};

use barycenter_e2e::{DatabaseKind, Deployment, Visitor, database};
use serde_json::Value;

on_both_databases!(
    a_job_is_triggered_waited_for_and_listed,
    a_run_whose_replica_was_killed_is_taken_over,
    replicas_that_start_together_share_the_timetable,
    a_run_is_waited_for_whatever_becomes_of_it,
    a_run_is_cancelled_on_whichever_replica_it_is,
    steps_of_keys_are_in_the_history,
);

/// How often something is looked at that will come by itself.
const PAUSE: Duration = Duration::from_millis(200);
/// And how long.
const PATIENCE: Duration = Duration::from_secs(60);

/// An SQL query with the numbers from 1 to `most`, as column `i`.
fn numbers(database: DatabaseKind, most: u64) -> String {
    match database {
        DatabaseKind::Sqlite => {
            format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) SELECT i FROM n")
        }
        DatabaseKind::Postgresql => format!("SELECT i FROM generate_series(1, {most}) AS i"),
    }
}

/// Leases that have long ended: rows that belong to nobody.
async fn ended_leases(deployment: &Deployment, kind: DatabaseKind, most: u64) {
    let numbers = numbers(kind, most);
    let insert = format!(
        "INSERT INTO leases (name, holder, expires_at) SELECT 'ended ' || i, 'nobody', i FROM ({numbers}) AS n"
    );
    database::execute(deployment.database_url(), &insert).await;
}

async fn runs(deployment: &Deployment, more: &[&str]) -> Vec<Value> {
    let listed = deployment.direct(&[&["jobs", "list", "-o", "json"], more].concat()).await.exited(0);
    listed.json()["items"].as_array().expect("a list").clone()
}

async fn a_job_is_triggered_waited_for_and_listed(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.start().await;
    ended_leases(&deployment, database, 1_100).await;

    let triggered = deployment.online(&["jobs", "trigger", "clean-up", "--wait"]).await.exited(0);
    assert!(triggered.stdout.starts_with("clean-up ") && triggered.stdout.contains(" ok in "), "{triggered}");
    assert!(triggered.stdout.trim_end().ends_with(": 1100 leases"), "{triggered}");
    let again = deployment.online(&["jobs", "trigger", "clean-up", "--wait", "-o", "json"]).await.exited(0).json();
    assert_eq!((&again["state"], &again["trigger"]), (&Value::from("ok"), &Value::from("operator")), "{again:#}");

    let of = ["jobs", "list", "--name", "clean-up", "-o", "json"];
    let (direct, online) = (runs(&deployment, &["--name", "clean-up"]).await, deployment.online(&of).await);
    assert_eq!(online.json()["items"].as_array(), Some(&direct), "both targets see the same");
    let id = direct[1]["id"].as_str().expect("an id");
    assert_eq!((direct.len(), &direct[1]["counts"]["leases"]), (2, &Value::from(1100)), "{direct:#?}");
    let table = deployment.online(&["jobs", "list", "--state", "ok", "--since", "1h"]).await.exited(0);
    assert!(table.stdout.starts_with("ID ") && table.stdout.contains("clean-up"), "{table}");
    let failed = deployment.direct(&["jobs", "list", "--state", "failed", "-o", "name"]).await.exited(0);
    assert_eq!(failed.stdout, "");
    let timetable = deployment.direct(&["jobs", "list", "--timetable"]).await.exited(0);
    timetable.said(&["clean-up", "removes what has expired", "jwks-mirror", "key-rotation"]);

    for target in [deployment.direct(&["jobs", "get", id]).await, deployment.online(&["jobs", "get", id]).await] {
        target.exited(0).said(&["counts.leases  1100", "asked for by   admin token"]);
    }
    deployment.direct(&["jobs", "logs", id]).await.exited(0);
    deployment.online(&["jobs", "logs", id, "--follow", "-o", "ndjson"]).await.exited(0);
    for command in [["jobs", "get", "nothing"], ["jobs", "logs", "nothing"], ["jobs", "trigger", "nothing"]] {
        deployment.online(&command).await.exited(5).complained(&["nothing"]);
    }
    deployment.online(&["jobs", "trigger", "nothing"]).await.exited(5).complained(&["clean-up"]);
    deployment.direct(&["jobs", "trigger", "clean-up"]).await.exited(2).complained(&["--direct"]);
    assert_eq!(daemon.stop().await, 0);
}

async fn a_run_whose_replica_was_killed_is_taken_over(kind: DatabaseKind) {
    let deployment = Deployment::new(kind).await;
    let daemon = deployment.start().await;
    let survivor = deployment.start_replica().await;
    ended_leases(&deployment, kind, 150_000).await;
    let triggered = deployment.online(&["jobs", "trigger", "clean-up", "-o", "name"]).await.exited(0);
    let busy = deployment.online(&["jobs", "trigger", "clean-up"]).await.exited(6);
    assert!(busy.stderr.contains(triggered.stdout.trim()), "{busy}");
    // Dropping a daemon kills it without a word.
    drop(daemon);
    let left = runs(&deployment, &["--state", "running", "--name", "clean-up"]).await;
    assert_eq!((left.len(), left[0]["id"].as_str()), (1, Some(triggered.stdout.trim())), "it was under way");
    // What a minute would do.
    database::execute(deployment.database_url(), "UPDATE jobs SET held_until = 1 WHERE run_id IS NOT NULL").await;
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            let found = runs(&deployment, &["--name", "clean-up"]).await;
            if found[0]["state"] == "ok" {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    let found = found.await.expect("the survivor takes over");
    assert_eq!((found.len(), &found[1]["state"]), (2, &Value::from("abandoned")), "{found:#?}");
    assert_eq!(found[0]["trigger"], "schedule");
    assert_ne!(found[0]["replica"], found[1]["replica"]);
    let counted = found[0]["counts"]["leases"].as_u64();
    assert!(
        counted.is_some_and(|count| (1..=150_100).contains(&count)),
        "what the dead one left is removed: {found:#?}"
    );
    database::execute(deployment.database_url(), "DELETE FROM replicas").await;
    assert_eq!(survivor.stop().await, 0);
}

async fn replicas_that_start_together_share_the_timetable(kind: DatabaseKind) {
    let deployment = Deployment::new(kind).await;
    deployment.direct(&["db", "migrate"]).await.exited(0);
    // It was due long ago, as after a night without any daemon.
    database::execute(
        deployment.database_url(),
        "INSERT INTO jobs (name, about, every_seconds, next_at) VALUES ('clean-up', 'removes what has expired', 600, 1000)",
    )
    .await;
    let first = deployment.start().await;
    let (second, third) = tokio::join!(deployment.start_replica(), deployment.start_replica());
    let metrics = format!("http://{}/metrics", first.address("admin").replace("0.0.0.0", "127.0.0.1"));
    let heard = tokio::time::timeout(PATIENCE, async {
        loop {
            let page = Visitor::new().get(&metrics).await;
            let ran = page.body.lines().any(|line| {
                line.strip_prefix("barycenter_job_last_success_timestamp_seconds{job=\"clean-up\"} ")
                    .is_some_and(|time| time != "0")
            });
            if ran && page.body.lines().any(|line| line == "barycenter_replicas 3") {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    heard.await.expect("three replicas, and a run");
    let found = runs(&deployment, &["--name", "clean-up"]).await;
    assert_eq!((found.len(), &found[0]["state"]), (1, &Value::from("ok")), "one of three: {found:#?}");
    for daemon in [third, second, first] {
        assert_eq!(daemon.stop().await, 0);
    }
}

async fn a_run_is_waited_for_whatever_becomes_of_it(kind: DatabaseKind) {
    let deployment = Deployment::new(kind).await;
    let daemon = deployment.start().await;
    ended_leases(&deployment, kind, 3_000).await;
    let run = deployment.online(&["jobs", "trigger", "clean-up", "-o", "name"]).await.exited(0).stdout;
    let wanted = format!("job={}", run.trim());
    let wait = ["wait", "--for", wanted.as_str(), "--timeout", "1m", "--interval", "100ms"];
    let (online, direct) = tokio::join!(deployment.online(&wait), deployment.direct(&wait));
    for finished in [online, direct] {
        finished.exited(0).complained(&[&format!("waiting for {wanted} (1m)"), "ok after"]);
    }
    for (state, error) in [("failed", "the disk is full"), ("abandoned", "its replica went away")] {
        let change = format!("UPDATE job_runs SET state = '{state}', error = '{error}' WHERE id = '{}'", run.trim());
        database::execute(deployment.database_url(), &change).await;
        for finished in [deployment.online(&wait).await, deployment.direct(&wait).await] {
            finished.exited(3).complained(&[&format!("clean-up {state}: {error}"), "baryctl jobs logs"]);
        }
    }
    let unknown = ["wait", "--for", "job=nothing", "--timeout", "1m"];
    for finished in [deployment.online(&unknown).await, deployment.direct(&unknown).await] {
        finished.exited(5).complained(&["there is no run \"nothing\""]);
    }
    assert_eq!(daemon.stop().await, 0);
}

async fn a_run_is_cancelled_on_whichever_replica_it_is(kind: DatabaseKind) {
    let deployment = Deployment::new(kind).await;
    let daemon = deployment.start().await;
    let other = deployment.start_replica().await;
    ended_leases(&deployment, kind, 150_000).await;
    let server = format!("http://{}", other.address("admin").replace("0.0.0.0", "127.0.0.1"));
    let token = deployment.path("data/admin.token");
    let elsewhere = ["--server", server.as_str(), "--token-file", token.to_str().expect("UTF-8")];
    let trigger = [&elsewhere[..], &["jobs", "trigger", "clean-up", "-o", "name"]].concat();
    let run = deployment.baryctl(&trigger).await.exited(0).stdout;
    let cancel = ["jobs", "cancel", run.trim()];
    deployment.direct(&cancel).await.exited(2).complained(&["--direct"]);
    let began = Instant::now();
    let cancelled = deployment.online(&cancel).await.exited(0);
    assert!(began.elapsed() < Duration::from_secs(10), "after {:?}", began.elapsed());
    assert!(cancelled.stdout.starts_with(&format!("clean-up {} cancelled in ", run.trim())), "{cancelled}");
    deployment.online(&cancel).await.exited(6).complained(&["has ended already: cancelled"]);
    deployment.online(&["jobs", "cancel", "nothing"]).await.exited(5).complained(&["\"nothing\""]);
    for finished in
        [deployment.online(&["jobs", "get", run.trim()]).await, deployment.direct(&["jobs", "get", run.trim()]).await]
    {
        finished.exited(0).said(&["cancelled by   admin token", "state          cancelled"]);
    }
    let wanted = format!("job={}", run.trim());
    deployment.direct(&["wait", "--for", &wanted]).await.exited(3).complained(&["cancelled by admin token"]);
    assert_eq!(runs(&deployment, &["--state", "cancelled"]).await.len(), 1);
    deployment.online(&["doctor", "--only", "jobs"]).await.exited(0).said(&["none failed"]);
    let rest = deployment.online(&["jobs", "trigger", "clean-up", "--wait", "-o", "json"]).await.exited(0).json();
    assert!(rest["counts"]["leases"].as_u64().is_some_and(|left| left > 0), "it did not go on to the end: {rest}");
    for daemon in [other, daemon] {
        assert_eq!(daemon.stop().await, 0);
    }
}

/// The loop takes them on the second; the history has them all the same.
async fn steps_of_keys_are_in_the_history(kind: DatabaseKind) {
    let mut deployment = Deployment::new(kind).await;
    for name in ["KEYS__JWKS_MAX_AGE", "KEYS__CLOCK_SKEW"] {
        deployment.set(name, "2");
    }
    let daemon = deployment.start().await;
    let rotated = deployment.online(&["keys", "rotate", "--yes", "-o", "name"]).await.exited(0).stdout;
    let key = format!("key-active={}", rotated.trim());
    deployment.online(&["wait", "--for", &key, "--interval", "200ms"]).await.exited(0);
    let said = tokio::time::timeout(PATIENCE, async {
        loop {
            let found = runs(&deployment, &["--name", "key-rotation"]).await;
            if let Some(run) = found.iter().find(|run| run["counts"]["activated"] == 1) {
                return deployment.direct(&["jobs", "logs", run["id"].as_str().expect("an id")]).await.exited(0);
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    said.await.expect("the step is noted").said(&[&format!("{} signs from now on", rotated.trim())]);
    let done = deployment.online(&["jobs", "trigger", "key-rotation", "--wait"]).await.exited(0);
    assert!(done.stdout.contains(" ok in "), "{done}");
    std::fs::remove_file(deployment.path("data/jwks.json")).expect("the mirror");
    deployment.online(&["jobs", "trigger", "jwks-mirror", "--wait"]).await.exited(0);
    assert!(deployment.path("data/jwks.json").exists());
    assert_eq!(daemon.stop().await, 0);
}
