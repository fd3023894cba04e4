//! Whole runs in process: what is said where, and what the run ends with.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::Exit;
use crate::test::{Server, baryctl, baryctl_reading};
use crate::{Environment, Io, Terminals};

const USERS: &str = r#"{ "users": [ { "username": "alice", "email": "alice@example.com", "password": "canary-6f1c" }, { "username": "bob" } ] }"#;

/// A change as the admin API answers it.
fn change(operation: &str, user: &Value) -> Value {
    let conflict = operation == "CONFLICT";
    json!({
        "kind": "USER", "operation": operation, "key": user["username"], "id": null, "owned": operation == "UNCHANGED",
        "fields": if operation == "UPDATE" { json!([{ "path": "email", "before": null, "after": "alice@example.com" }]) } else { json!([]) },
        "drift": null, "conflict": conflict.then_some("SELF_REGISTERED"),
        "message": conflict.then_some("registered herself; not managed by this file"),
        "hint": conflict.then(|| format!("--adopt {}", user["username"].as_str().unwrap())),
        "sessions": 0, "basis": BASIS, "stale": false,
    })
}

const BASIS: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// The JSON values of a text that has one a line.
fn lines(text: &Value) -> Vec<Value> {
    text.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A server that plans `operations`, the last one for all users that follow, and does what it has planned.
fn server(operations: &'static [&'static str]) -> Server {
    let operation = |index: usize| *operations.get(index).or(operations.last()).unwrap();
    Server::graphql(move |name, variables| {
        let input = &variables["input"];
        match name {
            "CountManaged" => json!({ "managedCount": { "total": 5, "enabled": 5 } }),
            "TakeSyncLease" => json!({ "takeSyncLease": { "taken": true, "holder": null } }),
            "GiveBackSyncLease" => json!({ "giveBackSyncLease": true }),
            "CompareEntries" => {
                let probes = input["probes"].as_str().unwrap().lines().count();
                let of = |wanted: bool| (0..probes).filter(move |index| (operation(*index) == "UNCHANGED") == wanted);
                let (owned, other) = (of(true).count(), of(false).collect::<Vec<_>>());
                json!({ "compareEntries": { "absent": [], "other": other, "owned": owned, "ownedEnabled": owned } })
            }
            "PlanEntries" => {
                let users = lines(&input["entries"]);
                let wanted = operations.iter().filter(|operation| **operation != "UNCHANGED").collect::<Vec<_>>();
                let planned = |(index, user)| change(wanted.get(index).or(wanted.last()).unwrap(), user);
                let planned: Vec<Value> = users.iter().enumerate().map(planned).collect();
                json!({ "planEntries": planned })
            }
            "ApplyEntries" => {
                let changes = lines(&input["changes"]).len();
                let done = "{\"operation\":\"create\",\"id\":\"0190\"}\n".repeat(changes);
                json!({ "applyEntries": { "__typename": "EntriesApplied", "done": done } })
            }
            other => panic!("unexpected operation {other}"),
        }
    })
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn diff_exits_0_when_nothing_differs_and_1_when_something_does() {
    let folder = tempfile::tempdir().unwrap();
    let users = file(folder.path(), "users.json", USERS);
    let same = server(&["UNCHANGED"]);
    let (exit, console) = same.baryctl(&["diff", "-f", &users]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, ""), "{console:?}");
    assert!(
        console.stderr().contains(&format!("no differences: 2 users in {users} match {}", same.address)),
        "{console:?}"
    );
    assert!(console.stderr().contains("3 are managed by users.json but no longer in it"), "{console:?}");

    let (exit, console) = server(&["CREATE", "UNCHANGED"]).baryctl(&["users", "diff", "-f", &users]);
    assert_eq!(exit, Exit::No);
    assert!(
        console.stdout().contains("+ alice") && console.stdout().contains(": 1 create · 1 unchanged"),
        "{console:?}"
    );
    assert!(console.stderr().contains("next: baryctl users sync -f"), "{console:?}");
    assert!(!format!("{console:?}").contains("canary-6f1c"));
}

