//! What `/metrics` really prints, held against the table in the header of this module.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use barycenter_core::model::{JobState, Manager};
use barycenter_core::reconcile::Counts;
use barycenter_core::store::SyncOutcome;
use poem::http::StatusCode;
use poem::test::TestClient;
use poem::{EndpointExt as _, get};

use super::*;
use crate::admin::AdminToken;
use crate::testing::{NOW, test_app};
use crate::{admin_app, public_app};

async fn page(app: &Arc<App>) -> String {
    let answer = TestClient::new(get(metrics).data(Arc::clone(app))).get("/").send().await;
    answer.assert_header("content-type", "text/plain; version=0.0.4");
    answer.assert_header("cache-control", "no-store");
    answer.0.into_body().into_string().await.unwrap()
}

fn assert_lines(page: &str, lines: &[&str]) {
    for line in lines {
        assert!(page.lines().any(|found| found == *line), "{line} is not in\n{page}");
    }
}

#[tokio::test]
async fn a_sync_is_counted() {
    let (app, _folder) = test_app().await;
    let run = |outcome: SyncOutcome, create: u64, conflict: u64| SyncRun {
        manager: Manager::default(),
        origin: "watch users.json".to_owned(),
        outcome,
        counts: Counts { create, conflict, ..Counts::default() },
        message: None,
        started_at: NOW,
        finished_at: NOW.plus(7),
    };
    app.metrics.record(&run(SyncOutcome::Ok, 3, 1));
    app.metrics.record(&run(SyncOutcome::Failed, 0, 0));
    assert_lines(
        &page(&app).await,
        &[
            "barycenter_users_file_syncs_total{outcome=\"ok\"} 1",
            "barycenter_users_file_syncs_total{outcome=\"failed\"} 1",
            "barycenter_users_file_syncs_total{outcome=\"partial\"} 0",
            "barycenter_users_file_changes_total{operation=\"create\"} 3",
            "barycenter_users_file_conflicts 0",
            &format!("barycenter_users_file_last_success_timestamp_seconds {}", NOW.plus(7).as_unix()),
            &format!("process_start_time_seconds {}", NOW.as_unix()),
        ],
    );
}

/// The metrics that the table names, with their labels.
fn promised() -> BTreeMap<String, BTreeSet<String>> {
    let quoted = |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    // Behind a colon stand values of the label before it.
    let labels = |cell: &str| -> BTreeSet<String> {
        let mut labels = BTreeSet::new();
        let mut is_value = false;
        for (place, part) in cell.split('`').enumerate() {
            if place % 2 == 1 && !is_value {
                labels.insert(part.to_owned());
            }
            if place % 2 == 0 && part.starts_with(':') {
                is_value = true;
            }
        }
        labels
    };
    include_str!("mod.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|line| {
            let cells: Vec<&str> = line.split(" | ").collect();
            let name = quoted(&format!("`{}", cells[0])).remove(0);
            (name, labels(cells[1]))
        })
        .collect()
}

