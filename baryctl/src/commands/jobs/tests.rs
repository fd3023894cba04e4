//! `baryctl jobs …` against a server that gives prepared answers.

use serde_json::{Value, json};

use crate::error::Exit;
use crate::test::Server;

fn run(state: &str, error: Option<&str>) -> Value {
    let ended = state != "RUNNING";
    json!({
        "id": "0190-run", "job": "clean-up", "trigger": "OPERATOR", "actor": "admin token", "replica": "host/1",
        "state": state, "cancelledBy": (state == "CANCELLED").then_some("admin token"), "startedAt": "2026-11-23T11:00:00Z", "finishedAt": ended.then_some("2026-11-23T11:00:01Z"),
        "tookMs": ended.then_some(1_134), "error": error,
        "counts": if state == "OK" { json!([{ "name": "access_tokens", "count": 412 }, { "name": "leases", "count": 0 }]) } else { json!([]) },
    })
}

/// A server whose run ends in this state.
fn server(state: &'static str, error: Option<&'static str>) -> Server {
    Server::graphql(move |operation, _| match operation {
        "TriggerJob" => json!({ "triggerJob": { "__typename": "JobTriggered", "run": run("RUNNING", None) } }),
        "GetJobRun" => json!({ "jobRun": run(state, error) }),
        "ListJobs" => json!({ "jobs": [{ "name": "clean-up", "about": "removes what has expired", "everySeconds": 600,
            "nextAt": "2026-11-23T11:10:00Z", "succeededAt": null, "running": false }] }),
        "ListJobRuns" => {
            json!({ "jobRuns": { "nodes": [run(state, error)], "endCursor": "0190-run", "hasNextPage": false } })
        }
        "GetJobLog" => json!({ "jobLog": [] }),
        "CancelJob" => json!({ "cancelJob": { "__typename": "JobCancelled", "run": run("RUNNING", None) } }),
        other => panic!("{other} is not expected"),
    })
}

#[test]
fn a_run_that_ends_well_is_told_in_a_line() {
    let (exit, console) = server("OK", None).baryctl(&["jobs", "trigger", "clean-up", "--wait"]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, "clean-up 0190-run ok in 1.1s: 412 access tokens\n"));
    let (exit, console) = server("OK", None).baryctl(&["jobs", "trigger", "clean-up"]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, "clean-up 0190-run running\n"), "not waited for");
}

#[test]
fn a_run_that_fails_is_exit_code_3_if_it_was_waited_for() {
    for (state, error) in [("FAILED", Some("the disk is full")), ("ABANDONED", Some("its replica went away"))] {
        let server = server(state, error);
        let (exit, console) = server.baryctl(&["jobs", "trigger", "clean-up", "--wait"]);
        assert_eq!(exit, Exit::Failed);
        let complaint = format!("error: clean-up {}: {}\n", state.to_lowercase(), error.unwrap());
        assert!(console.stderr().starts_with(&complaint), "{console:?}");
        assert!(console.stderr().contains("baryctl jobs logs 0190-run"), "{console:?}");
    }
}

