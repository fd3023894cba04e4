//! Looking after a deployment with the real programs: status, doctor, wait, db, config and the image's health check,
//! with their exit codes.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use barycenter_e2e::{DatabaseKind, Deployment, Finished, database, deployment::GUIDE_CONFIG, program};
use regex::Regex;
use serde_json::Value;

use crate::output::golden;

on_both_databases!(
    status_and_doctor_read_as_they_always_have,
    a_running_deployment_is_healthy_on_both_targets,
    online_and_direct_find_the_same,
    before_the_first_start_the_place_is_looked_at,
    a_doctor_tells_no_secret,
    what_is_waited_for_comes_or_does_not,
    a_schema_is_migrated_under_a_lock,
    a_container_is_asked_whether_it_is_healthy,
);

/// Takes out what differs from run to run and from machine to machine, beyond what lists and diffs have of it.
fn settled(deployment: &Deployment, finished: Finished) -> Finished {
    let port = deployment.port();
    let settle = |text: &str| {
        let mut text = text.replace(&(port + 1).to_string(), "ADMIN").replace(&port.to_string(), "PORT");
        for (pattern, name) in [
            (r"\d+ ms", "N ms"),
            (r#""latency_ms":\d+"#, r#""latency_ms":0"#),
            (r"[A-Za-z0-9_-]{43}", "KID"),
            (r"\d+(\.\d)? [kMGT]B free of \d+(\.\d)? [kMGT]B", "SIZE free of SIZE"),
            (r"sqlite \d+\.\d+\.\d+", "sqlite VERSION"),
            (r"postgres \d+\.\d+", "postgres VERSION"),
            (r#""database_version":"[0-9.]+""#, r#""database_version":"VERSION""#),
            (r"up \d+[a-z]+( \d+[a-z])?", "up SPAN"),
            (r"\d+[a-z]+( \d+[a-z])? old", "SPAN old"),
            (r"schema \d{4}", "schema NEWEST"),
            (r#""schema":"\d{4}""#, r#""schema":"NEWEST""#),
            (r"(sha256 )[0-9a-f]{64}", "${1}DIGEST"),
            (r", \d+(\.\d)? [kM]B, ", ", SIZE, "),
            (r"of the \d+ that", "of the N that"),
        ] {
            text = Regex::new(pattern).expect("a pattern").replace_all(&text, name).into_owned();
        }
        text
    };
    Finished { stdout: settle(&finished.stdout), stderr: settle(&finished.stderr), ..finished }
}

/// Status and doctor, word for word, as `tests/golden` has them (`make bless` rewrites them).
async fn status_and_doctor_read_as_they_always_have(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.sync_and_start().await;
    let kind = if database == DatabaseKind::Sqlite { "sqlite" } else { "postgresql" };
    for (name, finished) in [
        ("status-KIND.txt", deployment.online(&["status"]).await.exited(0)),
        ("status-KIND.json", deployment.online(&["status", "-o", "json"]).await.exited(0)),
        ("status-direct-KIND.txt", deployment.direct(&["status"]).await.exited(0)),
        ("doctor-KIND.txt", deployment.online(&["doctor"]).await.exited(0)),
        ("doctor-direct-KIND.txt", deployment.direct(&["doctor"]).await.exited(0)),
        ("doctor-KIND.json", deployment.online(&["doctor", "--only", "database,keys", "-o", "json"]).await.exited(0)),
    ] {
        golden(&deployment, &name.replace("KIND", kind), &settled(&deployment, finished));
    }
    assert_eq!(daemon.stop().await, 0);
    for (name, finished) in [
        ("doctor-away-KIND.txt", deployment.online(&["doctor"]).await.exited(1)),
        ("doctor-alone-KIND.txt", deployment.direct(&["doctor"]).await.exited(0)),
    ] {
        golden(&deployment, &name.replace("KIND", kind), &settled(&deployment, finished));
    }
}

/// Returns the checks by id: status and message.
fn found(finished: &Finished) -> Vec<(String, String, String)> {
    let document = finished.json();
    let checks = document["checks"].as_array().expect("checks");
    let text = |check: &Value, name: &str| check[name].as_str().expect("a text").to_owned();
    checks.iter().map(|check| (text(check, "id"), text(check, "status"), text(check, "message"))).collect()
}

fn status_of(finished: &Finished, id: &str) -> String {
    found(finished).into_iter().find(|(known, ..)| known == id).map(|(_, status, _)| status).unwrap_or_default()
}

async fn a_running_deployment_is_healthy_on_both_targets(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    deployment.baryctl(&["status", "--ready"]).await.exited(8);
    let admin = deployment.admin();
    deployment.baryctl(&["--server", &admin, "status", "--ready"]).await.exited(8);
    let daemon = deployment.sync_and_start().await;
    for probe in ["--ready", "--live"] {
        let finished = deployment.baryctl(&["--server", &admin, "status", probe]).await.exited(0);
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
    }
    deployment.direct(&["status", "--ready"]).await.exited(2);

    let shown = deployment.online(&["status"]).await.exited(0);
    let kind = if database == DatabaseKind::Sqlite { "sqlite" } else { "postgres" };
    shown.said(&[&admin, &deployment.issuer(), "· ready", kind, "(current)", "1 active (RS256, ", "2 (2 enabled)"]);
    let told = deployment.online(&["status", "-o", "json"]).await.exited(0).json();
    assert_eq!((&told["ready"], &told["healthy"], &told["users"]), (&true.into(), &true.into(), &2.into()));
    let told = deployment.direct(&["status", "-o", "json"]).await.exited(0).json();
    assert_eq!((&told["healthy"], &told["enabled_users"]), (&true.into(), &2.into()));

    // The guide's passwords are the one thing that somebody should look at.
    let report = deployment.path("doctor.xml");
    let junit = format!("junit={}", report.display());
    for checked in [
        deployment.online(&["doctor", "-o", "json", "--report", &junit]).await.exited(0),
        deployment.direct(&["doctor", "-o", "json"]).await.exited(0),
    ] {
        let wrong: Vec<_> = found(&checked)
            .into_iter()
            .filter(|(_, status, _)| matches!(status.as_str(), "warning" | "failed"))
            .collect();
        let ids: Vec<&str> = wrong.iter().map(|(id, ..)| id.as_str()).collect();
        assert_eq!(ids, ["users.sample-passwords"], "{wrong:#?}");
        for id in ["target.reachable", "keys.published", "issuer.discovery", "issuer.clock"] {
            assert_eq!(status_of(&checked, id), "ok", "{id}\n{checked}");
        }
    }
    let xml = std::fs::read_to_string(&report).expect("the report was written");
    assert!(xml.contains("name=\"keys.published\" classname=\"keys\""), "{xml}");
    deployment.online(&["doctor", "--strict"]).await.exited(1).said(&["admin, app-service have", "1 warning"]);
    deployment.online(&["doctor", "--strict", "--skip", "users.sample-passwords"]).await.exited(0);
    let keys = deployment.online(&["doctor", "--only", "keys", "-o", "json"]).await.exited(0);
    assert!(found(&keys).iter().all(|(id, ..)| id.starts_with("keys.")), "{keys}");
    deployment.online(&["doctor", "--only", "kyes"]).await.exited(2).complained(&["is none of target"]);
    deployment.online(&["doctor", "--skip", "no.such"]).await.exited(2).complained(&["help doctor"]);
    deployment.baryctl(&["help", "doctor", "db.pool"]).await.exited(0).said(&["max_connections"]);
    assert_eq!(daemon.stop().await, 0);

    // Without the daemon, the issuer is away: a warning, and the rest goes on.
    let alone = deployment.direct(&["doctor", "-o", "json"]).await.exited(0);
    assert_eq!(status_of(&alone, "issuer.discovery"), "warning", "{alone}");
    assert_eq!(status_of(&alone, "keys.keyring"), "ok", "{alone}");
    deployment.online(&["status"]).await.exited(8);
    let away = deployment.online(&["doctor", "-o", "json"]).await.exited(1);
    assert_eq!(status_of(&away, "target.reachable"), "failed");
}

/// One function makes the checks: only where they are made from differs.
async fn online_and_direct_find_the_same(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let online = found(&deployment.online(&["doctor", "-o", "json"]).await.exited(0));
    let direct = found(&deployment.direct(&["doctor", "-o", "json"]).await.exited(0));
    let ids = |checks: &[(String, String, String)]| checks.iter().map(|(id, ..)| id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&online), ids(&direct));
    for ((id, one, _), (_, other, _)) in online.iter().zip(&direct) {
        assert!(one == other || id == "db.integrity", "{id}: {one}, {other}");
    }
}

async fn before_the_first_start_the_place_is_looked_at(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    let config = deployment.path("app/config.toml");
    let pre = ["--config", config.to_str().expect("UTF-8"), "doctor", "--pre", "-o", "json"];
    let checked = deployment.baryctl(&pre).await.exited(0);
    assert!(found(&checked).iter().all(|(_, status, _)| status != "failed"), "{checked}");
    assert!(!deployment.path("data/barycenter.db").exists() && !deployment.path("data/private_key.pem").exists());

    deployment.set("KEYS__PRIVATE_KEY_PATH", &deployment.path("missing/private_key.pem").to_string_lossy());
    let checked = deployment.baryctl(&pre).await.exited(1);
    assert_eq!(status_of(&checked, "keys.folder"), "failed", "{checked}");

    deployment.write("app/config.toml", &GUIDE_CONFIG.replace("allow_public_registration", "alow_public_registration"));
    let checked = deployment.baryctl(&pre).await.exited(1);
    let (_, status, message) = found(&checked).remove(0);
    assert!(status == "failed" && message.contains("config.toml:7:"), "{message}");
}

async fn a_doctor_tells_no_secret(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.set("ADMIN__TOKEN", "canary-6f1c-canary-6f1c-canary-6f1c");
    deployment.set("DATABASE__MAX_CONNECTIONS", "4000");
    let _daemon = deployment.sync_and_start().await;
    let token = deployment.write("data/admin.token", "canary-6f1c-canary-6f1c-canary-6f1c\n");
    let admin = deployment.admin();
    let online = ["--server", &admin, "--token-file", &token, "-vv", "doctor"];
    let key = deployment.path("data/private_key.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("the key is there");
    let password = url::Url::parse(deployment.database_url()).ok().and_then(|url| url.password().map(str::to_owned));
    let wrong = deployment.write("data/wrong.token", "canary-of-another\n");
    for finished in [
        deployment.baryctl(&online).await.exited(1),
        deployment.direct(&["-vv", "doctor"]).await.exited(1),
        deployment.direct(&["-vv", "doctor", "-o", "json"]).await.exited(1),
        deployment.direct(&["-vv", "status"]).await.exited(0),
        deployment.baryctl(&["--server", &admin, "--token-file", &wrong, "doctor"]).await.exited(1),
    ] {
        let said = format!("{finished}");
        assert!(!said.contains("canary"), "{said}");
        assert!(password.as_deref().is_none_or(|password| !said.contains(password)), "{said}");
        assert!(!said.contains("CHANGE-ME"), "{said}");
    }
}

async fn what_is_waited_for_comes_or_does_not(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let admin = deployment.admin();
    let short = ["--timeout", "1s", "--interval", "200ms"];
    let wait = |conditions: &[&str]| {
        let mut all = vec!["wait".to_owned()];
        all.extend(conditions.iter().flat_map(|one| ["--for".to_owned(), (*one).to_owned()]));
        all.extend(short.map(str::to_owned));
        all
    };
    let online = async |conditions: &[&str]| {
        let all = wait(conditions);
        deployment.online(&all.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let direct = async |conditions: &[&str]| {
        let all = wait(conditions);
        deployment.direct(&all.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    online(&["ready"]).await.exited(8).complained(&["waiting for ready (1s)", "connection refused", "not reached"]);
    direct(&["ready"]).await.exited(2).complained(&["--direct has none"]);
    direct(&["nothing"]).await.exited(2).complained(&["key-active=KID"]);
    let before = direct(&["db", "migrated"]).await;
    match database {
        DatabaseKind::Sqlite => before.exited(8).complained(&["does not exist yet"]),
        DatabaseKind::Postgresql => before.exited(1).complained(&["db ok after 0s", "migrated: schema none, need"]),
    };

    // What is waited for comes meanwhile.
    let long =
        ["wait", "--for", "db", "--for", "migrated", "--for", "user=admin", "--timeout", "1m", "--interval", "200ms"];
    let users = deployment.users();
    let (waited, synced) = tokio::join!(deployment.direct(&long), async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        deployment.sync_users(&users).await
    });
    synced.exited(0);
    waited.exited(0).complained(&["waiting for db, migrated, user=admin (1m)", "migrated ok after"]);

    let ready =
        ["--server", &admin, "wait", "--for", "ready", "--for", "live", "--for", "reachable", "--timeout", "1m"];
    let (waited, daemon) = tokio::join!(deployment.baryctl(&ready), deployment.start());
    waited.exited(0);
    online(&["db", "migrated", "user=admin", "key-active"]).await.exited(0);
    online(&["user=nobody"]).await.exited(1).complained(&["user=nobody: there is no such user"]);
    direct(&["key-active=nothing"]).await.exited(1).complained(&["there is no such key"]);
    let keys = deployment.direct(&["keys", "list", "-o", "json"]).await.exited(0).json();
    let kid = format!("key-active={}", keys["items"][0]["kid"].as_str().expect("a kid"));
    direct(&[&kid]).await.exited(0);
    online(&[&kid]).await.exited(0);
    deployment.baryctl(&["--server", &admin, "wait", "--for", "user=admin", "--timeout", "1s"]).await.exited(4);
    assert_eq!(daemon.stop().await, 0);

    database::execute(
        deployment.database_url(),
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('9999_from_the_future', 0)",
    )
    .await;
    direct(&["migrated"]).await.exited(6).complained(&["9999"]);
}

async fn a_schema_is_migrated_under_a_lock(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let status = deployment.direct(&["db", "status"]).await;
    match database {
        DatabaseKind::Sqlite => status.exited(6).complained(&["does not exist yet", "baryctl db migrate"]),
        DatabaseKind::Postgresql => status.exited(1).said(&["schema    none (needs "]),
    };
    let staged = deployment.direct(&["db", "migrate", "--to", "2"]).await.exited(0);
    staged.said(&[
        "schema none → 0001  initial … ",
        "schema 0001 → 0002  desired_state … ",
        "at 0002; ",
        " steps are left",
    ]);
    deployment.direct(&["db", "migrate", "-n", "--to", "0003"]).await.exited(0).said(&["would take 0003_key_life"]);
    deployment.direct(&["db", "migrate", "--to", "2"]).await.exited(0).said(&["at 0002; "]);
    for more in [&["--to", "1"][..], &["--to", "1", "-n"]] {
        let back = deployment.direct(&[&["db", "migrate"], more].concat()).await.exited(6);
        back.complained(&["at schema 0002 already", "never goes back to 0001"]);
    }
    deployment
        .direct(&["db", "migrate", "--to", "999"])
        .await
        .exited(2)
        .complained(&["no schema step 999", "0001, 0002"]);
    deployment.direct(&["db", "migrate", "--to", "initial"]).await.exited(2);
    let status = deployment.direct(&["db", "status", "-o", "json"]).await.exited(1).json();
    assert_eq!(status["schema"], "0002", "nothing else was touched");
    let quiet = deployment.direct(&["db", "migrate", "-q", "--to", "3"]).await.exited(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""), "-q leaves it at the exit code");
    deployment.direct(&["db", "migrate"]).await.exited(0).said(&["schema 0003 → 0004  jobs … ", "up to date ("]);
    deployment.direct(&["db", "status", "-o", "json"]).await.exited(0);
    deployment.direct(&["db", "migrate"]).await.exited(0);
    deployment.direct(&["db", "migrate", "-n"]).await.exited(0).said(&["up to date ("]);

    // Somebody else holds the lock.
    database::execute(deployment.database_url(), "DELETE FROM seaql_migrations WHERE version NOT LIKE '0001%'").await;
    deployment.direct(&["db", "status"]).await.exited(1).said(&["pending   0002"]);
    let held = database::hold_lock(deployment.database_url(), "barycenter.migrate").await;
    deployment
        .direct(&["db", "migrate", "--lock-timeout", "1s"])
        .await
        .exited(8)
        .complained(&["keeps it locked, for longer than 1s"]);
    drop(held);
    database::execute(
        deployment.database_url(),
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('9999_from_the_future', 0)",
    )
    .await;
    deployment.direct(&["db", "status"]).await.exited(6).complained(&["9999"]);
    deployment.direct(&["db", "migrate"]).await.exited(6).complained(&["9999"]);
}

async fn a_container_is_asked_whether_it_is_healthy(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.barycenterd(&["healthcheck"]).await.exited(1).complained(&["/readyz: connection refused"]);
    let daemon = deployment.start().await;
    deployment.barycenterd(&["healthcheck"]).await.exited(0).said(&["ok"]);
    deployment.barycenterd(&["healthcheck", "--ready"]).await.exited(0);
    deployment.barycenterd(&["healthcheck", "--live", "--timeout", "1s"]).await.exited(0);
    deployment.barycenterd(&["healthcheck", "--live", "--ready"]).await.exited(2);

    // A process that is stopped takes connections and answers none.
    let id = daemon.id().to_string();
    let signal = async |name: &str| {
        let mut command = program::command("kill", &deployment.path("app"));
        command.args([name, id.as_str()]);
        program::run(command, None).await.exited(0);
    };
    signal("-STOP").await;
    let stopped = deployment.barycenterd(&["healthcheck", "--timeout", "1s"]).await;
    signal("-CONT").await;
    stopped.exited(1).complained(&["no answer in time"]);
    assert_eq!(daemon.stop().await, 0);

    deployment.set("SERVER__ADMIN_PORT", "0");
    deployment.barycenterd(&["healthcheck"]).await.exited(1).complained(&["server.admin_port"]);
    deployment.set("SERVER__ADMIN_PORT", "nothing");
    deployment.barycenterd(&["healthcheck"]).await.exited(1).complained(&["SERVER__ADMIN_PORT"]);
}

#[tokio::test]
async fn a_configuration_is_checked_printed_and_explained() {
    let mut deployment = Deployment::new(DatabaseKind::Sqlite).await;
    let config = deployment.path("app/config.toml");
    let config = config.to_str().expect("UTF-8").to_owned();
    deployment.baryctl(&["config", "validate", "--strict", &config]).await.exited(0).said(&["config.toml: ok"]);
    deployment.baryctl(&["config", "validate", &config, "-o", "json"]).await.exited(0);
    let set = deployment.baryctl(&["config", "print", "--config", &config]).await.exited(0);
    assert!(set.stdout.contains("keys.alg") && !set.stdout.contains("oidc.session_lifetime"), "{set}");
    assert!(!set.stdout.contains("config.toml:"), "{set}");
    let all = deployment.baryctl(&["config", "print", "--defaults", "--origin", "--config", &config]).await.exited(0);
    all.said(&["oidc.session_lifetime", "default", "config.toml:", "environment BARYCENTER__SERVER__PORT"]);
    deployment.baryctl(&["config", "print", "--defaults", "-o", "json", "--config", &config]).await.exited(0);

    deployment.set("SERVER__PUBLIC_BASE_URL", "http://auth.example.com");
    deployment
        .baryctl(&["config", "validate", &config])
        .await
        .exited(0)
        .complained(&["warning: server.public_base_url"]);
    deployment.baryctl(&["config", "validate", "--strict", &config]).await.exited(2).complained(&[
        "server.public_base_url",
        "is not https",
        "hint: put TLS",
    ]);
    let wrong = deployment.write("app/wrong.toml", &GUIDE_CONFIG.replace("public_base_url", "public_url"));
    deployment.baryctl(&["config", "validate", &wrong]).await.exited(2).complained(&[
        "wrong.toml:",
        "[server] unknown key `public_url`",
        "did you mean `public_base_url`",
    ]);

    deployment.baryctl(&["config", "explain", "server.public_base_url"]).await.exited(0).said(&[
        "type      string",
        "the issuer",
        "default   \"http://localhost:8080\"",
        "variable  BARYCENTER__SERVER__PUBLIC_BASE_URL",
    ]);
    deployment.baryctl(&["config", "explain", "keys"]).await.exited(0).said(&["[keys]", "keys.alg"]);
    deployment.baryctl(&["config", "explain"]).await.exited(0).said(&["[server]", "[oidc]"]);
    deployment.baryctl(&["config", "explain", "-o", "json"]).await.exited(0);
    deployment.baryctl(&["config", "explain", "server.nothing"]).await.exited(5);
}
