//! Jobs: what the daemon does by itself, what became of it, and doing it now.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject, Union};
use barycenter_core::model::{self, JobRunId};
use barycenter_core::store::JobRunFilter;

use crate::admin::error::{failed, unavailable};
use crate::admin::limits::{page_cost, page_size};
use crate::admin::scalar::DateTime;
use crate::app::App;
use crate::jobs::{Triggered, trigger};

/// Who asks for runs here.
const OPERATOR: &str = "admin token";

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::JobState")]
pub(super) enum JobState {
    /// It is under way.
    Running,
    /// It did what it should.
    Ok,
    /// It ended with an error, a panic, or at its deadline.
    Failed,
    /// Its replica went away.
    Abandoned,
    /// Somebody asked for its end.
    Cancelled,
}

/// What made a job run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::JobTrigger")]
pub(super) enum JobTrigger {
    /// It was due.
    Schedule,
    /// Somebody asked for it.
    Operator,
}

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::JobLogLevel")]
pub(super) enum JobLogLevel {
    /// Good to know.
    Info,
    /// Somebody should look at it.
    Warning,
    /// It went wrong.
    Error,
}

/// Something that the daemon does at regular times.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Job {
    name: String,
    /// What it does.
    about: String,
    /// How often it is due, in seconds.
    every_seconds: i64,
    /// When it is due.
    next_at: DateTime,
    /// When a run last ended well.
    succeeded_at: Option<DateTime>,
    /// Whether a run is under way.
    running: bool,
}

#[ComplexObject]
impl Job {
    /// The newest run.
    #[graphql(complexity = "1 + child_complexity")]
    async fn last_run(&self, context: &Context<'_>) -> Result<Option<JobRun>> {
        let app = context.data::<Arc<App>>()?;
        let filter = JobRunFilter { job: Some(self.name.clone()), ..JobRunFilter::default() };
        let runs = app.store.job_runs().page(1, &filter).await.map_err(|error| failed(context, &error))?;
        Ok(runs.into_iter().next().map(JobRun::from))
    }
}

impl Job {
    fn new(job: model::ScheduledJob, now: model::Timestamp) -> Self {
        Self {
            running: job.running.is_some_and(|hold| hold.is_kept(now)),
            name: job.name,
            about: job.about,
            every_seconds: job.every_seconds,
            next_at: DateTime(job.next_at),
            succeeded_at: job.succeeded_at.map(DateTime),
        }
    }
}

/// How much of something a run has done.
#[derive(SimpleObject)]
pub(super) struct JobCount {
    /// Of what.
    name: String,
    count: u64,
}

/// One run of a job.
#[derive(SimpleObject)]
pub(super) struct JobRun {
    id: ID,
    /// The job's name.
    job: String,
    trigger: JobTrigger,
    /// Who asked for it; nobody if it was due.
    actor: Option<String>,
    /// The replica that runs it.
    replica: String,
    state: JobState,
    started_at: DateTime,
    finished_at: Option<DateTime>,
    /// How long it took, in milliseconds.
    took_ms: Option<i64>,
    counts: Vec<JobCount>,
    /// What went wrong.
    error: Option<String>,
    /// Who asked for its end, whatever became of that.
    cancelled_by: Option<String>,
}

impl From<model::JobRun> for JobRun {
    fn from(run: model::JobRun) -> Self {
        Self {
            id: run.id.as_str().into(),
            job: run.job,
            trigger: run.trigger.into(),
            actor: run.actor,
            replica: run.replica,
            state: run.state.into(),
            started_at: DateTime(run.started_at),
            finished_at: run.finished_at.map(DateTime),
            took_ms: run.took_ms,
            counts: run.counts.iter().map(|(name, count)| JobCount { name: name.to_owned(), count }).collect(),
            error: run.error,
            cancelled_by: run.cancelled_by,
        }
    }
}

/// Some runs, the newest first.
#[derive(SimpleObject)]
pub(super) struct JobRunPage {
    nodes: Vec<JobRun>,
    /// Pass it as `after` to get the next page.
    end_cursor: Option<String>,
    has_next_page: bool,
}

/// A line of what a run has said.
#[derive(SimpleObject)]
pub(super) struct JobLogLine {
    /// Its number in the run, from 1; pass it as `after` to get what was said since.
    number: i64,
    at: DateTime,
    level: JobLogLevel,
    message: String,
}

impl From<model::JobLogLine> for JobLogLine {
    fn from(line: model::JobLogLine) -> Self {
        Self { number: line.number, at: DateTime(line.at), level: line.level.into(), message: line.message }
    }
}

/// Queries about jobs.
#[derive(Default)]
pub(super) struct JobQuery;

#[Object]
impl JobQuery {
    /// The timetable, by name.
    #[graphql(complexity = "50 + 20 * child_complexity")]
    async fn jobs(&self, context: &Context<'_>) -> Result<Vec<Job>> {
        let app = context.data::<Arc<App>>()?;
        let jobs = app.store.jobs().all().await.map_err(|error| failed(context, &error))?;
        let now = app.now();
        Ok(jobs.into_iter().map(|job| Job::new(job, now)).collect())
    }

