//! Whole runs with `--direct`, on an SQLite database of their own.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::error::Exit;
use crate::test::{Console, baryctl};

const USERS: &str = r#"{ "users": [
    { "username": "alice", "email": "alice@example.com", "password": "canary-6f1c", "properties": { "role": "member" } },
    { "username": "bob", "enabled": false } ] }"#;

/// A deployment that nothing has touched yet.
struct Deployment(TempDir);

impl Deployment {
    fn new() -> Self {
        let deployment = Self(tempfile::tempdir().unwrap());
        let folder = deployment.0.path().display();
        let config = format!(
            "[database]\nurl = \"sqlite://{folder}/barycenter.db?mode=rwc\"\n[keys]\njwks_path = \"{folder}/jwks.json\"\n\
             private_key_path = \"{folder}/private_key.pem\"\nalg = \"ES256\"\n[admin]\ntoken = \"canary-6f1c-canary-6f1c\"\n\
             [passwords]\nmemory_kib = 8\niterations = 1\n"
        );
        deployment.write("config.toml", &config);
        deployment.write("users.json", USERS);
        deployment
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> (Exit, Console) {
        let config = self.path("config.toml");
        let variables = [("BARYCTL_DIRECT", "1"), ("BARYCENTER_CONFIG", config.to_str().unwrap())];
        let (exit, console) = baryctl(arguments, &variables);
        assert!(!format!("{console:?}").contains("canary"), "{console:?}");
        (exit, console)
    }

    fn users(&self) -> String {
        self.path("users.json").to_str().unwrap().to_owned()
    }
}

#[test]
fn a_database_is_looked_at_without_being_made() {
    let deployment = Deployment::new();
    for arguments in
        [&["users", "list"][..], &["db", "status"], &["db", "migrate", "-n"], &["diff", "-f", &deployment.users()]]
    {
        let (exit, console) = deployment.run(arguments);
        assert_eq!(exit, Exit::Conflict, "{console:?}");
        assert!(console.stderr().contains("hint: baryctl db migrate"), "{console:?}");
    }
    assert!(!deployment.path("barycenter.db").exists());
}

#[test]
fn a_schema_is_migrated_by_hand() {
    let deployment = Deployment::new();
    deployment.write("barycenter.db", "");
    let (exit, console) = deployment.run(&["db", "status"]);
    assert_eq!(exit, Exit::No);
    assert!(console.stdout().contains("schema    none (needs "), "{console:?}");
    let (exit, console) = deployment.run(&["users", "list"]);
    assert_eq!(exit, Exit::Conflict);
    assert!(console.stderr().contains("hint: baryctl db migrate"), "{console:?}");
    assert_eq!(deployment.run(&["db", "migrate", "-n"]).0, Exit::Ok);
    assert_eq!(deployment.run(&["db", "status"]).0, Exit::No);
    let (exit, console) = deployment.run(&["db", "migrate"]);
    assert_eq!(exit, Exit::Ok);
    assert!(console.stdout().starts_with("schema none → 0001  initial … "), "{console:?}");
    let (exit, console) = deployment.run(&["db", "migrate"]);
    assert_eq!((exit, console.stdout().lines().count()), (Exit::Ok, 1), "{console:?}");
    assert_eq!(deployment.run(&["db", "status"]).0, Exit::Ok);
}

#[test]
fn a_comparison_makes_no_keys() {
    let deployment = Deployment::new();
    deployment.run(&["db", "migrate"]);
    let (exit, console) = deployment.run(&["diff", "-f", &deployment.users()]);
    assert_eq!(exit, Exit::Conflict, "{console:?}");
    assert!(console.stderr().contains("private_key.pem"), "{console:?}");
    assert!(!deployment.path("private_key.pem").exists());
}

#[test]
fn users_are_made_to_match_a_file_and_stay_so() {
    let deployment = Deployment::new();
    let users = deployment.users();
    let (exit, console) = deployment.run(&["users", "sync", "--migrate", "-f", &users]);
    assert_eq!(exit, Exit::Ok, "{console:?}");
    assert!(console.stderr().contains("2 created"), "{console:?}");
    assert_eq!(deployment.run(&["diff", "-f", &users]).0, Exit::Ok);
    let before = deployment.run(&["users", "list", "-o", "json"]).1.stdout();
    let (exit, console) = deployment.run(&["users", "sync", "-f", &users]);
    assert_eq!(exit, Exit::Ok);
    assert!(console.stderr().contains("nothing to do: 2 users"), "{console:?}");
    assert_eq!(before, deployment.run(&["users", "list", "-o", "json"]).1.stdout());

    deployment.write("users.json", &USERS.replace("alice@", "root@").replace("canary-6f1c", "canary-other"));
    let (exit, console) = deployment.run(&["diff", "-f", &users]);
    assert_eq!(exit, Exit::No);
    assert!(console.stdout().contains("alice@example.com → root@example.com"), "{console:?}");
    assert!(console.stdout().contains("password  (secret, revision 1 → 2)"), "{console:?}");
    assert_eq!(deployment.run(&["sync", "-f", &users]).0, Exit::Ok);
    assert_eq!(deployment.run(&["diff", "-f", &users]).0, Exit::Ok);
    let (exit, console) = deployment.run(&["users", "get", "ALICE", "-o", "json"]);
    let user: Value = serde_json::from_str(&console.stdout()).unwrap();
    assert_eq!(
        (exit, &user["kind"], &user["email"]),
        (Exit::Ok, &Value::from("User"), &Value::from("root@example.com"))
    );
    assert_eq!(deployment.run(&["users", "get", "nobody"]).0, Exit::NotFound);
}

#[test]
fn another_manager_is_in_the_way() {
    let deployment = Deployment::new();
    deployment.run(&["users", "sync", "--migrate", "-f", &deployment.users()]);
    let other = deployment.write(
        "other.json",
        r#"{ "manager": "platform", "users": [ { "username": "Alice" }, { "username": "carol" } ] }"#,
    );
    assert_eq!(deployment.run(&["diff", "-f", &other]).0, Exit::No);
    let (exit, console) = deployment.run(&["users", "sync", "-f", &other]);
    assert_eq!(exit, Exit::Conflict, "{console:?}");
    assert_eq!(deployment.run(&["users", "get", "carol"]).0, Exit::NotFound);
    assert_eq!(deployment.run(&["users", "sync", "-f", &other, "--on-conflict", "skip"]).0, Exit::Ok);
    assert_eq!(deployment.run(&["users", "get", "carol"]).0, Exit::Ok);
}

#[test]
fn clients_come_and_go() {
    let deployment = Deployment::new();
    deployment.run(&["db", "migrate"]);
    let create = ["clients", "create", "grafana", "--redirect-uri", "https://g.example/cb", "--scope", "openid,email"];
    let (exit, console) = deployment.run(&create);
    assert_eq!((exit, console.stdout().lines().count()), (Exit::Ok, 1), "{console:?}");
    assert!(console.stdout().starts_with("bcs_"));
    assert_eq!(deployment.run(&create).0, Exit::Conflict);
    let (_, console) = deployment.run(&["clients", "get", "grafana", "-o", "json"]);
    let client: Value = serde_json::from_str(&console.stdout()).unwrap();
    assert_eq!(client["scopes"], serde_json::json!(["openid", "email"]));
    assert!(!console.stdout().contains("secret\""), "{console:?}");
    let (exit, console) =
        deployment.run(&["clients", "create", "app", "--redirect-uri", "/relative", "--auth", "none"]);
    assert_eq!(exit, Exit::Usage, "{console:?}");
    assert_eq!(deployment.run(&["clients", "list", "-o", "name"]).1.stdout(), "grafana\n");
    assert_eq!(deployment.run(&["clients", "delete", "grafana", "-y"]).0, Exit::Ok);
    assert_eq!(deployment.run(&["clients", "get", "grafana"]).0, Exit::NotFound);
}

#[test]
fn the_configuration_is_checked_and_shown_without_secrets() {
    let deployment = Deployment::new();
    let (exit, console) = deployment.run(&["config", "print"]);
    assert_eq!(exit, Exit::Ok);
    assert!(console.stdout().contains("keys.alg") && console.stdout().contains("ES256"), "{console:?}");
    assert_eq!(deployment.run(&["config", "validate"]).0, Exit::Ok);
    let bad = deployment.write("bad.toml", "[server]\nprot = 1\n[keys]\nalg = \"RS257\"\n");
    let (exit, console) = deployment.run(&["config", "validate", &bad]);
    assert_eq!(exit, Exit::Usage);
    assert!(console.stderr().contains("error: 2 problems") && console.stderr().contains("bad.toml:2:1"), "{console:?}");
    let (exit, console) = deployment.run(&["users", "list", "--config", "/nowhere.toml"]);
    assert_eq!(exit, Exit::Usage);
    assert!(console.stderr().contains("/nowhere.toml"), "{console:?}");
}

#[test]
fn a_token_that_lies_about_is_named_and_not_taken() {
    let deployment = Deployment::new();
    let token = deployment.write("admin.token", "bat_1234567890abcdef\n");
    let config = deployment.path("config.toml");
    let (exit, console) = baryctl(&["users", "list"], &[("BARYCENTER_CONFIG", config.to_str().unwrap())]);
    assert_eq!(exit, Exit::Auth);
    assert!(console.stderr().contains(&format!("hint: --token-file {token}")), "{console:?}");
}
