//! A connection that drops in every phase of a sync: what was not done is done by the next run, and nothing twice.

use barycenter_e2e::proxy::{Breaks, Proxy};
use barycenter_e2e::{DatabaseKind, Deployment, Finished};
use serde_json::{Value, json};

on_both_databases!(a_sync_survives_connections_that_drop, a_sync_that_lost_its_server_is_finished_by_the_next);

/// How many points, evenly spread over everything that passes.
const POINTS: u64 = 6;
/// Users of the file: three transactions.
const USERS: usize = 2_100;

/// The users as they are in one generation of the file: each changes everybody.
fn file(deployment: &Deployment, generation: u64) -> String {
    let user =
        |number: usize| json!({ "username": format!("user{number}"), "properties": { "generation": generation } });
    let users: Vec<Value> = (0..USERS).map(user).collect();
    deployment.write("secrets/many.json", &json!({ "users": users }).to_string())
}

async fn through(proxy: &Proxy, deployment: &Deployment, arguments: &[&str]) -> Finished {
    let (base, token) = (proxy.base(), deployment.path("data/admin.token"));
    let mut all = vec!["--server", &base, "--token-file", token.to_str().expect("UTF-8"), "--timeout", "5s"];
    all.extend(arguments);
    deployment.baryctl(&all).await
}

/// Makes everybody, and changes everybody once without a fault; returns how many bytes the change takes.
async fn undisturbed(deployment: &Deployment) -> u64 {
    let proxy = Proxy::start(deployment.port() + 1, Breaks::Never).await;
    through(&proxy, deployment, &["sync", "-f", &file(deployment, 0)]).await.exited(0);
    let before = proxy.passed();
    through(&proxy, deployment, &["sync", "-f", &file(deployment, 1)]).await.exited(0);
    proxy.passed() - before
}

async fn generation_of_all(deployment: &Deployment, generation: u64) {
    let users =
        deployment.direct(&["users", "list", "-o", "value", "--fields", "properties.generation"]).await.exited(0);
    assert_eq!(users.stdout.lines().filter(|line| *line == generation.to_string()).count(), USERS);
}

async fn a_sync_survives_connections_that_drop(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.start().await;
    let whole = undisturbed(&deployment).await;
    for point in 1..=POINTS {
        // No request, with its answer, is longer than half of it: every one passes whole in the end.
        let proxy = Proxy::start(deployment.port() + 1, Breaks::Each(whole * (POINTS + point) / (POINTS * 2))).await;
        let path = file(&deployment, 1 + point);
        let sync = through(&proxy, &deployment, &["sync", "-f", &path, "-o", "json"]).await.exited(0);
        let outcome: Value = serde_json::from_str(&sync.stdout).expect("JSON");
        assert_eq!(outcome["failures"].as_array().map_or(0, Vec::len), 0, "{outcome}");
        generation_of_all(&deployment, 1 + point).await;
    }
    drop(daemon);
}

async fn a_sync_that_lost_its_server_is_finished_by_the_next(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.start().await;
    let whole = undisturbed(&deployment).await;
    let mut broken = 0;
    for point in 1..=POINTS {
        let proxy = Proxy::start(deployment.port() + 1, Breaks::All(whole * point / (POINTS + 1))).await;
        let path = file(&deployment, 1 + point);
        let sync = through(&proxy, &deployment, &["sync", "-f", &path]).await;
        // On a machine that has become quicker meanwhile, a late break comes behind the end.
        if sync.code != 0 {
            let sync = sync.exited(8);
            assert!(sync.stderr.contains("error: "), "{sync}");
            broken += 1;
        }
        deployment.online(&["sync", "-f", &path, "--lock-timeout", "60s"]).await.exited(0);
        generation_of_all(&deployment, 1 + point).await;
        deployment.online(&["diff", "-f", &path]).await.exited(0);
    }
    assert!(broken > 0, "no sync met a break");
    drop(daemon);
}