#[test]
fn entries_that_may_differ_are_sent_as_the_file_has_them() {
    let server = server(&["UNCHANGED", "UPDATE"]);
    let variables = [("BARYCTL_SERVER", server.address.as_str()), ("BARYCTL_TOKEN", "bat_x")];
    let (exit, console) = baryctl_reading(USERS, &["diff", "-f", "-"], &variables);
    assert_eq!(exit, Exit::No, "{console:?}");
    let request = |name: &str| server.received().into_iter().find(|request| request.operation() == name).unwrap();
    let compared = request("CompareEntries").body["variables"]["input"].take();
    let probe: Vec<&str> = compared["probes"].as_str().unwrap().lines().next().unwrap().split('\t').collect();
    assert_eq!((probe.len(), probe[0], probe[4]), (5, "alice", "canary-6f1c"));
    let plan = request("PlanEntries").body["variables"]["input"].take();
    assert_eq!((lines(&plan["entries"]), &plan["manager"]), (vec![json!({ "username": "bob" })], &json!("users.json")));
}

#[test]
fn users_are_compared_and_applied_by_the_thousand() {
    let users: Vec<Value> = (0..2001).map(|number| json!({ "username": format!("user{number}") })).collect();
    let folder = tempfile::tempdir().unwrap();
    let users = file(folder.path(), "users.json", &json!({ "users": users }).to_string());
    let server = server(&["CREATE"]);
    let (exit, console) = server.baryctl(&["users", "sync", "-f", &users]);
    assert_eq!(exit, Exit::Ok, "{console:?}");
    assert!(console.stderr().contains("2,001 created · 0 unchanged"), "{console:?}");
    let sizes = |operation: &str, field: &str| -> Vec<usize> {
        let requests = server.received().into_iter().filter(|request| request.operation() == operation);
        let mut sizes: Vec<usize> = requests
            .map(|request| request.body["variables"]["input"][field].as_str().unwrap().lines().count())
            .collect();
        sizes.sort_unstable();
        sizes
    };
    assert_eq!(sizes("CompareEntries", "probes"), [1, 1000, 1000]);
    assert_eq!(sizes("PlanEntries", "entries"), [1, 1000, 1000]);
    assert_eq!(sizes("ApplyEntries", "changes"), [1, 1000, 1000]);
}

#[test]
fn sync_says_what_it_has_done() {
    let folder = tempfile::tempdir().unwrap();
    let users = file(folder.path(), "users.json", USERS);
    let (exit, console) = server(&["CREATE", "UNCHANGED"]).baryctl(&["sync", "-f", &users]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, ""), "{console:?}");
    let last = console.stderr().lines().last().unwrap().to_owned();
    assert!(last.starts_with("done in ") && last.ends_with("s: 1 created · 1 unchanged"), "{last}");

    let (exit, console) = server(&["UNCHANGED"]).baryctl(&["users", "sync", "-f", &users]);
    assert_eq!(exit, Exit::Ok);
    assert!(console.stderr().contains("nothing to do: 2 users in "), "{console:?}");

    let (exit, console) = server(&["CREATE"]).baryctl(&["users", "sync", "-f", &users, "-o", "json"]);
    let result: Value = serde_json::from_str(&console.stdout()).unwrap();
    assert_eq!((exit, &result["kind"], &result["summary"]["created"]), (Exit::Ok, &json!("SyncResult"), &json!(2)));

    let (exit, console) = server(&["CREATE"]).baryctl(&["users", "sync", "-f", &users, "-o", "ndjson"]);
    let kinds: Vec<Value> =
        console.stdout().lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].clone()).collect();
    assert_eq!(
        (exit, kinds),
        (Exit::Ok, ["Begin", "Plan", "Item", "Item", "Progress", "End"].map(Value::from).to_vec())
    );

    let (exit, console) = server(&["CREATE"]).baryctl(&["-q", "users", "sync", "-f", &users]);
    assert_eq!((exit, console.stderr().as_str()), (Exit::Ok, ""));
}

