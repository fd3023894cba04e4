//! What monitoring reads of jobs: how runs of this process have ended, and when one last ended well on any replica.

use std::time::Duration;

use barycenter_core::model::{JobState, Timestamp};
use prometheus::{Error, HistogramVec, IntCounterVec, IntGaugeVec, Registry};

use crate::jobs::Job;
use crate::metrics::family::{counters, gauges, histograms};

/// From a hundredth of a second to an hour.
const BUCKETS: &[f64] = &[0.01, 0.05, 0.25, 1.0, 5.0, 30.0, 120.0, 600.0, 3600.0];

/// The metrics of jobs.
pub(crate) struct JobMetrics {
    runs: IntCounterVec,
    durations: HistogramVec,
    succeeded: IntGaugeVec,
}

impl JobMetrics {
    pub(super) fn new(registry: &Registry, timetable: &[Job]) -> Result<Self, Error> {
        let metrics = Self {
            runs: counters(registry, "barycenter_job_runs_total", "Runs of jobs that have ended.", &["job", "result"])?,
            durations: histograms(
                registry,
                "barycenter_job_duration_seconds",
                "How long runs of jobs took.",
                &["job"],
                BUCKETS,
            )?,
            succeeded: gauges(
                registry,
                "barycenter_job_last_success_timestamp_seconds",
                "When a run of the job last ended well, on any replica, in Unix time; 0 for never.",
                &["job"],
            )?,
        };
        // A rate needs to have seen zero.
        for job in timetable {
            for state in [JobState::Ok, JobState::Failed, JobState::Abandoned, JobState::Cancelled] {
                drop(metrics.runs.with_label_values(&[job.name, state.as_str()]));
            }
            drop(metrics.durations.with_label_values(&[job.name]));
            metrics.succeeded.with_label_values(&[job.name]).set(0);
        }
        Ok(metrics)
    }

    /// Counts a run that has ended.
    pub(crate) fn ended(&self, job: &str, state: JobState, took: Duration) {
        self.runs.with_label_values(&[job, state.as_str()]).inc();
        self.durations.with_label_values(&[job]).observe(took.as_secs_f64());
    }

    /// Counts a run that was over before anybody knew of it: how long it took is nobody's knowledge.
    pub(crate) fn noted(&self, job: &str, state: JobState) {
        self.runs.with_label_values(&[job, state.as_str()]).inc();
    }

    /// Notes when a run last ended well.
    pub(crate) fn succeeded(&self, job: &str, at: Option<Timestamp>) {
        self.succeeded.with_label_values(&[job]).set(at.map_or(0, Timestamp::as_unix));
    }
}
