//! kill -9 at any point of a rotation: afterwards the keyring is as it was or as it should be, and running the same
//! command again ends where one run would have.

use std::time::{Duration, Instant};

use barycenter_e2e::{DatabaseKind, Deployment, program};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

on_both_databases!(
    a_rotation_that_is_killed_leaves_a_keyring_that_works,
    a_daemon_that_is_killed_while_keys_move_goes_on
);

/// Points in time at which a run is killed.
const POINTS: u32 = 50;
/// How many of them at a time.
const AT_ONCE: usize = 5;

/// A number that looks random and is the same in every run.
fn scattered(seed: u32) -> u32 {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(7);
    for _ in 0..3 {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
    }
    state
}

/// Returns how many keys are pending, after checking that one signs and everything can be opened.
async fn pending(deployment: &Deployment) -> usize {
    let list = deployment.direct(&["keys", "list", "-o", "json"]).await.exited(0).json();
    let keys = list["items"].as_array().expect("keys");
    let count = |state: &str| keys.iter().filter(|key| key["state"] == state).count();
    assert_eq!(count("active"), 1, "{list}");
    assert!(count("pending") <= 1, "{list}");
    // Opens every private half that may sign.
    deployment.direct(&["keys", "rotate", "--alg", "EdDSA", "--dry-run"]).await.exited(0);
    count("pending")
}

async fn prepared(database: DatabaseKind) -> Deployment {
    let mut deployment = Deployment::new(database).await;
    deployment.set("KEYS__ALG", "ES256");
    deployment.sync_users(&deployment.users()).await.exited(0);
    deployment
}

/// Returns how long a run takes that nobody kills, among as many others as there will be then.
async fn undisturbed(database: DatabaseKind) -> Duration {
    let run = |_| async move {
        let deployment = prepared(database).await;
        let began = Instant::now();
        deployment.direct(&["keys", "rotate", "--yes", "-q"]).await.exited(0);
        began.elapsed()
    };
    let times: Vec<Duration> = stream::iter(0..AT_ONCE).map(run).buffer_unordered(AT_ONCE).collect().await;
    times.into_iter().max().expect("at least one run")
}

async fn a_rotation_that_is_killed_leaves_a_keyring_that_works(database: DatabaseKind) {
    let whole = undisturbed(database).await;
    let killed = stream::iter(0..POINTS).map(|seed| async move {
        let deployment = prepared(database).await;
        let config = deployment.path("app/config.toml");
        let arguments = ["--direct", "--config", config.to_str().expect("UTF-8"), "keys", "rotate", "--yes", "-q"];
        let mut child = deployment.command(program::find("baryctl"), &arguments).spawn().expect("baryctl starts");
        tokio::time::sleep(whole.mul_f64(f64::from(scattered(seed) % 1400) / 1000.0)).await;
        let _ = child.start_kill();
        let _ = child.wait().await;
        let before = pending(&deployment).await;
        let again = deployment.direct(&["keys", "rotate", "--yes"]).await;
        assert_eq!(again.code, if before == 0 { 0 } else { 6 }, "point {seed}: {again}");
        assert_eq!(pending(&deployment).await, 1, "point {seed}");
        before
    });
    let found: Vec<usize> = killed.buffer_unordered(AT_ONCE).collect().await;
    let late = found.iter().filter(|pending| **pending == 1).count();
    assert!(late > 0 && late < found.len(), "{POINTS} runs of {whole:?}: {late} were killed behind the rotation");
}

async fn a_daemon_that_is_killed_while_keys_move_goes_on(database: DatabaseKind) {
    let mut deployment = prepared(database).await;
    // Rotates by itself all the time.
    for (name, value) in [
        ("KEYS__JWKS_MAX_AGE", "1"),
        ("KEYS__CLOCK_SKEW", "2"),
        ("KEYS__ROTATE_EVERY", "8"),
        ("OIDC__ID_TOKEN_LIFETIME", "1"),
        ("OIDC__ACCESS_TOKEN_LIFETIME", "1"),
    ] {
        deployment.set(name, value);
    }
    let mut kids = std::collections::BTreeSet::new();
    for seed in 0..8 {
        let daemon = deployment.start().await;
        tokio::time::sleep(Duration::from_millis(2000 + u64::from(scattered(seed) % 4000))).await;
        drop(daemon);
        let list = deployment.direct(&["keys", "list", "-o", "json"]).await.exited(0).json();
        let keys = list["items"].as_array().expect("keys");
        let active: Vec<&Value> = keys.iter().filter(|key| key["state"] == "active").collect();
        assert_eq!(active.len(), 1, "{list}");
        kids.insert(active[0]["kid"].to_string());
    }
    assert!(kids.len() > 1, "no key has moved");
    let daemon = deployment.start().await;
    assert_eq!(daemon.stop().await, 0);
}