#[test]
fn a_conflict_stops_everything_or_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let users = file(folder.path(), "users.json", USERS);
    let careful = server(&["CONFLICT", "CREATE"]);
    let (exit, console) = careful.baryctl(&["users", "sync", "-f", &users]);
    assert_eq!(exit, Exit::Conflict);
    assert!(
        console
            .stderr()
            .contains("error: 1 conflict stands in the way; nothing was changed\n  alice: registered herself"),
        "{console:?}"
    );
    assert!(console.stderr().contains("hint: --adopt alice"), "{console:?}");
    assert!(careful.received().iter().all(|request| request.operation() != "ApplyEntries"));

    let (exit, console) =
        server(&["CONFLICT", "CREATE"]).baryctl(&["users", "sync", "-f", &users, "--on-conflict", "skip"]);
    assert_eq!(exit, Exit::Ok, "{console:?}");
    assert!(console.stderr().contains("warning: alice is left as it is"), "{console:?}");
}

#[test]
fn a_dry_run_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let users = file(folder.path(), "users.json", USERS);
    for (operation, wanted) in [("CREATE", Exit::Ok), ("CONFLICT", Exit::Conflict)] {
        let server = server(if operation == "CREATE" { &["CREATE"] } else { &["CONFLICT"] });
        let (exit, console) = server.baryctl(&["users", "sync", "-n", "-f", &users]);
        assert_eq!(exit, wanted, "{console:?}");
        assert!(console.stdout().contains("\nPlan "), "{console:?}");
        assert!(server.received().iter().all(|request| request.operation() != "ApplyEntries"));
    }
}

#[test]
fn adoption_is_by_name_and_names_must_be_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let users = file(folder.path(), "users.json", USERS);
    let server = server(&["UNCHANGED"]);
    assert_eq!(server.baryctl(&["diff", "-f", &users, "--adopt", "ALICE,bob"]).0, Exit::Ok);
    let plan = server.received().into_iter().find(|request| request.operation() == "CompareEntries").unwrap();
    assert_eq!(plan.body["variables"]["input"]["intent"]["adopt"], json!(["ALICE", "alice", "bob"]));
    let (exit, console) = server.baryctl(&["diff", "-f", &users, "--adopt", "carol"]);
    assert_eq!(exit, Exit::Usage);
    assert!(console.stderr().contains("\"carol\""), "{console:?}");
}

#[test]
fn every_fault_of_a_file_is_reported_at_once_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let users = file(
        folder.path(),
        "users.json",
        "{ \"users\": [\n  { \"username\": \"\" },\n          { \"username\": \"eve\", \"emial\": 1, \"password\": \"canary-6f1c\" }\n] }",
    );
    let server = server(&["CREATE"]);
    let (exit, console) = server.baryctl(&["users", "sync", "-f", &users]);
    assert_eq!(exit, Exit::Usage);
    assert!(console.stderr().starts_with(&format!("error: 2 problems in {users}\n  2:17  ")), "{console:?}");
    assert!(
        console.stderr().contains("\n  3:32  users[1] \"eve\": unknown field `emial`; did you mean `email`?"),
        "{console:?}"
    );
    assert!(!console.stderr().contains("canary"));
    assert!(server.received().is_empty());

    for (path, said) in [
        ("/nowhere/users.json", "/nowhere/users.json"),
        ("/proc/self/fd", "holds no .json"),
        ("/dev/null", "neither a file nor a pipe"),
    ] {
        let (exit, console) = server.baryctl(&["users", "sync", "-f", path, "-o", "json"]);
        assert_eq!(exit, Exit::Usage, "{console:?}");
        let error: Value = serde_json::from_str(&console.stderr()).unwrap();
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
}

