//! Diff and sync as people and pipelines use them: the same answers on both targets and both databases, the exit codes
//! that a pipeline branches on, guards, and a daemon that watches its file and says how that went.

use std::os::unix::fs::symlink;
use std::time::Duration;

use barycenter_e2e::{DatabaseKind, Deployment};
use serde_json::{Value, json};

on_both_databases!(
    a_pipeline_branches_on_the_exit_code,
    a_disabled_client_is_nobody,
    a_mounted_file_is_followed_and_a_broken_one_changes_nothing,
    another_sync_is_waited_for_and_then_given_up,
);

/// A file, and how it is applied.
const STEPS: &[(&str, &[&str])] = &[
    (
        r#"{"users":[{"external_id":"1","username":"ann","email":"ann@x.example","groups":["ops"],"protected":true},
            {"external_id":"2","username":"bea","email":"bea@x.example","password":"correct horse"},
            {"username":"cleo","password_hash":"$2b$12$LQv3c1yqBWVHxkd0LHAkCOYz6TtxMQJqhN8/LewKyNiAYMyzJ/I1i"}],
          "clients":[{"client_id":"web","client_secret":"0123456789abcdef","redirect_uris":["https://web.example/cb"]}]}"#,
        &[],
    ),
    (
        r#"{"users":[{"external_id":"1","username":"bea","email":"bea@x.example","groups":[]},
            {"external_id":"2","username":"ann","email":"ann@x.example","password":"battery staple"}],"clients":[]}"#,
        &["--prune", "disable", "--allow-empty", "--yes"],
    ),
    (
        r#"{"manager":"hr","users":[{"username":"Ann"},{"username":"dora","properties":{"a":{"b":[1]}}}]}"#,
        &["--on-conflict", "skip"],
    ),
    (r#"{"users":[{"username":"cleo","email":"ANN@x.example"}]}"#, &[]),
    (
        r#"{"users":[{"username":"cleo","enabled":null,"email":null}]}"#,
        &["--prune", "delete", "--max-prune", "50%", "--yes"],
    ),
    (r#"{"users":[]}"#, &["--prune", "delete", "--yes"]),
];

/// An answer without what differs between two deployments that did the same: ids, and the plans that name them.
fn normalised(text: &str) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["target", "id", "plan", "took_ms", "run"] {
                    members.remove(name);
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            // `managed by x, created 2026-11-23 · …`: midnight may pass.
            Value::String(text) if text.contains(", created ") => *text = "managed".to_owned(),
            _ => {}
        }
    }

    let read = |line: &str| {
        let mut value: Value = serde_json::from_str(line).expect("an answer in JSON");
        strip(&mut value);
        value
    };
    text.lines().map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_targets_on_both_databases_answer_alike() {
    let mut first: Option<Vec<Value>> = None;
    for database in [DatabaseKind::Sqlite, DatabaseKind::Postgresql] {
        for online in [false, true] {
            let deployment = Deployment::new(database).await;
            let daemon = deployment.start().await;
            let mut answers = Vec::new();
            for (text, flags) in STEPS {
                let file = deployment.write("secrets/step.json", text);
                let prune: Vec<&str> = flags.iter().copied().skip_while(|flag| *flag != "--prune").take(2).collect();
                for (verb, output, flags) in [
                    ("diff", "json", prune.as_slice()),
                    ("diff", "ndjson", &[]),
                    ("sync", "ndjson", flags),
                    ("diff", "json", &prune),
                ] {
                    let mut arguments = vec![verb, "-f", &file, "-o", output];
                    arguments.extend(flags);
                    let finished =
                        if online { deployment.online(&arguments).await } else { deployment.direct(&arguments).await };
                    answers
                        .push(json!({ "verb": verb, "exit": finished.code, "answer": normalised(&finished.stdout) }));
                }
            }
            let users =
                deployment.direct(&["users", "list", "-o", "json", "--fields", "username,enabled,groups,manager"]);
            answers.extend(normalised(&users.await.exited(0).stdout));
            match &first {
                None => first = Some(answers),
                Some(first) => assert_eq!(*first, answers, "{database:?}, online: {online}"),
            }
            assert_eq!(daemon.stop().await, 0);
        }
    }
}

