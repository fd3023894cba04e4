//! The admin API's jobs.

use barycenter_core::model::JobState;
use barycenter_core::store::JobRunFilter;

use crate::admin_api::connection::Patience;
use crate::admin_api::operations::{
    self as operation, cancel_job, get_job_log, get_job_run, list_job_runs, trigger_job,
};
use crate::admin_api::{AdminApi, PAGE};
use crate::error::CtlError;
use crate::target::answer::Page;
use crate::target::job::{Cancelled, Job, JobLogLine, JobRun, Triggered};

impl AdminApi {
    /// Returns the timetable.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn jobs(&self) -> Result<Vec<Job>, CtlError> {
        let data = self.execute(operation::ListJobs, operation::list_jobs::Variables).await?;
        let job = |job: operation::list_jobs::ListJobsJobs| Job {
            name: job.name,
            about: job.about,
            every_seconds: job.every_seconds,
            next_at: job.next_at,
            succeeded_at: job.succeeded_at,
            running: job.running,
        };
        Ok(data.jobs.into_iter().map(job).collect())
    }

    /// Returns runs, the newest first.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn job_runs(&self, filter: &JobRunFilter) -> Result<Page<JobRun>, CtlError> {
        use list_job_runs::JobState as State;

        let state = |state| match state {
            JobState::Running => State::Running,
            JobState::Ok => State::Ok,
            JobState::Failed => State::Failed,
            JobState::Abandoned => State::Abandoned,
            JobState::Cancelled => State::Cancelled,
        };
        let variables = list_job_runs::Variables {
            first: PAGE,
            after: filter.after.as_ref().map(ToString::to_string),
            job: filter.job.clone(),
            state: filter.state.map(state),
            since: filter.since.map(|since| since.to_string()),
        };
        let page = self.execute(operation::ListJobRuns, variables).await?.job_runs;
        let next = page.end_cursor.filter(|_| page.has_next_page);
        Ok(Page { nodes: page.nodes.into_iter().map(JobRun::from).collect(), next })
    }

    /// Returns a run by its id; asked again when the connection breaks.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn job_run(&self, id: &str) -> Result<Option<JobRun>, CtlError> {
        let variables = get_job_run::Variables { id: id.to_owned() };
        let data = self.insist(operation::GetJobRun, variables, Patience::default()).await?;
        Ok(data.job_run.map(JobRun::from))
    }

    /// Returns what a run has said behind line `after`; asked again when the connection breaks.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn job_log(&self, id: &str, after: i64) -> Result<Vec<JobLogLine>, CtlError> {
        let variables = get_job_log::Variables { id: id.to_owned(), after, first: PAGE };
        let data = self.insist(operation::GetJobLog, variables, Patience::default()).await?;
        Ok(data.job_log.into_iter().map(JobLogLine::from).collect())
    }

    /// Has a job done now.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn trigger_job(&self, name: &str) -> Result<Triggered, CtlError> {
        use trigger_job::TriggerJobTriggerJob as Payload;

        let data = self.execute(operation::TriggerJob, trigger_job::Variables { name: name.to_owned() }).await?;
        Ok(match data.trigger_job {
            Payload::JobTriggered(triggered) => Triggered::Started(Box::new(triggered.run.into())),
            Payload::JobIsRunning(running) => Triggered::Running(running.run_id),
            Payload::JobUnknown(unknown) => Triggered::Unknown(unknown.names),
        })
    }

    /// Asks for the end of a run.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn cancel_job(&self, id: &str) -> Result<Cancelled, CtlError> {
        use cancel_job::CancelJobCancelJob as Payload;

        let data = self.execute(operation::CancelJob, cancel_job::Variables { id: id.to_owned() }).await?;
        Ok(match data.cancel_job {
            Payload::JobCancelled(asked) => Cancelled::Asked(Box::new(asked.run.into())),
            Payload::JobHasEnded(ended) => Cancelled::Ended(Box::new(ended.run.into())),
            Payload::JobRunNotFound(_) => Cancelled::Unknown,
        })
    }
}

/// Each operation has types of its own, alike but not the same.
macro_rules! job_runs {
    ($($operation:ident),*) => {$(
        impl From<$operation::JobRunFields> for JobRun {
            fn from(run: $operation::JobRunFields) -> Self {
                use $operation::{JobState as State, JobTrigger as Trigger};

                let count = |number: i64| u64::try_from(number).unwrap_or_default();
                Self {
                    id: run.id,
                    job: run.job,
                    trigger: match run.trigger {
                        Trigger::Schedule => "schedule".to_owned(),
                        Trigger::Operator => "operator".to_owned(),
                        Trigger::Other(name) => name.to_lowercase(),
                    },
                    actor: run.actor,
                    replica: run.replica,
                    state: match run.state {
                        State::Running => "running".to_owned(),
                        State::Ok => "ok".to_owned(),
                        State::Failed => "failed".to_owned(),
                        State::Abandoned => "abandoned".to_owned(),
                        State::Cancelled => "cancelled".to_owned(),
                        State::Other(name) => name.to_lowercase(),
                    },
                    started_at: run.started_at,
                    finished_at: run.finished_at,
                    took_ms: run.took_ms,
                    counts: run.counts.into_iter().map(|one| (one.name, count(one.count))).collect(),
                    error: run.error,
                    cancelled_by: run.cancelled_by,
                    next_at: None,
                }
            }
        }
    )*};
}

job_runs!(list_job_runs, get_job_run, trigger_job, cancel_job);

impl From<get_job_log::GetJobLogJobLog> for JobLogLine {
    fn from(line: get_job_log::GetJobLogJobLog) -> Self {
        use get_job_log::JobLogLevel as Level;

        Self {
            number: line.number,
            at: line.at,
            level: match line.level {
                Level::Info => "info".to_owned(),
                Level::Warning => "warning".to_owned(),
                Level::Error => "error".to_owned(),
                Level::Other(name) => name.to_lowercase(),
            },
            message: line.message,
        }
    }
}
