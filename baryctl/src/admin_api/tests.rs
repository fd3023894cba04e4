//! The admin API against a server with prepared answers: what is sent, what its answers become, and which exit code
//! each failure has.

use serde_json::{Value, json};

use crate::error::Exit;
use crate::test::{Server, baryctl};

fn user(name: &str) -> Value {
    json!({
        "id": format!("0190-{name}"), "username": name, "externalId": null, "email": null, "emailVerified": false, "enabled": true,
        "protected": false, "groups": [],
        "properties": { "role": "member" }, "manager": null, "hasPassword": true,
        "createdAt": "2026-11-23T11:00:00Z", "updatedAt": "2026-11-23T11:00:00Z", "lastLoginAt": null,
    })
}

#[test]
fn the_token_is_sent_to_the_admin_path() {
    let server = Server::graphql(
        |_, _| json!({ "users": { "nodes": [user("alice")], "endCursor": null, "hasNextPage": false } }),
    );
    let (exit, console) = server.baryctl(&["users", "list", "-o", "name"]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, "alice\n"), "{console:?}");
    let head = server.received()[0].head.to_lowercase();
    assert!(head.starts_with("post /admin/graphql http/1.1"), "{head}");
    assert!(head.contains("authorization: bearer bat_canary"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
}

#[test]
fn a_token_file_is_read_for_every_request() {
    let server = Server::graphql(|_, variables| {
        let first = variables["after"].is_null();
        json!({ "users": { "nodes": [user(if first { "alice" } else { "bob" })], "endCursor": "alice", "hasNextPage": first } })
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("admin.token");
    std::fs::write(&file, "bat_from-file\n").unwrap();
    let (exit, console) =
        baryctl(&["users", "list", "-o", "name", "-s", &server.address, "--token-file", file.to_str().unwrap()], &[]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, "alice\nbob\n"), "{console:?}");
    assert!(server.received().iter().all(|request| request.head.contains("bat_from-file")));
}

#[test]
fn without_a_token_nothing_is_sent() {
    let server = Server::graphql(|_, _| Value::Null);
    let (exit, console) = baryctl(&["users", "list"], &[("BARYCTL_SERVER", &server.address)]);
    assert_eq!(exit, Exit::Auth);
    assert!(console.stderr().contains("--token-file"), "{console:?}");
    assert!(server.received().is_empty());
}

#[test]
fn every_status_has_its_exit_code() {
    let cases = [
        (401, Exit::Auth),
        (403, Exit::Auth),
        (404, Exit::Failed),
        (302, Exit::Failed),
        (500, Exit::Failed),
        (429, Exit::Unavailable),
        (502, Exit::Unavailable),
        (503, Exit::Unavailable),
        (504, Exit::Unavailable),
    ];
    for (status, wanted) in cases {
        let server = Server::start(move |_| (status, "location: http://127.0.0.1:9/", String::new()));
        let (exit, console) = server.baryctl(&["keys", "list"]);
        assert_eq!(exit, wanted, "{status}: {console:?}");
        assert_eq!(server.received().len(), 1, "{status}");
        assert!(console.stdout().is_empty());
        assert!(!console.stderr().contains("canary"), "{console:?}");
    }
}

#[test]
fn every_code_of_a_graphql_error_has_its_exit_code() {
    let cases = [
        ("UNAUTHENTICATED", Exit::Auth),
        ("NOT_FOUND", Exit::NotFound),
        ("BAD_INPUT", Exit::Usage),
        ("CONFLICT", Exit::Conflict),
        ("UNAVAILABLE", Exit::Unavailable),
        ("INTERNAL", Exit::Failed),
        ("SOMETHING_NEW", Exit::Failed),
    ];
    for (code, wanted) in cases {
        let body = json!({ "data": null, "errors": [{ "message": "no\u{1b}[2J", "extensions": { "code": code } }] });
        let server = Server::start(move |_| (200, "content-type: application/json", body.to_string()));
        let (exit, console) = server.baryctl(&["keys", "list"]);
        assert_eq!(exit, wanted, "{code}: {console:?}");
        assert!(console.stderr().contains("no\\u{1b}[2J"), "{console:?}");
    }
}

#[test]
fn an_answer_of_something_else_is_a_failure() {
    let server = Server::start(|_| (200, "content-type: text/html", "<html>Welcome</html>".to_owned()));
    let (exit, console) = server.baryctl(&["keys", "list"]);
    assert_eq!(exit, Exit::Failed);
    assert!(console.stderr().contains("admin port"), "{console:?}");
}

#[test]
fn a_closed_port_is_unavailable_and_named() {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let address = format!("http://{free}");
    let (exit, console) =
        baryctl(&["keys", "list", "-o", "json"], &[("BARYCTL_SERVER", &address), ("BARYCTL_TOKEN", "bat_x")]);
    assert_eq!(exit, Exit::Unavailable);
    let error: Value = serde_json::from_str(&console.stderr()).unwrap();
    assert_eq!((&error["kind"], &error["exit"], &error["code"]), (&json!("Error"), &json!(8), &json!("unavailable")));
    assert_eq!(error["message"], format!("cannot reach the admin API at {address}: connection refused"));
    assert!(error["hints"][1].as_str().unwrap().contains("port-forward"), "{error}");
    assert!(console.stdout().is_empty());
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (exit, console) =
        baryctl(&["keys", "list", "--timeout", "100ms"], &[("BARYCTL_SERVER", &address), ("BARYCTL_TOKEN", "bat_x")]);
    assert_eq!(exit, Exit::Unavailable, "{console:?}");
    assert!(console.stderr().contains("within 100ms"), "{console:?}");
}

#[test]
fn values_that_this_version_does_not_know_are_shown_as_they_are() {
    let server = Server::graphql(
        |_, _| json!({ "keys": [{ "kid": "k1", "algorithm": "RS256", "state": "FROZEN", "createdAt": "2026-11-23T11:00:00Z", "activatedAt": null, "publicJwk": {} }] }),
    );
    let (exit, console) = server.baryctl(&["keys", "list"]);
    assert_eq!(exit, Exit::Ok);
    assert!(console.stdout().contains("frozen"), "{console:?}");
}
