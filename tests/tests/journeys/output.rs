//! What people and programs read: every form of every answer of diff, sync, list and their errors, word for word as
//! `tests/golden` has it (`make bless` rewrites it).

use std::fs;

use barycenter_e2e::program::{environment, repository};
use barycenter_e2e::{DatabaseKind, Deployment, Finished};
use regex::Regex;
use url::Url;

on_both_databases!(
    a_diff_reads_as_it_always_has,
    a_sync_reads_as_it_always_has,
    lists_read_as_they_always_have,
    refusals_read_as_they_always_have,
);

const BEFORE: &str = r#"{ "users": [
  { "username": "admin", "email": "root@example.com", "email_verified": true, "password": "one",
    "groups": ["ops"], "properties": { "dept": "ops", "role": "administrator" } },
  { "username": "bob", "email": "bob@example.com" } ] }"#;
const CAROL: &str = r#"{ "users": [ { "username": "carol", "email": "carol@example.com" } ] }"#;
const AFTER: &str = r#"{ "users": [
  { "username": "alice", "email": "alice@example.com", "password": "${ALICE_PASSWORD}",
    "properties": { "role": "member" } },
  { "username": "admin", "email": "admin@example.com", "email_verified": false, "password": "two",
    "groups": ["admins", "ops"], "properties": { "role": "administrator" } },
  { "username": "carol", "enabled": false } ],
  "clients": [
  { "client_id": "spa", "authentication_method": "none", "redirect_uris": ["https://spa.example/cb"],
    "access_token_lifetime": "5m" } ] }"#;
const PRUNE: [&str; 5] = ["--prune", "disable", "--env", "ALICE_PASSWORD", "-f"];

/// An installation where BEFORE was synced, and carol belongs to nobody.
async fn installation(database: DatabaseKind) -> (Deployment, String) {
    let mut deployment = Deployment::new(database).await;
    deployment.set_variable("ALICE_PASSWORD", "a password of Alice's");
    let (before, carol) =
        (deployment.write("secrets/users.json", BEFORE), deployment.write("secrets/carol.json", CAROL));
    deployment.direct(&["sync", "--migrate", "-f", &before]).await.exited(0);
    deployment.direct(&["users", "import", "-f", &carol]).await.exited(0);
    let after = deployment.write("secrets/users.json", AFTER);
    (deployment, after)
}

