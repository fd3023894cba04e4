//! `/metrics` on the admin listener: what monitoring reads, in Prometheus's text format. Never on the public one.
//!
//! | name | labels | what |
//! |---|---|---|
//! | `barycenter_build_info` | `version` | always 1 |
//! | `barycenter_database_connections` | `state`: `idle`, `used` | connections that are open |
//! | `barycenter_database_connections_max` | | the most that may be open |
//! | `barycenter_database_statement_duration_seconds` | `result`: `ok`, `error` | how long statements took |
//! | `barycenter_database_transaction_duration_seconds` | | how long transactions took |
//! | `barycenter_database_transaction_wait_seconds` | | how long they waited to begin |
//! | `barycenter_job_duration_seconds` | `job` | how long runs of jobs took in this process |
//! | `barycenter_job_last_success_timestamp_seconds` | `job` | when one last ended well, on any replica; 0 for never |
//! | `barycenter_job_runs_total` | `job`, `result`: `ok`, `failed`, `abandoned`, `cancelled` | runs in this process that have ended |
//! | `barycenter_logins_total` | `result`: `succeeded`, `refused`, `limited`, `failed` | sign-ins with a password |
//! | `barycenter_password_hash_duration_seconds` | | how long password hashes took |
//! | `barycenter_password_hashes_max` | | the most at once |
//! | `barycenter_password_hashes_refused_total` | | verifications refused because too many were waiting |
//! | `barycenter_password_hashes_running` | | those under way |
//! | `barycenter_password_hashes_waiting` | | those that wait for a place |
//! | `barycenter_replicas` | | daemons of this deployment that were heard of lately |
//! | `barycenter_signing_key_activated_timestamp_seconds` | `algorithm` | when the active key began to sign |
//! | `barycenter_signing_keys` | `algorithm`, `state`: `pending`, `active`, `retiring`, `retired` | signing keys |
//! | `barycenter_token_requests_total` | `grant_type`, `result`: `issued` or an error code | answers of the token endpoint |
//! | `barycenter_users_file_changes_total` | `operation`: `create`, `update`, `disable`, `delete` | what syncs of the watched users file have changed |
//! | `barycenter_users_file_conflicts` | | what the last one left as it was |
//! | `barycenter_users_file_last_success_timestamp_seconds` | | when the last one ended of those that did everything |
//! | `barycenter_users_file_last_sync_timestamp_seconds` | | when the last one ended |
//! | `barycenter_users_file_syncs_total` | `outcome`: `ok`, `partial`, `failed` | syncs of the watched users file |
//! | `http_server_active_requests` | `listener`: `public`, `admin` | requests that are under way |
//! | `http_server_request_duration_seconds` | `listener`, `http_route`, `http_request_method`, `http_response_status_code` | how long requests took |
//! | `process_cpu_seconds_total` | | processor time spent |
//! | `process_max_fds` | | the most files and sockets that may be open |
//! | `process_open_fds` | | those that are open |
//! | `process_resident_memory_bytes` | | memory that lies in the machine's own |
//! | `process_start_time_seconds` | | when this process started, in Unix time |
//! | `process_threads` | | threads |
//! | `process_virtual_memory_bytes` | | memory asked for |
//!
//! Durations are histograms, in seconds. Everything but `barycenter_job_last_success_…`, `barycenter_replicas` and
//! `barycenter_signing_key…` is this process's own; those are as this process has seen them in the database some
//! seconds ago. Nothing here asks the database: a page is there when the database is not. One file a subject.

mod database;
mod family;
pub(crate) mod http;
mod job;
mod key;
mod oidc;
mod password;
mod process;
#[cfg(test)]
mod tests;
mod users_file;

use std::sync::Arc;

use barycenter_core::model::Timestamp;
use barycenter_core::password::HashingEvent;
use barycenter_core::store::{Observation, SyncRun};
use poem::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use poem::web::Data;
use poem::{Response, handler};
use prometheus::{IntGauge, Opts, Registry, TEXT_FORMAT, TextEncoder};

use crate::app::App;
use crate::jobs::TIMETABLE;

pub(crate) use http::{Listener, measure};

/// What this process counts.
pub struct Metrics {
    registry: Registry,
    database: database::DatabaseMetrics,
    keys: key::KeyMetrics,
    password: password::PasswordMetrics,
    process: process::ProcessMetrics,
    users_file: users_file::UsersFileMetrics,
    /// Of requests.
    pub(crate) http: http::HttpMetrics,
    /// Of jobs.
    pub(crate) jobs: job::JobMetrics,
    /// Of the protocol.
    pub(crate) oidc: oidc::OidcMetrics,
    /// How many daemons serve.
    pub(crate) replicas: IntGauge,
}

impl Metrics {
    /// Returns the metrics of a process that started at this time.
    ///
    /// # Errors
    /// Never: the names are sound, and each stands once.
    pub fn new(started_at: Timestamp) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let version = Opts::new("barycenter_build_info", "The running program.")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        let build = IntGauge::with_opts(version)?;
        build.set(1);
        registry.register(Box::new(build))?;
        let replicas = "Daemons of this deployment that were heard of lately.";
        Ok(Self {
            database: database::DatabaseMetrics::new(&registry)?,
            password: password::PasswordMetrics::new(&registry)?,
            process: process::ProcessMetrics::new(&registry, started_at)?,
            users_file: users_file::UsersFileMetrics::new(&registry)?,
            http: http::HttpMetrics::new(&registry)?,
            jobs: job::JobMetrics::new(&registry, TIMETABLE)?,
            keys: key::KeyMetrics::new(&registry)?,
            oidc: oidc::OidcMetrics::new(&registry)?,
            replicas: family::gauge(&registry, "barycenter_replicas", replicas)?,
            registry,
        })
    }

    /// Returns what the store should tell of its work.
    pub(crate) fn of_database(&self) -> Arc<dyn Fn(Observation) + Send + Sync> {
        self.database.observer()
    }

    /// Returns what the hasher should tell of its work.
    pub(crate) fn of_passwords(&self) -> Arc<dyn Fn(HashingEvent) + Send + Sync> {
        self.password.observer()
    }

    /// Counts a sync of the watched users file.
    pub(crate) fn record(&self, run: &SyncRun) {
        self.users_file.record(run);
    }

    /// Looks at what is only looked at when somebody asks, and returns everything.
    fn text(&self, app: &App) -> Result<String, prometheus::Error> {
        self.database.sample(&app.store);
        self.keys.sample(&app.keyring.keys());
        self.password.sample(&app.hasher);
        self.process.sample();
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Answers with everything that is counted.
#[handler]
pub(crate) fn metrics(app: Data<&Arc<App>>) -> poem::Result<Response> {
    let text = app.metrics.text(&app).map_err(poem::error::InternalServerError)?;
    Ok(Response::builder().header(CACHE_CONTROL, "no-store").header(CONTENT_TYPE, TEXT_FORMAT).body(text))
}
