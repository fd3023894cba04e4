//! What a run may use, and how it speaks: its lines go to the daemon's log and into the history.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use barycenter_core::model::{JobLogLevel, JobLogLine, JobRun};
use tokio::sync::watch;

use crate::app::App;
use crate::jobs::scheduler::Phase;

/// Why a run could not do what it should.
#[derive(Debug)]
pub struct JobError(String);

impl JobError {
    /// Returns the error with these words: lower-case, no full stop, no secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whatever goes wrong inside ends the run; no error of ours holds a secret.
impl<E: std::error::Error> From<E> for JobError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// One run, seen from inside.
#[derive(Clone)]
pub struct Context {
    /// The deployment.
    pub app: Arc<App>,
    /// The run.
    pub run: Arc<JobRun>,
    phase: watch::Receiver<Phase>,
    was_cut_short: Arc<AtomicBool>,
    is_cancelled: Arc<AtomicBool>,
    lines: Arc<AtomicI64>,
}

impl Context {
    pub(super) fn new(app: Arc<App>, run: Arc<JobRun>, phase: watch::Receiver<Phase>) -> Self {
        Self { app, run, phase, was_cut_short: Arc::default(), is_cancelled: Arc::default(), lines: Arc::default() }
    }

    /// Returns whether the daemon is shutting down, or somebody asks for the end of the run: then it should end where it
    /// can. What a shutdown leaves is done by another run soon.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        let stopping = *self.phase.borrow() != Phase::Open;
        if stopping {
            self.was_cut_short.store(true, Ordering::Relaxed);
        }
        stopping || self.is_cancelled.load(Ordering::Relaxed)
    }

    /// From now on the run should end where it can.
    pub(super) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Returns whether the run has been told to stop before it was done.
    pub(super) fn was_cut_short(&self) -> bool {
        self.was_cut_short.load(Ordering::Relaxed)
    }

    /// Says something that is good to know.
    pub async fn say(&self, message: impl Into<String>) {
        self.keep(JobLogLevel::Info, message.into()).await;
    }

    /// Says something that somebody should look at.
    pub async fn warn(&self, message: impl Into<String>) {
        self.keep(JobLogLevel::Warning, message.into()).await;
    }

    /// Says what went wrong.
    pub(super) async fn fail(&self, message: impl Into<String>) {
        self.keep(JobLogLevel::Error, message.into()).await;
    }

    async fn keep(&self, level: JobLogLevel, message: String) {
        let (job, run) = (&self.run.job, &self.run.id);
        match level {
            JobLogLevel::Info => tracing::info!(job, %run, "{message}"),
            JobLogLevel::Warning => tracing::warn!(job, %run, "{message}"),
            JobLogLevel::Error => tracing::error!(job, %run, "{message}"),
        }
        let number = self.lines.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let line = JobLogLine { number, at: self.app.now(), level, message };
        if let Err(error) = self.app.store.job_runs().say(run, &line).await {
            tracing::warn!(job, %run, %error, "a line of a job could not be kept");
        }
    }
}
