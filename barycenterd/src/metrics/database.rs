//! What monitoring reads of the database: its connections, and how long it lets us wait.

use std::sync::Arc;

use barycenter_core::store::{Observation, Store};
use prometheus::{Error, Histogram, HistogramVec, IntGauge, IntGaugeVec, Registry};

use crate::metrics::family::{gauge, gauges, histogram, histograms};

/// From a tenth of a millisecond to ten seconds.
const BUCKETS: &[f64] = &[0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// The metrics of the database.
pub(super) struct DatabaseMetrics {
    connections: IntGaugeVec,
    most: IntGauge,
    statements: HistogramVec,
    waits: Histogram,
    transactions: Histogram,
}

impl DatabaseMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let metrics = Self {
            connections: gauges(registry, "barycenter_database_connections", "Connections that are open.", &["state"])?,
            most: gauge(
                registry,
                "barycenter_database_connections_max",
                "The most connections that may be open (database.max_connections).",
            )?,
            statements: histograms(
                registry,
                "barycenter_database_statement_duration_seconds",
                "How long statements took.",
                &["result"],
                BUCKETS,
            )?,
            waits: histogram(
                registry,
                "barycenter_database_transaction_wait_seconds",
                "How long transactions waited for a connection, and on SQLite for their turn to write.",
                BUCKETS,
            )?,
            transactions: histogram(
                registry,
                "barycenter_database_transaction_duration_seconds",
                "How long transactions took from their beginning to their end.",
                BUCKETS,
            )?,
        };
        for result in ["ok", "error"] {
            drop(metrics.statements.with_label_values(&[result]));
        }
        Ok(metrics)
    }

    /// Returns what a store should tell of its work.
    pub(super) fn observer(&self) -> Arc<dyn Fn(Observation) + Send + Sync> {
        let (ok, error) = (self.statements.with_label_values(&["ok"]), self.statements.with_label_values(&["error"]));
        let (waits, transactions) = (self.waits.clone(), self.transactions.clone());
        Arc::new(move |observation| match observation {
            Observation::Statement(took) => ok.observe(took.as_secs_f64()),
            Observation::StatementFailed(took) => error.observe(took.as_secs_f64()),
            Observation::Waited(took) => waits.observe(took.as_secs_f64()),
            Observation::Transaction(took) => transactions.observe(took.as_secs_f64()),
        })
    }

    /// Looks at the connections.
    pub(super) fn sample(&self, store: &Store) {
        let pool = store.pool();
        self.connections.with_label_values(&["idle"]).set(i64::from(pool.idle));
        self.connections.with_label_values(&["used"]).set(i64::from(pool.open.saturating_sub(pool.idle)));
        self.most.set(i64::from(pool.most));
    }
}