    /// Runs, the newest first, at most 1,000 at once; those that meet every condition that is given.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn job_runs(
        &self,
        context: &Context<'_>,
        #[graphql(default = 100)] first: i32,
        after: Option<String>,
        #[graphql(desc = "of this job")] job: Option<String>,
        #[graphql(desc = "in this state")] state: Option<JobState>,
        #[graphql(desc = "begun at this time or later")] since: Option<DateTime>,
    ) -> Result<JobRunPage> {
        let app = context.data::<Arc<App>>()?;
        let size = page_size(first);
        let filter = JobRunFilter {
            job,
            state: state.map(model::JobState::from),
            since: since.map(|since| since.0),
            after: after.map(JobRunId::new),
        };
        let found = app.store.job_runs().page(size.saturating_add(1), &filter).await;
        let mut found = found.map_err(|error| failed(context, &error))?;
        let has_next_page = found.len() as u64 > size;
        found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        let end_cursor = found.last().map(|run| run.id.to_string());
        Ok(JobRunPage { nodes: found.into_iter().map(JobRun::from).collect(), end_cursor, has_next_page })
    }

    /// The run with this id.
    async fn job_run(&self, context: &Context<'_>, id: ID) -> Result<Option<JobRun>> {
        let app = context.data::<Arc<App>>()?;
        let run = app.store.job_runs().by_id(&JobRunId::new(id.as_str())).await;
        Ok(run.map_err(|error| failed(context, &error))?.map(JobRun::from))
    }

    /// What a run has said behind line `after`, in order; only its last lines are kept.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn job_log(
        &self,
        context: &Context<'_>,
        run_id: ID,
        #[graphql(default = 0)] after: i64,
        #[graphql(default = 1000)] first: i32,
    ) -> Result<Vec<JobLogLine>> {
        let app = context.data::<Arc<App>>()?;
        let lines = app.store.job_runs().lines(&JobRunId::new(run_id.as_str()), after, page_size(first)).await;
        Ok(lines.map_err(|error| failed(context, &error))?.into_iter().map(JobLogLine::from).collect())
    }
}

/// The job has begun to run.
#[derive(SimpleObject)]
pub(super) struct JobTriggered {
    run: JobRun,
}

/// The job is running already; nothing was begun.
#[derive(SimpleObject)]
pub(super) struct JobIsRunning {
    /// The run that is under way.
    run_id: ID,
}

/// There is no such job.
#[derive(SimpleObject)]
pub(super) struct JobUnknown {
    /// Those that there are.
    names: Vec<&'static str>,
}

/// What became of asking for a run.
#[derive(Union)]
#[expect(clippy::enum_variant_names, reason = "the variants are named as their types are in the schema")]
pub(super) enum TriggerJobPayload {
    JobTriggered(JobTriggered),
    JobIsRunning(JobIsRunning),
    JobUnknown(JobUnknown),
}

/// The run ends within a few seconds, on whichever replica it is; ask for it until it has.
#[derive(SimpleObject)]
pub(super) struct JobCancelled {
    run: JobRun,
}

/// The run has ended already; nothing was changed.
#[derive(SimpleObject)]
pub(super) struct JobHasEnded {
    run: JobRun,
}

/// There is no such run.
#[derive(SimpleObject)]
pub(super) struct JobRunNotFound {
    id: ID,
}

/// What became of asking for the end of a run.
#[derive(Union)]
#[expect(clippy::enum_variant_names, reason = "the variants are named as their types are in the schema")]
pub(super) enum CancelJobPayload {
    JobCancelled(JobCancelled),
    JobHasEnded(JobHasEnded),
    JobRunNotFound(JobRunNotFound),
}

/// What can be done with jobs.
#[derive(Default)]
pub(super) struct JobMutation;

#[Object]
impl JobMutation {
    /// Runs a job now, on the replica that answers, unless it is running anywhere.
    async fn trigger_job(&self, context: &Context<'_>, name: String) -> Result<TriggerJobPayload> {
        let app = context.data::<Arc<App>>()?;
        let triggered = trigger(app, &name, OPERATOR).await.map_err(|error| failed(context, &error))?;
        Ok(match triggered {
            Triggered::Started(run) => TriggerJobPayload::JobTriggered(JobTriggered { run: run.into() }),
            Triggered::Running(run) => TriggerJobPayload::JobIsRunning(JobIsRunning { run_id: run.as_str().into() }),
            Triggered::Unknown => {
                let names = app.jobs.timetable().iter().map(|job| job.name).collect();
                TriggerJobPayload::JobUnknown(JobUnknown { names })
            }
            Triggered::Stopping => return Err(unavailable("the daemon is shutting down; try again in a moment")),
        })
    }
    /// Asks for the end of a run, on whichever replica it is.
    async fn cancel_job(&self, context: &Context<'_>, id: ID) -> Result<CancelJobPayload> {
        let runs = context.data::<Arc<App>>()?.store.job_runs();
        let run = JobRunId::new(id.as_str());
        let is_asked = runs.cancel(&run, OPERATOR).await.map_err(|error| failed(context, &error))?;
        let found = runs.by_id(&run).await.map_err(|error| failed(context, &error))?;
        Ok(match found.map(JobRun::from) {
            None => CancelJobPayload::JobRunNotFound(JobRunNotFound { id }),
            Some(run) if is_asked => CancelJobPayload::JobCancelled(JobCancelled { run }),
            Some(run) => CancelJobPayload::JobHasEnded(JobHasEnded { run }),
        })
    }
}