#[test]
fn several_files_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let one = file(folder.path(), "one.json", USERS);
    let other = file(folder.path(), "other.json", r#"{ "users": [ { "username": "carol" } ] }"#);
    let again = file(folder.path(), "again.json", "{ \"users\": [\n  { \"username\": \"BOB\" } ] }");
    let stranger = file(folder.path(), "stranger.json", r#"{ "manager": "platform", "users": [] }"#);
    let server = server(&["CREATE"]);
    let (exit, console) = server.baryctl(&["users", "sync", "-f", &one, &other]);
    assert_eq!(exit, Exit::Ok, "{console:?}");
    assert!(console.stderr().contains("3 created"), "{console:?}");
    let (exit, console) = server.baryctl(&["users", "sync", "-f", &one, "-f", &again]);
    assert_eq!(exit, Exit::Usage, "{console:?}");
    assert!(console.stderr().contains("again.json") && console.stderr().contains("BOB"), "{console:?}");
    let (exit, console) = server.baryctl(&["users", "sync", "-f", &one, "-f", &stranger]);
    assert_eq!(exit, Exit::Usage);
    assert!(console.stderr().contains("\"platform\""), "{console:?}");
}

fn client() -> Value {
    json!({
        "clientId": "grafana", "name": "grafana", "authenticationMethod": "CLIENT_SECRET_BASIC", "redirectUris": ["https://g.example/cb"],
        "postLogoutRedirectUris": [], "grantTypes": ["authorization_code"], "scopes": ["openid"], "firstParty": false,
        "enabled": true, "manager": null, "accessTokenSeconds": null, "idTokenSeconds": null, "refreshTokenSeconds": null, "metadata": {},
        "createdAt": "2026-11-23T11:00:00Z",
    })
}

fn clients() -> Server {
    Server::graphql(|operation, variables| match operation {
        "CreateClient" if variables["input"]["clientId"] == "taken" => {
            json!({ "createClient": { "__typename": "ClientExists", "clientId": "taken" } })
        }
        "CreateClient" if variables["input"]["name"] == "My App" => {
            json!({ "createClient": { "__typename": "ClientInvalid", "faults": ["client id \"My App\" may hold letters only"] } })
        }
        "CreateClient" => {
            json!({ "createClient": { "__typename": "ClientCreated", "client": client(), "clientSecret": "bcs_once" } })
        }
        "GetClient" if variables["clientId"] == "nobody" => json!({ "client": null }),
        "GetClient" => json!({ "client": client() }),
        "DeleteClient" => json!({ "deleteClient": { "__typename": "ClientDeleted", "clientId": "grafana" } }),
        other => panic!("unexpected operation {other}"),
    })
}

const CREATE: [&str; 5] = ["clients", "create", "grafana", "--redirect-uri", "https://g.example/cb"];

#[test]
fn a_client_secret_is_alone_on_stdout() {
    let server = clients();
    let (exit, console) = server.baryctl(&CREATE);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, "bcs_once\n"));
    assert!(
        console.stderr().starts_with("created client grafana (authorization_code, client_secret_basic) on http"),
        "{console:?}"
    );
    let input = server.received().pop().unwrap().body["variables"]["input"].clone();
    assert_eq!(
        (&input["clientId"], &input["grantTypes"], &input["scopes"]),
        (&json!("grafana"), &json!([]), &json!([]))
    );

    let (exit, console) = clients().baryctl(&[&CREATE[..], &["-o", "name"]].concat());
    assert_eq!((exit, console.stdout().as_str()), (Exit::Usage, ""), "{console:?}");
}

#[test]
fn a_client_secret_can_go_to_a_file_of_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let arguments = [&CREATE[..], &["--secret-file", path.to_str().unwrap()]].concat();
    let (exit, console) = clients().baryctl(&arguments);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, ""), "{console:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "bcs_once\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // Never over a file that is there, and then nothing is registered.
    let server = clients();
    assert_eq!(server.baryctl(&arguments).0, Exit::Usage);
    assert!(server.received().iter().all(|request| request.operation() != "CreateClient"));
}

