//! One run of a job, from outside: it is held while it works, ended at its deadline, and noted in the history
//! whatever becomes of it.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use barycenter_core::model::{JOB_HELD_SECONDS, JobCounts, JobOutcome, JobRun, JobState};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::app::App;
use crate::jobs::scheduler::Phase;
use crate::jobs::{Context, Job, JobError};

/// How often a run is held for longer.
const RENEWAL: Duration = Duration::from_secs(10);

/// How often it is looked whether somebody asks for the end of a run.
const LOOK: Duration = Duration::from_secs(1);

/// How long a run whose end was asked for may take to end where it can.
const GRACE: Duration = Duration::from_secs(2);

/// How long a database may take to answer before it is asked again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the work ended.
enum End {
    /// By itself.
    Done(Result<JobCounts, JobError>),
    /// This one asked for it.
    Cancelled(String),
    /// Others have taken the run for dead, or may have.
    Lost,
}

/// Does what `job` does, under a run that is ours.
pub(super) async fn carry_out(app: Arc<App>, job: &'static Job, run: JobRun, phase: watch::Receiver<Phase>) {
    let began = Instant::now();
    let run = Arc::new(run);
    let context = Context::new(Arc::clone(&app), Arc::clone(&run), phase.clone());
    let mut work = tokio::spawn((job.work)(context.clone()));
    let end = tokio::select! {
        done = &mut work => End::Done(done.unwrap_or_else(|error| Err(panicked(error)))),
        () = sleep(job.deadline) => End::Done(Err(JobError::new(format!("did not end within {:?}", job.deadline)))),
        () = until_over(phase) => End::Done(Err(JobError::new("the daemon was stopped before it had ended"))),
        by = cancellation(&app, &run) => End::Cancelled(by),
        () = hold(&app, &run) => End::Lost,
    };
    let counts =
        if matches!(end, End::Cancelled(_)) { wound_up(&context, &mut work).await } else { JobCounts::default() };
    work.abort();
    let took = began.elapsed();
    let (state, counts, error) = match end {
        End::Done(Ok(counts)) => (JobState::Ok, counts, None),
        End::Done(Err(error)) => (JobState::Failed, counts, Some(error.to_string())),
        End::Cancelled(by) => (JobState::Cancelled, counts, Some(format!("cancelled by {by}"))),
        End::Lost => {
            tracing::warn!(job = job.name, run = %run.id, "another replica has taken over; this run is given up");
            app.metrics.jobs.ended(job.name, JobState::Abandoned, took);
            return;
        }
    };
    app.metrics.jobs.ended(job.name, state, took);
    let took_ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    match &error {
        Some(error) if state == JobState::Cancelled => context.warn(error.clone()).await,
        Some(error) => context.fail(error.clone()).await,
        None => {}
    }
    tracing::debug!(job = job.name, run = %run.id, state = state.as_str(), %counts, took_ms, "a job has ended");
    let next_at = context.was_cut_short().then(|| app.now());
    note(&app, &run, JobOutcome { state, finished_at: app.now(), took_ms, counts, error, next_at }).await;
}

/// Lets a run end where it can; returns what it has done, as far as it says so in time.
async fn wound_up(context: &Context, work: &mut JoinHandle<Result<JobCounts, JobError>>) -> JobCounts {
    context.cancel();
    match timeout(GRACE, work).await {
        Ok(Ok(Ok(counts))) => counts,
        _ => JobCounts::default(),
    }
}

/// Returns when there is no more time at all.
async fn until_over(mut phase: watch::Receiver<Phase>) {
    // An error means that the daemon's own end of it is gone.
    let _ = phase.wait_for(|phase| *phase == Phase::Over).await;
}

/// Returns when somebody asks for the end of the run: who it is.
async fn cancellation(app: &App, run: &JobRun) -> String {
    loop {
        sleep(LOOK).await;
        // A database that is away is told of where the run is held.
        if let Ok(Ok(Some(by))) = timeout(PATIENCE, app.store.job_runs().cancelled_by(&run.id)).await {
            return by;
        }
    }
}

/// Holds the run again and again; returns when it is no longer ours, or others may think so.
async fn hold(app: &App, run: &JobRun) {
    let mut renewals = interval(RENEWAL);
    renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    renewals.tick().await;
    let mut held = Instant::now();
    loop {
        renewals.tick().await;
        match timeout(PATIENCE, app.store.jobs().renew(run, app.now())).await {
            Ok(Ok(true)) => held = Instant::now(),
            Ok(Ok(false)) => return,
            Ok(Err(error)) => tracing::warn!(job = run.job, run = %run.id, %error, "a run could not be renewed"),
            Err(_) => {
                tracing::warn!(job = run.job, run = %run.id, "a run could not be renewed: the database is silent")
            }
        }
        if held.elapsed().as_secs() + RENEWAL.as_secs() >= JOB_HELD_SECONDS.unsigned_abs() {
            return;
        }
    }
}

/// Notes the outcome; a database that is away for a moment does not make a run an abandoned one.
async fn note(app: &App, run: &JobRun, outcome: JobOutcome) {
    for attempt in 1..=5_u32 {
        match timeout(PATIENCE, app.store.finish_job(run, &outcome)).await {
            Ok(Ok(true)) => return,
            Ok(Ok(false)) => {
                tracing::warn!(job = run.job, run = %run.id, "another replica has taken over; the outcome is not noted");
                return;
            }
            Ok(Err(error)) => tracing::warn!(job = run.job, run = %run.id, %error, "the outcome could not be noted"),
            Err(_) => tracing::warn!(job = run.job, run = %run.id, "the outcome could not be noted in time"),
        }
        sleep(Duration::from_secs(1) * attempt).await;
    }
}

/// Returns what a panic says.
fn panicked(error: JoinError) -> JobError {
    if !error.is_panic() {
        return JobError::new("was cancelled");
    }
    JobError::new(format!("panicked: {}", words(&*error.into_panic())))
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