/// Takes out what differs from run to run.
fn normalised(deployment: &Deployment, text: &str) -> String {
    let mut database = Url::parse(deployment.database_url()).expect("a URL");
    if database.password().is_some() {
        database.set_password(Some("***")).expect("a URL with a host");
    }
    let database = database.as_str();
    let escaped = database.replace('*', "\\*").replace('_', "\\_");
    let mut text = text.replace(database, "DATABASE").replace(&escaped, "DATABASE");
    text = text.replace(&*deployment.path("").to_string_lossy(), "DIR/");
    for (pattern, name) in [
        ("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
        (r"\b[0-9a-f]{12}\b", "PLAN"),
        (r"run(\W+)[0-9a-f]{8}\b", "run${1}RUN"),
        (r"process \d+", "process PID"),
        (r"created \d{4}-\d\d-\d\d", "created DAY"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?", "TIME"),
        (r#""took_ms":\d+"#, r#""took_ms":0"#),
        (r"done in [0-9a-z ]+:", "done in SPAN:"),
        (r#"time="[0-9.]+""#, r#"time="0""#),
        (r"barycenter(d)? \d+\.\d+\.\d+", "barycenter$1 VERSION"),
        (r#""version":"\d+\.\d+\.\d+""#, r#""version":"VERSION""#),
    ] {
        text = Regex::new(pattern).expect("a pattern").replace_all(&text, name).into_owned();
    }
    text
}

/// Holds an answer against its file.
pub(super) fn golden(deployment: &Deployment, name: &str, finished: &Finished) {
    let Finished { code, stdout, stderr, .. } = finished;
    let text = normalised(deployment, &format!("exit code {code}\n--- stdout\n{stdout}--- stderr\n{stderr}"));
    compare(name, &text);
}

fn compare(name: &str, text: &str) {
    let path = repository().join("tests/golden").join(name);
    if environment("BLESS").is_some() {
        return fs::write(path, text).expect("a golden file is written");
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == text, "{} is no longer what it was; it is now:\n{text}", path.display());
}

async fn a_diff_reads_as_it_always_has(database: DatabaseKind) {
    let (deployment, file) = installation(database).await;
    for (name, more) in [
        ("diff.txt", &[][..]),
        ("diff-name.txt", &["-o", "name"]),
        ("diff.json", &["-o", "json"]),
        ("diff.ndjson", &["-o", "ndjson"]),
        ("diff-pii.txt", &["--redact", "pii"]),
        ("diff-pii.json", &["--redact", "pii", "-o", "json"]),
        ("diff-all.txt", &["--redact", "all"]),
        ("diff-all.ndjson", &["--redact", "all", "-o", "ndjson"]),
        ("diff-quiet.txt", &["--quiet"]),
        ("diff-github.txt", &["--report", "github", "-o", "name"]),
    ] {
        let arguments = [&["diff"], more, &PRUNE, &[file.as_str()]].concat();
        golden(&deployment, name, &deployment.direct(&arguments).await.exited(1));
    }
    let path = |name: &str| deployment.path(name).to_string_lossy().into_owned();
    let reports = [format!("junit={}", path("report.xml")), format!("markdown={}", path("report.md"))];
    let more = ["diff", "-q", "-o", "name", "--report", &reports[0], "--report", &reports[1]];
    deployment.direct(&[&more[..], &PRUNE, &[file.as_str()]].concat()).await.exited(1);
    for name in ["report.xml", "report.md"] {
        compare(name, &normalised(&deployment, &fs::read_to_string(deployment.path(name)).expect("a report")));
    }
}

async fn a_sync_reads_as_it_always_has(database: DatabaseKind) {
    for (name, more) in [("sync.txt", &[][..]), ("sync.json", &["-o", "json"]), ("sync.ndjson", &["-o", "ndjson"])] {
        let (deployment, file) = installation(database).await;
        let sync = [&["sync", "--yes", "--on-conflict", "skip"], more, &PRUNE, &[file.as_str()]].concat();
        golden(&deployment, name, &deployment.direct(&sync).await.exited(0));
        if more.is_empty() {
            golden(&deployment, "sync-again.txt", &deployment.direct(&sync).await.exited(0));
        }
    }
}

async fn lists_read_as_they_always_have(database: DatabaseKind) {
    let (deployment, file) = installation(database).await;
    deployment
        .direct(&[&["sync", "-q", "--yes", "--adopt", "carol"], &PRUNE[..], &[file.as_str()]].concat())
        .await
        .exited(0);
    for (name, arguments) in [
        ("users.txt", &["users", "list"][..]),
        ("users-wide.txt", &["users", "list", "-o", "wide"]),
        ("users.json", &["users", "list", "-o", "json"]),
        ("users.ndjson", &["users", "list", "-o", "ndjson", "--fields", "username,groups,properties.role"]),
        ("users-name.txt", &["users", "list", "-o", "name"]),
        ("users-value.txt", &["users", "list", "-o", "value", "--fields", "username,enabled,properties"]),
        ("users-pii.txt", &["users", "list", "-o", "wide", "--redact", "pii"]),
        ("user.json", &["users", "get", "alice", "-o", "json"]),
        ("clients.txt", &["clients", "list"]),
        ("clients.json", &["clients", "list", "-o", "json"]),
        ("users-export.json", &["users", "export"]),
        ("clients-export.json", &["clients", "export"]),
    ] {
        golden(&deployment, name, &deployment.direct(arguments).await.exited(0));
    }
}

async fn refusals_read_as_they_always_have(database: DatabaseKind) {
    let (deployment, file) = installation(database).await;
    let empty = deployment.write("secrets/empty.json", r#"{ "users": [] }"#);
    let faulty = deployment.write(
        "secrets/faulty.json",
        "{ \"users\": [\n  { \"username\": \"a\", \"emailVerified\": true },\n  { \"username\": \"A\", \"password\": \"${NOT_SET}\" },\n  { \"username\": 7 } ] }",
    );
    for (name, code, arguments) in [
        ("refused-conflict.txt", 6, &["sync", "--env", "ALICE_PASSWORD", "-f", &file][..]),
        (
            "refused-unconfirmed.txt",
            7,
            &["sync", "--on-conflict", "skip", "--prune", "disable", "--env", "ALICE_PASSWORD", "-f", &file],
        ),
        ("refused-empty.txt", 7, &["sync", "--prune", "delete", "--yes", "-f", &empty]),
        ("refused-empty.json", 7, &["sync", "--prune", "delete", "--yes", "-o", "json", "-f", &empty]),
        (
            "refused-plan.txt",
            6,
            &["sync", "--on-conflict", "skip", "--expect", "0123456789ab", "--env", "ALICE_PASSWORD", "-f", &file],
        ),
        ("refused-faults.txt", 2, &["sync", "-f", &faulty]),
        ("refused-faults.json", 2, &["diff", "-o", "json", "-f", &faulty]),
        ("refused-placeholder.txt", 2, &["diff", "-f", &file]),
    ] {
        golden(&deployment, name, &deployment.direct(arguments).await.exited(code));
    }
}
