//! How the deployment stands, as the server sees it: the queries `doctor` and `overview`.

use std::sync::Arc;
use std::time::Instant;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use barycenter_core::doctor::{self, Group, Seat, Selection, Subject, examine};

use crate::admin::error::{bad_input, failed};
use crate::app::App;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "doctor::Status")]
pub(super) enum CheckStatus {
    /// There is nothing to check.
    Skipped,
    /// As it should be.
    Ok,
    /// It works; somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
}

/// One check and what it found.
#[derive(SimpleObject)]
pub(super) struct Check {
    /// The stable name: `db.reachable`.
    id: &'static str,
    /// What it is shown under: `database`.
    group: &'static str,
    status: CheckStatus,
    message: String,
    /// The way out of what is wrong.
    fix: Option<String>,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// How much a deployment holds, and how fast its database answers.
#[derive(SimpleObject)]
pub(super) struct Overview {
    /// The version of the database's own program.
    database_version: String,
    /// How long the database takes to answer, in milliseconds.
    latency_ms: u64,
    users: u64,
    /// Those who may sign in.
    enabled_users: u64,
    clients: u64,
    /// Sessions that have not ended.
    sessions: u64,
    /// Daemons that serve the deployment.
    replicas: u64,
    /// Runs of jobs that ended badly within the last day.
    failed_jobs: u64,
}

/// Queries about how the deployment stands.
#[derive(Default)]
pub(super) struct DoctorQuery;

#[Object]
impl DoctorQuery {
    /// What is wrong, and how to mend it: the checks of these groups (empty: of all), without these ids.
    async fn doctor(
        &self,
        context: &Context<'_>,
        #[graphql(default)] only: Vec<String>,
        #[graphql(default)] skip: Vec<String>,
    ) -> Result<Vec<Check>> {
        let app = context.data::<Arc<App>>()?;
        let group =
            |name: &String| Group::from_name(name).ok_or_else(|| bad_input(format!("{name:?} is no group of checks")));
        let only = only.iter().map(group).collect::<Result<Vec<_>>>()?;
        let subject = Subject {
            config: &app.config,
            store: Ok(&app.store),
            hasher: Some(&app.hasher),
            mirror_fault: app.keyring.mirror_fault(),
            seat: Seat::Daemon,
            now: app.now(),
        };
        let checks = examine(&subject, &Selection { only, skip, before_start: false }).await;
        Ok(checks
            .into_iter()
            .map(|check| Check {
                id: check.id,
                group: doctor::group_of(check.id).map_or("", Group::as_str),
                status: check.finding.status.into(),
                message: check.finding.message,
                fix: check.finding.fix,
                took_ms: check.took_ms,
            })
            .collect())
    }

    /// How much the deployment holds, and how fast its database answers.
    async fn overview(&self, context: &Context<'_>) -> Result<Overview> {
        let app = context.data::<Arc<App>>()?;
        let overview = async {
            let version = app.store.database_version().await?;
            let started = Instant::now();
            app.store.ping().await?;
            let latency = started.elapsed();
            Ok((version, latency, app.store.overview(app.now()).await?))
        };
        let (database_version, latency, found) = overview.await.map_err(|error| failed(context, &error))?;
        Ok(Overview {
            database_version,
            latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
            users: found.users,
            enabled_users: found.enabled_users,
            clients: found.clients,
            sessions: found.sessions,
            replicas: found.replicas,
            failed_jobs: found.failed_jobs,
        })
    }
}
