//! kill -9 in every phase of a sync: afterwards the store is consistent, and running the same command again converges.

use std::time::{Duration, Instant};

use barycenter_e2e::{DatabaseKind, Deployment, program};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

on_both_databases!(a_sync_that_is_killed_leaves_nothing_half_written, a_daemon_that_is_killed_loses_nothing);

/// Points in time at which a run is killed.
const POINTS: u32 = 50;
/// How many of them at a time: a run that was killed leaves a lease that the next one waits for.
const AT_ONCE: usize = 10;
/// Users of the file: three transactions.
const USERS: usize = 2_500;

fn file() -> Value {
    let user = |number: usize| {
        json!({ "external_id": number.to_string(), "username": format!("user{number}"), "email": format!("user{number}@x.example"),
            "groups": ["one", "two"], "properties": { "number": number } })
    };
    json!({ "users": (0..USERS).map(user).collect::<Vec<_>>() })
}

/// A number that looks random and is the same in every run.
fn scattered(seed: u32) -> u32 {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    for _ in 0..3 {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
    }
    state
}

/// Every user that is there is there as a whole.
async fn assert_consistent(deployment: &Deployment) -> usize {
    let fields = ["users", "list", "-o", "ndjson", "--fields", "username,external_id,email,groups,properties,manager"];
    let users = deployment.direct(&fields).await.exited(0);
    for line in users.stdout.lines() {
        let user: Value = serde_json::from_str(line).expect("JSON");
        let number = user["properties"]["number"].as_u64().expect("a number").to_string();
        assert_eq!(user["external_id"], number, "{user}");
        assert_eq!(user["email"], format!("user{number}@x.example"), "{user}");
        assert_eq!((&user["groups"], &user["manager"]), (&json!(["one", "two"]), &json!("users.json")), "{user}");
    }
    let written = users.stdout.lines().count();
    assert!(written % 1000 == 0 || written == USERS, "{written} users are no whole number of transactions");
    written
}

/// Returns how long a run takes that nobody kills, among as many others as there will be then.
async fn undisturbed(database: DatabaseKind) -> Duration {
    let run = |_| async move {
        let deployment = Deployment::new(database).await;
        let path = deployment.write("secrets/many.json", &file().to_string());
        deployment.direct(&["db", "migrate"]).await.exited(0);
        let started = Instant::now();
        deployment.direct(&["sync", "-f", &path]).await.exited(0);
        started.elapsed()
    };
    let times: Vec<Duration> = stream::iter(0..AT_ONCE).map(run).buffer_unordered(AT_ONCE).collect().await;
    times.into_iter().max().expect("at least one run")
}

async fn a_sync_that_is_killed_leaves_nothing_half_written(database: DatabaseKind) {
    let whole = undisturbed(database).await;
    let killed = stream::iter(0..POINTS).map(|seed| async move {
        let deployment = Deployment::new(database).await;
        let path = deployment.write("secrets/many.json", &file().to_string());
        deployment.direct(&["db", "migrate"]).await.exited(0);
        let config = deployment.path("app/config.toml");
        let arguments = ["--direct", "--config", config.to_str().expect("UTF-8"), "sync", "-q", "-f", &path];
        let mut command = deployment.command(program::find("baryctl"), &arguments);
        let mut child = command.spawn().expect("baryctl starts");
        tokio::time::sleep(whole.mul_f64(f64::from(scattered(seed) % 1400) / 1000.0)).await;
        let _ = child.start_kill();
        let _ = child.wait().await;
        let written = assert_consistent(&deployment).await;
        deployment.direct(&["sync", "-f", &path, "--lock-timeout", "60s"]).await.exited(0);
        deployment.direct(&["diff", "-f", &path]).await.exited(0);
        assert_eq!(assert_consistent(&deployment).await, USERS, "point {seed}");
        written
    });
    let written: Vec<usize> = killed.buffer_unordered(AT_ONCE).collect().await;
    let early = written.iter().filter(|written| **written == 0).count();
    let late = written.iter().filter(|written| **written == USERS).count();
    assert!(
        early > 0 && late > 0,
        "{POINTS} runs of {whole:?}: {early} killed before anything was written, {late} behind it"
    );
}

async fn a_daemon_that_is_killed_loses_nothing(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let path = deployment.write("secrets/many.json", &file().to_string());
    for seed in 0..5 {
        let daemon = deployment.start().await;
        let arguments = ["sync", "-f", &path, "--lock-timeout", "60s", "--timeout", "5s"];
        let (finished, ()) = tokio::join!(deployment.online(&arguments), async {
            tokio::time::sleep(Duration::from_millis(u64::from(scattered(seed) % 1500))).await;
            drop(daemon);
        });
        assert!(matches!(finished.code, 0 | 8), "{finished}");
        assert_consistent(&deployment).await;
    }
    let daemon = deployment.start().await;
    deployment.online(&["sync", "-f", &path, "--lock-timeout", "60s"]).await.exited(0);
    deployment.online(&["diff", "-f", &path]).await.exited(0);
    assert_eq!(assert_consistent(&deployment).await, USERS);
    assert_eq!(daemon.stop().await, 0);
}
