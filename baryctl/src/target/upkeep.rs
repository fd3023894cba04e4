//! Examining a deployment through its database: the checks that the daemon makes of itself.

use std::time::{Duration, Instant};

use barycenter_core::clock::{Clock as _, SystemClock};
use barycenter_core::config::Config;
use barycenter_core::doctor::{Finding, Seat, Selection, Subject, examine};
use barycenter_core::password::PasswordHasher;
use barycenter_core::store::Store;

use crate::error::CtlError;
use crate::target::answer::{Check, Overview};
use crate::target::direct::Direct;

impl Direct {
    /// Examines the deployment.
    pub(crate) async fn doctor(&self, selection: &Selection) -> Vec<Check> {
        examine_all(&self.config, Ok(&self.store), selection).await
    }

    pub(super) async fn overview(&self) -> Result<Overview, CtlError> {
        let database_version = self.store.database_version().await?;
        let started = Instant::now();
        self.store.ping().await?;
        let latency = started.elapsed();
        let found = self.store.overview(SystemClock.now()).await?;
        Ok(Overview {
            database_version,
            latency_ms: milliseconds(latency),
            users: found.users,
            enabled_users: found.enabled_users,
            clients: found.clients,
            sessions: found.sessions,
            replicas: found.replicas,
            failed_jobs: found.failed_jobs,
        })
    }

    /// Returns the database.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Refuses a database that a newer version has migrated.
    ///
    /// # Errors
    /// When it is newer, or does not answer.
    pub(crate) async fn refuse_newer(&self) -> Result<(), CtlError> {
        let status = self.schema().await?;
        if status.unknown.is_empty() { Ok(()) } else { Ok(status.require_current()?) }
    }

    /// Returns the issuer.
    pub(crate) fn issuer(&self) -> String {
        self.config.server.public_base_url.to_string()
    }
}

/// Examines a deployment whose database may not open: then the finding says why.
pub(crate) async fn examine_all(config: &Config, store: Result<&Store, &Finding>, selection: &Selection) -> Vec<Check> {
    let hasher = PasswordHasher::new(&config.passwords).ok();
    let subject = Subject {
        config,
        store,
        hasher: hasher.as_ref(),
        mirror_fault: None,
        seat: Seat::Direct,
        now: SystemClock.now(),
    };
    examine(&subject, selection).await.into_iter().map(Check::from).collect()
}

/// Returns whole milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
