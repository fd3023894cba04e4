//! `/metrics` on the admin listener: what monitoring reads, in Prometheus's text format.
//!
//! | name | labels | what |
//! |---|---|---|
//! | `barycenter_build_info` | `version` | always 1 |
//! | `barycenter_start_time_seconds` | | when this process started, in Unix time |
//! | `barycenter_users_file_syncs_total` | `outcome`: `ok`, `partial`, `failed` | syncs of the watched users file |
//! | `barycenter_users_file_changes_total` | `operation`: `create`, `update`, `disable`, `delete` | what they have changed |
//! | `barycenter_users_file_conflicts` | | what the last one left as it was |
//! | `barycenter_users_file_last_sync_timestamp_seconds` | | when the last one ended |
//! | `barycenter_users_file_last_success_timestamp_seconds` | | when the last one ended of those that did everything |

use std::sync::Arc;

use barycenter_core::model::Timestamp;
use barycenter_core::reconcile::Operation;
use barycenter_core::store::{SyncOutcome, SyncRun};
use poem::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use poem::web::Data;
use poem::{Response, handler};
use prometheus::{IntCounterVec, IntGauge, Opts, Registry, TEXT_FORMAT, TextEncoder};

use crate::app::App;

/// What this process counts.
pub struct Metrics {
    registry: Registry,
    syncs: IntCounterVec,
    changes: IntCounterVec,
    conflicts: IntGauge,
    last_sync: IntGauge,
    last_success: IntGauge,
}

/// What a users file may do to what is there.
const CHANGES: [Operation; 4] = [Operation::Create, Operation::Update, Operation::Disable, Operation::Delete];

impl Metrics {
    /// Returns the metrics of a process that started at this time.
    ///
    /// # Errors
    /// Never: the names are sound, and each stands once.
    pub fn new(started_at: Timestamp) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        let counters = |name: &str, help: &str, label: &str, values: &[&str]| {
            let counters = IntCounterVec::new(Opts::new(name, help), &[label])?;
            registry.register(Box::new(counters.clone()))?;
            // A rate needs to have seen zero.
            values.iter().for_each(|value| drop(counters.with_label_values(&[*value])));
            Ok::<_, prometheus::Error>(counters)
        };
        let version = Opts::new("barycenter_build_info", "The running program.")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        let build = IntGauge::with_opts(version)?;
        build.set(1);
        registry.register(Box::new(build))?;
        gauge("barycenter_start_time_seconds", "When the process started, in Unix time.")?.set(started_at.as_unix());
        let outcomes = SyncOutcome::ALL.map(SyncOutcome::as_str);
        let prefixed = |name: &str| format!("barycenter_users_file_{name}");
        Ok(Self {
            syncs: counters(&prefixed("syncs_total"), "Syncs of the watched users file.", "outcome", &outcomes)?,
            changes: counters(
                &prefixed("changes_total"),
                "What syncs of the watched users file have changed.",
                "operation",
                &CHANGES.map(Operation::word),
            )?,
            conflicts: gauge(&prefixed("conflicts"), "What the last sync of the watched users file left as it was.")?,
            last_sync: gauge(
                &prefixed("last_sync_timestamp_seconds"),
                "When the last sync of the watched users file ended.",
            )?,
            last_success: gauge(
                &prefixed("last_success_timestamp_seconds"),
                "When the last sync ended that did everything the users file wants.",
            )?,
            registry,
        })
    }

    /// Counts a sync of the watched users file.
    pub(crate) fn record(&self, run: &SyncRun) {
        self.syncs.with_label_values(&[run.outcome.as_str()]).inc();
        for operation in CHANGES {
            self.changes.with_label_values(&[operation.word()]).inc_by(run.counts.of(operation));
        }
        let finished = run.finished_at.as_unix();
        self.last_sync.set(finished);
        self.conflicts.set(i64::try_from(run.counts.conflict).unwrap_or(i64::MAX));
        if run.outcome == SyncOutcome::Ok {
            self.last_success.set(finished);
        }
    }

    fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Answers with everything that is counted.
#[handler]
pub(crate) fn metrics(app: Data<&Arc<App>>) -> poem::Result<Response> {
    let text = app.metrics.text().map_err(poem::error::InternalServerError)?;
    Ok(Response::builder().header(CACHE_CONTROL, "no-store").header(CONTENT_TYPE, TEXT_FORMAT).body(text))
}

#[cfg(test)]
mod tests {
    use barycenter_core::model::Manager;
    use barycenter_core::reconcile::Counts;
    use poem::test::TestClient;
    use poem::{EndpointExt as _, get};

    use super::*;
    use crate::testing::{NOW, test_app};

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
        let answer = TestClient::new(get(metrics).data(Arc::clone(&app))).get("/").send().await;
        answer.assert_header("content-type", "text/plain; version=0.0.4");
        let text = answer.0.into_body().into_string().await.unwrap();
        for line in [
            "barycenter_users_file_syncs_total{outcome=\"ok\"} 1",
            "barycenter_users_file_syncs_total{outcome=\"failed\"} 1",
            "barycenter_users_file_syncs_total{outcome=\"partial\"} 0",
            "barycenter_users_file_changes_total{operation=\"create\"} 3",
            "barycenter_users_file_conflicts 0",
            &format!("barycenter_users_file_last_success_timestamp_seconds {}", NOW.plus(7).as_unix()),
            &format!("barycenter_start_time_seconds {}", NOW.as_unix()),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