async fn a_pipeline_branches_on_the_exit_code(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.sync_and_start().await;
    let users = deployment.users();
    deployment.online(&["diff", "-f", &users]).await.exited(0);
    let changed = deployment.write("secrets/changed.json", r#"{"users":[{"username":"admin","groups":["ops"]}]}"#);
    let report = deployment.path("report.xml").to_string_lossy().into_owned();
    let diff = deployment
        .online(&["diff", "-f", &changed, "--prune", "disable", "--report", &format!("junit={report}")])
        .await;
    let diff = diff.exited(1).said(&["~ admin", "- app-service"]);
    assert!(std::fs::read_to_string(&report).expect("a report").contains("name=\"admin\""));
    let plan = diff.stderr.split("--expect ").nth(1).expect("a plan id").trim().to_owned();
    deployment.online(&["diff", "-f", "/nowhere.json"]).await.exited(2);
    let sync = |more: &[&str]| {
        let mut arguments = vec!["sync", "-f", &changed, "--prune", "disable"];
        arguments.extend(more);
        arguments.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for (more, code) in [
        (&[][..], 7),
        (&["--yes", "--max-prune", "0"], 7),
        (&["--yes", "--expect", "000000000000"], 6),
        (&["--yes", "--expect", &plan], 0),
        (&["--yes", "--expect", &plan], 6),
        (&["--yes"], 0),
    ] {
        let arguments = sync(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        deployment.online(&arguments).await.exited(code);
    }
    let placeholders =
        deployment.write("secrets/env.json", r#"{"users":[{"username":"eve","password":"${EVE_PASSWORD}"}]}"#);
    deployment.online(&["sync", "-f", &placeholders]).await.exited(2).complained(&["EVE_PASSWORD", "--env"]);
    deployment.online(&["sync", "-f", &placeholders, "--env", "EVE_*"]).await.exited(2).complained(&["is not set"]);
    std::fs::write(deployment.path("secrets/EVE_PASSWORD"), "correct \"horse\"\n").expect("a secret");
    let folder = deployment.path("secrets").to_string_lossy().into_owned();
    deployment.online(&["sync", "-f", &placeholders, "--secrets-dir", &folder]).await.exited(0);
    assert_eq!(daemon.stop().await, 0);
}

async fn a_disabled_client_is_nobody(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.start().await;
    let file = |enabled: bool| {
        json!({ "clients": [{ "client_id": "web", "enabled": enabled, "client_secret": "0123456789abcdef", "redirect_uris": ["https://web.example/cb"] }] })
            .to_string()
    };
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    for (enabled, expected) in [(true, "invalid_grant"), (false, "invalid_client")] {
        let path = deployment.write("secrets/clients.json", &file(enabled));
        deployment.online(&["clients", "sync", "-f", &path]).await.exited(0);
        let form = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "https://web.example/cb")];
        let request = http.post(format!("{}/token", daemon.base())).basic_auth("web", Some("0123456789abcdef"));
        let answer: Value =
            serde_json::from_str(&request.form(&form).send().await.expect("an answer").text().await.expect("a body"))
                .expect("JSON");
        assert_eq!(answer["error"], expected);
    }
    let page = http.get(format!(
        "{}/authorize?client_id=web&response_type=code&redirect_uri=https://web.example/cb&scope=openid",
        daemon.base()
    ));
    let page = page.send().await.expect("a page");
    assert_eq!(page.status(), 400);
    assert!(page.text().await.expect("a page").contains("switched off"));
    assert_eq!(daemon.stop().await, 0);
}

/// As the kubelet mounts a Secret: the file is a link into `..data`, which is a link to the version in force.
fn mount(deployment: &Deployment, version: &str, text: &str) {
    let folder = deployment.path("mounted");
    std::fs::create_dir_all(folder.join(version)).expect("a folder");
    std::fs::write(folder.join(version).join("users.json"), text).expect("a file");
    let next = folder.join("..data_tmp");
    symlink(version, &next).expect("a link");
    std::fs::rename(&next, folder.join("..data")).expect("the links are swapped");
    if !folder.join("users.json").exists() {
        symlink("..data/users.json", folder.join("users.json")).expect("a link");
    }
}

async fn a_mounted_file_is_followed_and_a_broken_one_changes_nothing(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    let file = deployment.path("mounted/users.json").to_string_lossy().into_owned();
    deployment.set("USERS__FILE", &file);
    deployment.set("USERS__PRUNE", "disable");
    mount(&deployment, "..1", r#"{"users":[{"username":"ann"},{"username":"bea"}]}"#);
    let daemon = deployment.start().await;
    let users = |wanted: &'static str| {
        let deployment = &deployment;
        async move {
            let mut found = String::new();
            for _ in 0..100 {
                let list = deployment.online(&["users", "list", "-o", "value", "--fields", "username,enabled"]).await;
                found = list.exited(0).stdout;
                if found == wanted {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            assert_eq!(found, wanted);
        }
    };
    users("ann\ttrue\nbea\ttrue\n").await;
    mount(&deployment, "..2", r#"{"users":[{"username":"ann","groups":["ops"]}]}"#);
    users("ann\ttrue\nbea\tfalse\n").await;
    mount(&deployment, "..3", r#"{"users":[{"username":"ann"},{"username":"#);
    for _ in 0..100 {
        if daemon.log().contains("is not applied") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(daemon.log().contains("the file ends inside"), "{}", daemon.log());
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let ready = http.get(format!("{}/readyz", daemon.base())).send().await.expect("an answer");
    assert_eq!(ready.status(), 200);
    users("ann\ttrue\nbea\tfalse\n").await;
    let token = std::fs::read_to_string(deployment.path("data/admin.token")).expect("a token");
    let query = json!({ "query": "{ syncRuns { outcome created disabled message } }" });
    let runs = http.post(format!("{}/admin/graphql", deployment.admin())).bearer_auth(token.trim()).json(&query);
    let runs: Value =
        serde_json::from_str(&runs.send().await.expect("an answer").text().await.expect("a body")).expect("JSON");
    let outcomes: Vec<&Value> =
        runs["data"]["syncRuns"].as_array().expect("runs").iter().map(|run| &run["outcome"]).collect();
    assert_eq!(outcomes, ["FAILED", "OK", "OK"], "{runs}");
    deployment.online(&["status"]).await.exited(1).said(&[
        "users.json failed at",
        "the file ends inside",
        "baryctl doctor",
    ]);
    deployment.direct(&["status", "-o", "json"]).await.exited(1).said(&["\"healthy\":false"]);
    deployment.direct(&["doctor"]).await.exited(1).said(&[
        "\u{2717} users-file.applied",
        "the file ends inside",
        "fix: mend the file",
    ]);
    deployment.online(&["doctor", "-o", "json"]).await.exited(1).said(&["\"failed\":1"]);
    let metrics = http.get(format!("{}/metrics", deployment.admin())).send().await.expect("an answer");
    let metrics = metrics.text().await.expect("a text");
    assert!(metrics.contains("barycenter_users_file_syncs_total{outcome=\"failed\"} 1\n"), "{metrics}");
    mount(&deployment, "..4", r#"{"users":[{"username":"ann"},{"username":"bea"}]}"#);
    users("ann\ttrue\nbea\ttrue\n").await;
    for _ in 0..100 {
        if deployment.online(&["doctor", "-q"]).await.code == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    deployment.online(&["doctor", "--strict"]).await.exited(0).said(&["\u{2713} users-file.applied", "0 failed"]);
    deployment.online(&["status", "-o", "json"]).await.exited(0).said(&["\"healthy\":true"]);
    assert_eq!(daemon.stop().await, 0);
}

async fn another_sync_is_waited_for_and_then_given_up(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.sync_and_start().await;
    let slow: Vec<Value> = (0..200)
        .map(|number| json!({ "username": format!("u{number}"), "password": format!("correct horse {number}") }))
        .collect();
    let slow = deployment.write("secrets/slow.json", &json!({ "users": slow }).to_string());
    let users = deployment.users();
    let arguments = ["sync", "-f", &slow];
    let (one, other) = tokio::join!(deployment.direct(&arguments), async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        deployment.online(&["sync", "-f", &users, "--lock-timeout", "1s"]).await
    });
    other.exited(8).complained(&["another sync is under way", "--lock-timeout"]);
    one.exited(0);
    deployment.online(&["sync", "-f", &users]).await.exited(0);
    assert_eq!(daemon.stop().await, 0);
}
