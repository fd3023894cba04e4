//! Syncing a users file: at once from several places, again, and against accounts that somebody else owns.

use barycenter_e2e::{DatabaseKind, Deployment};

on_both_databases!(three_at_once_on_an_empty_database_succeed, a_second_run_changes_nothing_and_says_so,);

/// What three replicas' init containers do: nothing exists yet, neither tables nor keys.
async fn three_at_once_on_an_empty_database_succeed(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let users = deployment.users();
    let (first, second, third) =
        tokio::join!(deployment.sync_users(&users), deployment.sync_users(&users), deployment.sync_users(&users),);
    for finished in [first, second, third] {
        finished.exited(0);
    }
    deployment.direct(&["diff", "-f", &users]).await.exited(0);
    let daemon = deployment.start().await;
    assert_eq!(daemon.stop().await, 0);
}

async fn a_second_run_changes_nothing_and_says_so(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let users = deployment.users();
    deployment.sync_users(&users).await.exited(0).said(&["2 created"]);
    let before = deployment.direct(&["users", "list", "-o", "json"]).await.exited(0);
    deployment.sync_users(&users).await.exited(0).said(&["unchanged"]);
    deployment.direct(&["users", "sync", "-f", &users]).await.exited(0).said(&["unchanged"]);
    let after = deployment.direct(&["users", "list", "-o", "json"]).await.exited(0);
    assert_eq!(before.stdout, after.stdout);
}