#[test]
fn runs_are_listed_with_when_the_job_is_due() {
    let (exit, console) = server("FAILED", Some("disk full")).baryctl(&["jobs", "list"]);
    assert_eq!(exit, Exit::Ok, "{console:?}");
    insta::assert_snapshot!(console.stdout(), @r"
    ID        NAME      STATE   STARTED            TOOK  NEXT               ERROR
    0190-run  clean-up  failed  2026-11-23 11:00Z  1.1s  2026-11-23 11:10Z  disk full
    ");
    let (_, console) = server("OK", None).baryctl(&["jobs", "list", "--timetable"]);
    insta::assert_snapshot!(console.stdout(), @r"
    NAME      EVERY  NEXT               LAST SUCCESS  RUNNING  ABOUT
    clean-up  10m    2026-11-23 11:10Z  –             no       removes what has expired
    ");
}

#[test]
fn what_is_asked_for_is_sent() {
    let server = server("OK", None);
    server.baryctl(&["jobs", "list", "--state", "failed", "--name", "clean-up", "--since", "24h"]);
    let received = server.received();
    let variables = &received.last().unwrap().body["variables"];
    assert_eq!((&variables["state"], &variables["job"]), (&json!("FAILED"), &json!("clean-up")));
    assert!(variables["since"].as_str().is_some_and(|time| time.ends_with('Z')), "{variables}");
}

#[test]
fn a_stream_of_lines_is_no_document() {
    let (exit, console) = server("OK", None).baryctl(&["jobs", "logs", "0190-run", "--follow", "-o", "json"]);
    assert_eq!(exit, Exit::Usage, "{console:?}");
    let (exit, console) = server("OK", None).baryctl(&["jobs", "logs", "0190-run", "--follow"]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, ""), "{console:?}");
}

#[test]
fn a_run_that_is_cancelled_is_waited_for() {
    let server = server("CANCELLED", Some("cancelled by admin token"));
    let (exit, console) = server.baryctl(&["jobs", "cancel", "0190-run"]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Ok, "clean-up 0190-run cancelled in 1.1s\n"), "{console:?}");
    assert_eq!(server.received()[1].body["variables"], json!({ "id": "0190-run" }));
    let (exit, console) = server.baryctl(&["jobs", "cancel", "0190-run", "-o", "json"]);
    let document: Value = serde_json::from_str(&console.stdout()).unwrap();
    assert_eq!((exit, &document["cancelled_by"]), (Exit::Ok, &json!("admin token")), "{console:?}");
}

#[test]
fn a_run_that_has_ended_is_not_cancelled() {
    // It ends well after all.
    let (exit, console) = server("OK", None).baryctl(&["jobs", "cancel", "0190-run"]);
    assert_eq!((exit, console.stdout().as_str()), (Exit::Conflict, ""));
    assert!(console.stderr().starts_with("error: the run 0190-run has ended already: ok\n"), "{console:?}");
    let prepared = |payload: Value| Server::graphql(move |_, _| json!({ "cancelJob": payload }));
    let ended = prepared(json!({ "__typename": "JobHasEnded", "run": run("FAILED", Some("disk full")) }));
    let (exit, console) = ended.baryctl(&["jobs", "cancel", "0190-run"]);
    assert_eq!(exit, Exit::Conflict);
    assert!(console.stderr().contains("has ended already: failed"), "{console:?}");
    let unknown = prepared(json!({ "__typename": "JobRunNotFound", "id": "nothing" }));
    let (exit, console) = unknown.baryctl(&["jobs", "cancel", "nothing"]);
    assert_eq!(exit, Exit::NotFound);
    assert!(console.stderr().starts_with("error: there is no run \"nothing\"\n"), "{console:?}");
}

#[test]
fn a_run_is_waited_for_until_it_has_ended() {
    let wait = |server: &Server| server.baryctl(&["wait", "--for", "job=0190-run", "--timeout", "5s"]);
    let (exit, console) = wait(&server("OK", None));
    assert_eq!(exit, Exit::Ok, "{console:?}");
    let bad = [("FAILED", "disk full"), ("ABANDONED", "its replica went away"), ("CANCELLED", "cancelled by bob")];
    for (state, error) in bad {
        let (exit, console) = wait(&server(state, Some(error)));
        assert_eq!(exit, Exit::Failed, "{console:?}");
        let complaint = format!("error: clean-up {}: {error}\n", state.to_lowercase());
        assert!(console.stderr().contains(&complaint), "{console:?}");
    }
    let (exit, console) = wait(&Server::graphql(|_, _| json!({ "jobRun": null })));
    assert_eq!(exit, Exit::NotFound, "{console:?}");
    let running = server("RUNNING", None);
    let (exit, console) =
        running.baryctl(&["wait", "--for", "job=0190-run", "--timeout", "100ms", "--interval", "50ms"]);
    assert_eq!(exit, Exit::No, "{console:?}");
    assert!(console.stderr().contains("job=0190-run: clean-up is running"), "{console:?}");
}
