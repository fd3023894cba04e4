//! What monitoring reads of the watched users file.

use barycenter_core::reconcile::Operation;
use barycenter_core::store::{SyncOutcome, SyncRun};
use prometheus::{Error, IntCounterVec, IntGauge, Registry};

use crate::metrics::family::{counters, gauge};

/// What a users file may do to what is there.
const CHANGES: [Operation; 4] = [Operation::Create, Operation::Update, Operation::Disable, Operation::Delete];

/// The metrics of syncs.
pub(super) struct UsersFileMetrics {
    syncs: IntCounterVec,
    changes: IntCounterVec,
    conflicts: IntGauge,
    last_sync: IntGauge,
    last_success: IntGauge,
}

impl UsersFileMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let name = |name: &str| format!("barycenter_users_file_{name}");
        let metrics = Self {
            syncs: counters(registry, &name("syncs_total"), "Syncs of the watched users file.", &["outcome"])?,
            changes: counters(
                registry,
                &name("changes_total"),
                "What syncs of the watched users file have changed.",
                &["operation"],
            )?,
            conflicts: gauge(
                registry,
                &name("conflicts"),
                "What the last sync of the watched users file left as it was.",
            )?,
            last_sync: gauge(
                registry,
                &name("last_sync_timestamp_seconds"),
                "When the last sync of the watched users file ended.",
            )?,
            last_success: gauge(
                registry,
                &name("last_success_timestamp_seconds"),
                "When the last sync ended that did everything the users file wants.",
            )?,
        };
        // A rate needs to have seen zero.
        SyncOutcome::ALL.iter().for_each(|outcome| drop(metrics.syncs.with_label_values(&[outcome.as_str()])));
        CHANGES.iter().for_each(|change| drop(metrics.changes.with_label_values(&[change.word()])));
        Ok(metrics)
    }

    pub(super) fn record(&self, run: &SyncRun) {
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
}
