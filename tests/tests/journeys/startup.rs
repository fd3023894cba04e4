//! A start that cannot succeed says what stands in the way, where, and how to go on; and leaves nothing behind.

use std::net::TcpListener;

use barycenter_e2e::{DatabaseKind, Deployment, database, deployment::GUIDE_CONFIG};

on_both_databases!(
    faults_of_the_configuration_are_reported_together,
    a_named_configuration_file_must_exist,
    variables_that_kubernetes_sets_are_ignored,
    the_effective_configuration_shows_no_secret,
    port_zero_takes_a_free_port,
    a_port_in_use_is_named,
    a_folder_that_cannot_be_written_is_named,
    a_database_newer_than_the_program_is_refused,
    another_root_key_is_refused,
);

#[tokio::test]
async fn a_missing_folder_of_a_sqlite_database_is_named() {
    let mut deployment = Deployment::new(DatabaseKind::Sqlite).await;
    let folder = deployment.path("data/missing");
    deployment.set("DATABASE__URL", &format!("sqlite://{}/barycenter.db?mode=rwc", folder.display()));
    let finished = deployment.barycenterd(&[]).await;
    assert_ne!(finished.code, 0);
    finished.complained(&[&folder.to_string_lossy()]);
    assert!(!folder.exists(), "the folder was made");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_kept() {
    let deployment = Deployment::new(DatabaseKind::Sqlite).await;
    let text = "these are somebody's notes, and not a database at all\n".repeat(100);
    deployment.write("data/barycenter.db", &text);
    let finished = deployment.barycenterd(&[]).await;
    assert_ne!(finished.code, 0);
    finished.complained(&["barycenter.db"]);
    let kept = std::fs::read_to_string(deployment.path("data/barycenter.db")).expect("the file is kept");
    assert_eq!(kept, text);
}

#[tokio::test]
async fn a_database_server_that_is_away_is_named_without_its_password() {
    let mut deployment = Deployment::new(DatabaseKind::Sqlite).await;
    let url = format!("postgresql://barycenter:canary-6f1c@127.0.0.1:{}/barycenter", deployment.port() + 3);
    deployment.set("DATABASE__URL", &url);
    let users = deployment.users();
    for finished in [
        deployment.barycenterd(&[]).await.exited(1),
        deployment.sync_users(&users).await.exited(8),
        deployment.direct(&["users", "list"]).await.exited(8),
    ] {
        let finished = finished.complained(&["127.0.0.1"]);
        assert!(!format!("{finished}").contains("canary"), "{finished}");
    }
}

async fn faults_of_the_configuration_are_reported_together(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let config = GUIDE_CONFIG
        .replace("allow_public_registration", "alow_public_registration")
        .replace("\"RS256\"", "\"RS257\"")
        .replace("trust_anchors = []", "trust_anchors = [\"https://anchor.example.com\"]");
    deployment.write("app/config.toml", &config);
    let finished = deployment.barycenterd(&["check-config"]).await.exited(2);
    finished.complained(&[
        "config.toml:7:",
        "did you mean `allow_public_registration`",
        "config.toml:16:",
        "[keys] alg",
        "config.toml:19:",
        "trust_anchors",
    ]);
    deployment.barycenterd(&[]).await.exited(2);
    assert!(!deployment.path("data/private_key.pem").exists(), "a key was made");
}

async fn a_named_configuration_file_must_exist(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let nowhere = deployment.path("nowhere.toml");
    let nowhere = nowhere.to_str().expect("UTF-8");
    for arguments in [["--config", nowhere, "check-config"], ["check-config", "--config", nowhere]] {
        deployment.barycenterd(&arguments).await.exited(2).complained(&[nowhere]);
    }
    deployment.baryctl(&["--direct", "--config", nowhere, "users", "list"]).await.exited(2).complained(&[nowhere]);
}

/// A Service named `barycenter` makes such variables in every pod of its namespace.
async fn variables_that_kubernetes_sets_are_ignored(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.set_variable("BARYCENTER_ADMIN_PORT", "tcp://10.0.0.1:8081");
    deployment.set_variable("BARYCENTER_SERVICE_HOST", "10.0.0.1");
    deployment.set_variable("BARYCENTER_PORT_8080_TCP_ADDR", "10.0.0.1");
    deployment.barycenterd(&["check-config"]).await.exited(0);
}

async fn the_effective_configuration_shows_no_secret(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.set("ADMIN__TOKEN", "canary-6f1c-canary-6f1c-canary-6f1c-canary-6f1c");
    let password = url::Url::parse(deployment.database_url()).ok().and_then(|url| url.password().map(str::to_owned));
    let finished = deployment.barycenterd(&["check-config", "--print"]).await.exited(0);
    let said = format!("{finished}");
    assert!(said.contains(&deployment.issuer()), "{said}");
    assert!(!said.contains("canary"), "the admin token is shown\n{said}");
    if let Some(password) = password {
        assert!(!said.contains(&password), "the database password is shown");
    }
}

async fn port_zero_takes_a_free_port(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.set("SERVER__PORT", "0");
    deployment.set("SERVER__ADMIN_PORT", "0");
    let daemon = deployment.start().await;
    for listener in ["public", "admin"] {
        let address = daemon.address(listener);
        let port = address.rsplit(':').next().unwrap_or_default();
        assert!(port.parse::<u16>().is_ok_and(|port| port != 0), "{address:?} in\n{}", daemon.log());
        let page = barycenter_e2e::Visitor::new().get(&format!("http://127.0.0.1:{port}/readyz")).await;
        assert_eq!(page.status, 200);
    }
    assert_eq!(daemon.stop().await, 0);
}

async fn a_port_in_use_is_named(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    for port in [deployment.port(), deployment.port() + 1] {
        let _taken = TcpListener::bind(("0.0.0.0", port)).expect("a free port");
        deployment.barycenterd(&[]).await.exited(1).complained(&[&port.to_string(), "in use"]);
    }
    // Neither attempt left anything in the way of the next one.
    let daemon = deployment.start().await;
    assert_eq!(daemon.stop().await, 0);
}

/// `/sys` refuses new files to everybody, root included.
async fn a_folder_that_cannot_be_written_is_named(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.set("KEYS__PRIVATE_KEY_PATH", "/sys/private_key.pem");
    let finished = deployment.barycenterd(&[]).await;
    assert_ne!(finished.code, 0);
    finished.complained(&["/sys"]);

    if database == DatabaseKind::Sqlite {
        let data = deployment.path("data/private_key.pem");
        deployment.set("KEYS__PRIVATE_KEY_PATH", &data.to_string_lossy());
        deployment.set("DATABASE__URL", "sqlite:///sys/barycenter.db?mode=rwc");
        let finished = deployment.barycenterd(&[]).await;
        assert_ne!(finished.code, 0);
        finished.complained(&["/sys/barycenter.db"]);
    }
}

async fn a_database_newer_than_the_program_is_refused(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let users = deployment.users();
    deployment.sync_users(&users).await.exited(0);
    database::execute(
        deployment.database_url(),
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('9999_from_the_future', 0)",
    )
    .await;
    let finished = deployment.barycenterd(&[]).await;
    assert_ne!(finished.code, 0);
    finished.complained(&["9999", "0004", "newer"]);
    deployment.sync_users(&users).await.exited(6).complained(&["9999"]);
    deployment.direct(&["users", "list"]).await.exited(6).complained(&["9999"]);
}

/// A replica that was given no key, or another one, must not sign with it.
async fn another_root_key_is_refused(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.sync_and_start().await;
    assert_eq!(daemon.stop().await, 0);
    let key = deployment.path("data/private_key.pem");
    let kept = deployment.path("data/kept.pem");
    std::fs::rename(&key, &kept).expect("the root key exists");

    let finished = deployment.barycenterd(&[]).await;
    assert_ne!(finished.code, 0);
    finished.complained(&["private_key.pem", "root key"]);

    std::fs::rename(&kept, &key).expect("the root key is put back");
    let daemon = deployment.start().await;
    assert_eq!(daemon.stop().await, 0);
}