#[test]
fn clients_that_cannot_be_registered() {
    let (exit, console) = clients().baryctl(&["clients", "create", "taken", "--redirect-uri", "https://g.example/cb"]);
    assert_eq!(exit, Exit::Conflict, "{console:?}");
    let (exit, console) = clients().baryctl(&["clients", "create", "My App", "--redirect-uri", "https://g.example/cb"]);
    assert_eq!(exit, Exit::Usage, "{console:?}");
    assert!(console.stderr().contains("--id ID"), "{console:?}");
    let (exit, _) = clients().baryctl(&[&CREATE[..], &["--auth", "none", "--secret-file", "x"]].concat());
    assert_eq!(exit, Exit::Usage);
}

#[test]
fn deleting_needs_a_confirmation() {
    let server = clients();
    let (exit, console) = server.baryctl(&["clients", "delete", "grafana"]);
    assert_eq!(exit, Exit::Refused, "{console:?}");
    assert!(console.stderr().contains("--yes"), "{console:?}");
    assert!(server.received().iter().all(|request| request.operation() != "DeleteClient"));
    let (exit, console) = clients().baryctl(&["clients", "delete", "grafana", "--yes"]);
    assert_eq!(exit, Exit::Ok, "{console:?}");
    let server = clients();
    assert_eq!(server.baryctl(&["clients", "delete", "grafana", "nobody", "--yes"]).0, Exit::NotFound);
    assert!(server.received().iter().all(|request| request.operation() != "DeleteClient"));
}

#[test]
fn usage_errors_are_exit_code_2_in_every_format() {
    let (exit, console) = baryctl(&["users", "lisst"], &[]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Usage, ""));
    assert!(console.stderr().starts_with("error: unrecognized subcommand 'lisst'"), "{console:?}");
    let (exit, console) = baryctl(&["users", "list", "--password", "canary", "-o", "json"], &[]);
    assert_eq!(exit, Exit::Usage);
    let error: Value = serde_json::from_str(&console.stderr()).unwrap();
    assert_eq!(error["code"], "usage");
    let (exit, _) = baryctl(&["users", "sync", "--migrate", "-f", "x"], &[]);
    assert_eq!(exit, Exit::Usage);
    let (exit, _) = baryctl(&["version"], &[("BARYCTL_OUTPUT", "yaml")]);
    assert_eq!(exit, Exit::Usage);
}

#[test]
fn help_and_versions_need_nothing() {
    assert_eq!(baryctl(&["--version"], &[]).1.stdout(), concat!("baryctl ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(baryctl(&["version"], &[]).1.stdout(), concat!("baryctl ", env!("CARGO_PKG_VERSION"), "\n"));
    for (topic, said) in
        [("exit-codes", "unavailable"), ("environment", "BARYCTL_TOKEN_FILE"), ("output", "ndjson"), ("users", "sync")]
    {
        let (exit, console) = baryctl(&["help", topic], &[]);
        assert_eq!(exit, Exit::Ok);
        assert!(console.stdout().contains(said), "{topic}: {console:?}");
    }
    assert_eq!(baryctl(&["help", "nonsense"], &[]).0, Exit::Usage);
    assert!(baryctl(&["completions", "bash"], &[]).1.stdout().contains("_baryctl"));
}

/// A reader who has gone away.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_reader_who_has_gone_away_is_no_failure() {
    for arguments in [&["completions", "bash"][..], &["version"], &["help", "output"], &["--help"], &["man"]] {
        let arguments: Vec<OsString> = std::iter::once(&"baryctl").chain(arguments).map(OsString::from).collect();
        let mut stderr = Vec::new();
        let exit = crate::run(
            &arguments,
            Io {
                stdin: &mut io::empty(),
                stdout: &mut Closed,
                stderr: &mut stderr,
                terminals: Terminals::default(),
                environment: Environment::default(),
            },
        );
        assert_eq!((exit, stderr.len()), (Exit::Ok, 0), "{arguments:?}");
    }
}