/// The metrics of a page, with their labels; a histogram's `le` and suffixes are no business of the table.
fn printed(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let kinds = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let kinds: BTreeMap<&str, &str> = kinds.filter_map(|line| line.split_once(' ')).collect();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix).filter(|base| kinds.get(base) == Some(&"histogram")));
        let known = found.entry(base.unwrap_or(name).to_owned()).or_default();
        for label in labels.trim_end_matches('}').split("\",").filter(|label| !label.is_empty()) {
            let (label, _) = label.split_once('=').unwrap();
            if label != "le" {
                known.insert(label.to_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn the_table_names_what_is_printed_and_nothing_else() {
    let (app, _folder) = test_app().await;
    let client = TestClient::new(measure(public_app(&app).map_to_response(), &app, Listener::Public));
    client.get("/livez").send().await.assert_status_is_ok();
    let page = page(&app).await;
    assert_eq!(printed(&page), promised(), "\n{page}");
    for line in page.lines().filter(|line| line.starts_with("# HELP")) {
        assert!(line.ends_with('.') || line.ends_with(')'), "no sentence: {line}");
    }
}

#[tokio::test]
async fn a_request_is_counted_by_its_route_and_never_by_its_path() {
    let (app, _folder) = test_app().await;
    let public = TestClient::new(measure(public_app(&app).map_to_response(), &app, Listener::Public));
    let token = AdminToken::new(&barycenter_core::secret::Secret::new("a token of this test"));
    let admin = TestClient::new(measure(admin_app(&app, token).map_to_response(), &app, Listener::Admin));
    for path in ["/livez", "/.well-known/openid-configuration", "/assets/nothing.css", "/canary/1", "/canary/2"] {
        public.get(path).send().await;
    }
    public.post("/token").send().await.assert_status(StatusCode::UNAUTHORIZED);
    public.request(poem::http::Method::from_bytes(b"CANARY").unwrap(), "/login").send().await;
    admin.post("/admin/graphql").send().await.assert_status(StatusCode::UNAUTHORIZED);
    admin.get("/admin/canary").send().await;
    let page = page(&app).await;
    let counted: BTreeMap<&str, &str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("http_server_request_duration_seconds_count"))
        .filter_map(|line| line.rsplit_once(' '))
        .collect();
    let wanted = |route: &str, method: &str, status: u16, listener: &str| {
        format!(
            "{{http_request_method=\"{method}\",http_response_status_code=\"{status}\",http_route=\"{route}\",listener=\"{listener}\"}}"
        )
    };
    for (series, count) in [
        (wanted("/livez", "GET", 200, "public"), "1"),
        (wanted("/.well-known/openid-configuration", "GET", 200, "public"), "1"),
        (wanted("/assets/:name", "GET", 404, "public"), "1"),
        (wanted("/token", "POST", 401, "public"), "1"),
        (wanted("other", "GET", 404, "public"), "2"),
        (wanted("other", "_OTHER", 405, "public"), "1"),
        (wanted("/admin/graphql", "POST", 401, "admin"), "1"),
        (wanted("other", "GET", 404, "admin"), "1"),
    ] {
        assert_eq!(counted.get(series.as_str()), Some(&count), "{series} among {counted:#?}");
    }
    assert!(!page.to_lowercase().contains("canary"), "{page}");
    assert_lines(&page, &["barycenter_token_requests_total{grant_type=\"other\",result=\"invalid_client\"} 1"]);
}

#[tokio::test]
async fn the_public_listener_has_no_metrics() {
    let (app, _folder) = test_app().await;
    let client = TestClient::new(public_app(&app));
    client.get("/metrics").send().await.assert_status(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_happens_is_counted() {
    let (app, _folder) = test_app().await;
    let statuses = [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::SERVICE_UNAVAILABLE];
    statuses.into_iter().chain([StatusCode::FORBIDDEN]).for_each(|status| app.metrics.oidc.login(status));
    app.metrics.oidc.token_request(Some("refresh_token"), "issued");
    app.metrics.oidc.token_request(Some("canary"), "unsupported_grant_type");
    app.metrics.jobs.ended("clean-up", JobState::Failed, std::time::Duration::from_secs(2));
    app.metrics.jobs.succeeded("clean-up", Some(NOW));
    let _ = app.hasher.verify(&barycenter_core::secret::Secret::new("a password"), None).await.unwrap();
    app.store.write().await.unwrap().commit().await.unwrap();
    app.store.signing_keys().all().await.unwrap();
    let page = page(&app).await;
    assert_lines(
        &page,
        &[
            "barycenter_logins_total{result=\"succeeded\"} 1",
            "barycenter_logins_total{result=\"refused\"} 1",
            "barycenter_logins_total{result=\"failed\"} 1",
            "barycenter_logins_total{result=\"limited\"} 0",
            "barycenter_token_requests_total{grant_type=\"refresh_token\",result=\"issued\"} 1",
            "barycenter_token_requests_total{grant_type=\"other\",result=\"unsupported_grant_type\"} 1",
            "barycenter_job_runs_total{job=\"clean-up\",result=\"failed\"} 1",
            "barycenter_job_duration_seconds_sum{job=\"clean-up\"} 2",
            &format!("barycenter_job_last_success_timestamp_seconds{{job=\"clean-up\"}} {}", NOW.as_unix()),
            "barycenter_password_hash_duration_seconds_count 1",
            "barycenter_password_hashes_running 0",
            "barycenter_password_hashes_waiting 0",
        ],
    );
    for name in [
        "barycenter_database_statement_duration_seconds_count{result=\"ok\"}",
        "barycenter_database_transaction_duration_seconds_count",
        "process_resident_memory_bytes",
        "process_open_fds",
    ] {
        let value = page.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        assert!(value.trim().parse::<f64>().is_ok_and(|value| value > 0.0), "{name}{value}");
    }
}
