//! Jobs, their runs and the replicas that run them, as a target answers them.

use std::collections::BTreeMap;

use barycenter_core::model::{self, JobRunId, JobState, Timestamp};
use barycenter_core::store::JobRunFilter;
use serde::Serialize;

use crate::error::{CtlError, Exit};
use crate::target::Target;
use crate::target::answer::Page;

/// Something that the daemon does at regular times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Job {
    /// Its name.
    pub(crate) name: String,
    /// What it does.
    pub(crate) about: String,
    /// How often it is due, in seconds.
    pub(crate) every_seconds: i64,
    /// RFC 3339; when it is due.
    pub(crate) next_at: String,
    /// RFC 3339; when a run last ended well.
    pub(crate) succeeded_at: Option<String>,
    /// Whether a run is under way.
    pub(crate) running: bool,
}

/// One run of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct JobRun {
    /// Names it.
    pub(crate) id: String,
    /// The job's name.
    pub(crate) job: String,
    /// `schedule` or `operator`.
    pub(crate) trigger: String,
    /// Who asked for it.
    pub(crate) actor: Option<String>,
    /// The replica that runs it.
    pub(crate) replica: String,
    /// `running`, `ok`, `failed`, `abandoned` or `cancelled`.
    pub(crate) state: String,
    /// RFC 3339.
    pub(crate) started_at: String,
    /// RFC 3339.
    pub(crate) finished_at: Option<String>,
    /// Milliseconds.
    pub(crate) took_ms: Option<i64>,
    /// What it has done.
    pub(crate) counts: BTreeMap<String, u64>,
    /// What went wrong.
    pub(crate) error: Option<String>,
    /// Who asked for its end, whatever became of that.
    pub(crate) cancelled_by: Option<String>,
    /// RFC 3339; when the job is due, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_at: Option<String>,
}

impl JobRun {
    /// Returns whether it is still under way.
    #[must_use]
    pub(crate) fn is_running(&self) -> bool {
        self.state == JobState::Running.as_str()
    }

    /// Returns whether it did what it should.
    #[must_use]
    pub(crate) fn is_ok(&self) -> bool {
        self.state == JobState::Ok.as_str()
    }
}

/// A line of what a run has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct JobLogLine {
    /// Its number in the run, from 1.
    pub(crate) number: i64,
    /// RFC 3339.
    pub(crate) at: String,
    /// `info`, `warning` or `error`.
    pub(crate) level: String,
    /// The words.
    pub(crate) message: String,
}

/// What became of asking for a run.
#[derive(Debug)]
pub(crate) enum Triggered {
    /// It runs.
    Started(Box<JobRun>),
    /// It was running already; this is that run's id.
    Running(String),
    /// There is no such job; these there are.
    Unknown(Vec<String>),
}

/// What became of asking for the end of a run.
#[derive(Debug)]
pub(crate) enum Cancelled {
    /// It is under way, and ends within a few seconds.
    Asked(Box<JobRun>),
    /// It has ended already.
    Ended(Box<JobRun>),
    /// There is no such run.
    Unknown,
}

impl Target {
    /// Returns the timetable.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn jobs(&self) -> Result<Vec<Job>, CtlError> {
        match self {
            Self::Admin(api) => api.jobs().await,
            Self::Direct(direct) => direct.jobs().await,
        }
    }

    /// Returns runs, the newest first.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn job_runs(&self, filter: &JobRunFilter) -> Result<Page<JobRun>, CtlError> {
        match self {
            Self::Admin(api) => api.job_runs(filter).await,
            Self::Direct(direct) => direct.job_runs(filter).await,
        }
    }

    /// Returns a run by its id.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn job_run(&self, id: &str) -> Result<Option<JobRun>, CtlError> {
        match self {
            Self::Admin(api) => api.job_run(id).await,
            Self::Direct(direct) => direct.job_run(&JobRunId::new(id)).await,
        }
    }

    /// Returns what a run has said behind line `after`.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn job_log(&self, id: &str, after: i64) -> Result<Vec<JobLogLine>, CtlError> {
        match self {
            Self::Admin(api) => api.job_log(id, after).await,
            Self::Direct(direct) => direct.job_log(&JobRunId::new(id), after).await,
        }
    }

    /// Has a job done now.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses; the database cannot run jobs.
    pub(crate) async fn trigger_job(&self, name: &str) -> Result<Triggered, CtlError> {
        match self {
            Self::Admin(api) => api.trigger_job(name).await,
            Self::Direct(_) => Err(CtlError::new(Exit::Usage, "jobs are run by a daemon: --direct cannot trigger one")
                .hint("--server URL, without --direct")),
        }
    }

    /// Asks for the end of a run.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses; nobody listens behind the database alone.
    pub(crate) async fn cancel_job(&self, id: &str) -> Result<Cancelled, CtlError> {
        match self {
            Self::Admin(api) => api.cancel_job(id).await,
            Self::Direct(_) => Err(CtlError::new(Exit::Usage, "jobs are run by a daemon: --direct cannot cancel one")
                .hint("--server URL, without --direct")),
        }
    }
}

impl Job {
    /// Returns a job as the database has it.
    pub(super) fn new(job: model::ScheduledJob, now: Timestamp) -> Self {
        Self {
            running: job.running.is_some_and(|hold| hold.is_kept(now)),
            name: job.name,
            about: job.about,
            every_seconds: job.every_seconds,
            next_at: job.next_at.to_string(),
            succeeded_at: job.succeeded_at.map(|time| time.to_string()),
        }
    }
}

impl From<model::JobRun> for JobRun {
    fn from(run: model::JobRun) -> Self {
        Self {
            id: run.id.to_string(),
            job: run.job,
            trigger: run.trigger.as_str().to_owned(),
            actor: run.actor,
            replica: run.replica,
            state: run.state.as_str().to_owned(),
            started_at: run.started_at.to_string(),
            finished_at: run.finished_at.map(|time| time.to_string()),
            took_ms: run.took_ms,
            counts: run.counts.iter().map(|(name, count)| (name.to_owned(), count)).collect(),
            error: run.error,
            cancelled_by: run.cancelled_by,
            next_at: None,
        }
    }
}

impl From<model::JobLogLine> for JobLogLine {
    fn from(line: model::JobLogLine) -> Self {
        Self {
            number: line.number,
            at: line.at.to_string(),
            level: line.level.as_str().to_owned(),
            message: line.message,
        }
    }
}
