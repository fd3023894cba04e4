//! What monitoring reads of password hashing: the one thing that a rush of sign-ins runs out of.

use std::sync::Arc;

use barycenter_core::password::{HashingEvent, PasswordHasher};
use prometheus::{Error, Histogram, IntCounter, IntGauge, Registry};

use crate::metrics::family::{counter, gauge, histogram};

/// From a millisecond to ten seconds.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The metrics of password hashing.
pub(super) struct PasswordMetrics {
    running: IntGauge,
    waiting: IntGauge,
    most: IntGauge,
    durations: Histogram,
    refused: IntCounter,
}

impl PasswordMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        Ok(Self {
            running: gauge(registry, "barycenter_password_hashes_running", "Password hashes that are being computed.")?,
            waiting: gauge(registry, "barycenter_password_hashes_waiting", "Password hashes that wait for a place.")?,
            most: gauge(
                registry,
                "barycenter_password_hashes_max",
                "The most password hashes at once (passwords.max_concurrent).",
            )?,
            durations: histogram(
                registry,
                "barycenter_password_hash_duration_seconds",
                "How long password hashes took, without waiting for a place.",
                BUCKETS,
            )?,
            refused: counter(
                registry,
                "barycenter_password_hashes_refused_total",
                "Password verifications that were refused because too many were waiting.",
            )?,
        })
    }

    /// Returns what a hasher should tell of its work.
    pub(super) fn observer(&self) -> Arc<dyn Fn(HashingEvent) + Send + Sync> {
        let (durations, refused) = (self.durations.clone(), self.refused.clone());
        Arc::new(move |event| match event {
            HashingEvent::Took(took) => durations.observe(took.as_secs_f64()),
            HashingEvent::Refused => refused.inc(),
        })
    }

    /// Looks at the queue.
    pub(super) fn sample(&self, hasher: &PasswordHasher) {
        let load = hasher.load();
        for (gauge, value) in [(&self.running, load.running), (&self.waiting, load.waiting), (&self.most, load.most)] {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        }
    }
}
