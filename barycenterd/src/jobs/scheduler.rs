//! Finds what is due and has it done; and does at once what an operator asks for.
//!
//! Every replica looks at the timetable in the database every few seconds; which of them runs what is decided there, by
//! `Store::take_job`. A database that is away is asked again.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use barycenter_core::model::{JobCounts, JobRun, JobRunId, JobState, JobTrigger, ScheduledJob};
use barycenter_core::store::StoreError;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::app::App;
use crate::jobs::Job;
use crate::jobs::run::carry_out;

/// The longest time between two looks at the timetable.
const LOOK: Duration = Duration::from_secs(10);

/// The shortest.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);

/// How long after its first entry a job is due for the first time, in seconds: not while everybody signs in again.
const FIRST: i64 = 60;

/// How long the outcome of runs that were cut off may take to be noted.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Where the daemon stands, for runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It serves.
    Open,
    /// It is shutting down: runs end where they can.
    Stopping,
    /// There is no more time: runs end where they are.
    Over,
}

/// The runs of this process.
pub struct Jobs {
    timetable: &'static [Job],
    phase: watch::Sender<Phase>,
    running: Mutex<JoinSet<()>>,
    /// Held from taking a run to its beginning, so that whoever waits for the last run to end knows of it.
    taking: tokio::sync::Mutex<()>,
}

/// What became of asking for a run.
#[derive(Debug)]
pub enum Triggered {
    /// It runs.
    Started(JobRun),
    /// It was running already; this is that run.
    Running(JobRunId),
    /// There is no such job.
    Unknown,
    /// The daemon is shutting down.
    Stopping,
}

impl Jobs {
    /// Returns no runs of these jobs.
    #[must_use]
    pub fn new(timetable: &'static [Job]) -> Self {
        Self {
            timetable,
            phase: watch::Sender::new(Phase::Open),
            running: Mutex::default(),
            taking: tokio::sync::Mutex::default(),
        }
    }

    /// Returns the jobs that this process knows.
    #[must_use]
    pub fn timetable(&self) -> &'static [Job] {
        self.timetable
    }

    /// From now on no run begins, and those under way end where they can.
    pub fn wind_down(&self) {
        self.phase.send_if_modified(|phase| {
            let open = *phase == Phase::Open;
            if open {
                *phase = Phase::Stopping;
            }
            open
        });
    }

    /// Waits for the runs under way, as long as `patience` says; then ends them where they are.
    pub async fn stop(&self, patience: Duration) {
        self.wind_down();
        let all = async {
            drop(self.taking.lock().await);
            self.all_ended().await;
        };
        if timeout(patience, all).await.is_err() {
            tracing::warn!("jobs that were still running are ended");
            self.phase.send_replace(Phase::Over);
            let _ = timeout(LAST_WORDS, self.all_ended()).await;
        }
    }

    /// Returns when no run is under way.
    pub(super) async fn all_ended(&self) {
        loop {
            let ended = poll_fn(|context| self.lock().poll_join_next(context));
            if ended.await.is_none() {
                return;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> bool {
        *self.phase.borrow() == Phase::Open
    }

    /// Begins a run that is ours.
    fn begin(&self, app: &Arc<App>, job: &'static Job, run: JobRun) {
        let work = carry_out(Arc::clone(app), job, run, self.phase.subscribe());
        let mut running = self.lock();
        while running.try_join_next().is_some() {}
        running.spawn(work);
    }
}

/// Has done what is due until it is dropped or the daemon stops.
pub(crate) async fn serve(app: Arc<App>) {
    let mut phase = app.jobs.phase.subscribe();
    let mut is_away = false;
    loop {
        let pause = match look(&app).await {
            Ok(pause) => {
                is_away = false;
                pause
            }
            Err(error) => {
                // Said once, not every few seconds.
                if !is_away {
                    tracing::warn!(%error, "the timetable of jobs cannot be read; it is tried again");
                }
                is_away = true;
                LOOK
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            _ = phase.wait_for(|phase| *phase != Phase::Open) => return,
        }
    }
}

/// Begins what is due; returns when to look again.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn look(app: &Arc<App>) -> Result<Duration, StoreError> {
    let known = app.store.jobs().all().await?;
    let mut pause = LOOK;
    for job in app.jobs.timetable {
        let found = known.iter().find(|known| known.name == job.name);
        let wanted = job.scheduled(app.now().plus(FIRST));
        let Some(scheduled) = found else {
            app.store.jobs().enter(&wanted).await?;
            continue;
        };
        if (&scheduled.about, scheduled.every_seconds) != (&wanted.about, wanted.every_seconds) {
            app.store.jobs().enter(&wanted).await?;
        }
        app.metrics.jobs.succeeded(job.name, scheduled.succeeded_at);
        let now = app.now();
        if scheduled.is_due(now) {
            let run = new_run(app, job, JobTrigger::Schedule, None);
            take(app, job, scheduled, run).await?;
        } else if scheduled.running.is_none() {
            let ahead = u64::try_from(scheduled.next_at.since(now)).unwrap_or_default();
            pause = pause.min(Duration::from_secs(ahead)).max(SHORTEST_LOOK);
        }
    }
    Ok(pause)
}

/// Begins a run if nobody else does; returns whether it was begun.
async fn take(app: &Arc<App>, job: &'static Job, seen: &ScheduledJob, run: JobRun) -> Result<bool, StoreError> {
    let _taking = app.jobs.taking.lock().await;
    let taken = app.jobs.is_open() && app.store.take_job(seen, &run).await?;
    if taken {
        app.jobs.begin(app, job, run);
    }
    Ok(taken)
}

/// Runs a job now, unless it is running.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn trigger(app: &Arc<App>, name: &str, actor: &str) -> Result<Triggered, StoreError> {
    let Some(job) = app.jobs.timetable.iter().find(|job| job.name == name) else { return Ok(Triggered::Unknown) };
    let run = new_run(app, job, JobTrigger::Operator, Some(actor.to_owned()));
    let jobs = app.store.jobs();
    let seen = match jobs.by_name(name).await? {
        Some(seen) => seen,
        None => {
            let wanted: ScheduledJob = job.scheduled(app.now().plus(FIRST));
            jobs.enter(&wanted).await?;
            wanted
        }
    };
    if !app.jobs.is_open() {
        return Ok(Triggered::Stopping);
    }
    if take(app, job, &seen, run.clone()).await? {
        return Ok(Triggered::Started(run));
    }
    let other = jobs.by_name(name).await?.and_then(|job| job.running);
    Ok(match other {
        Some(hold) => Triggered::Running(hold.run),
        // It has ended since.
        None => Triggered::Running(seen.running.map_or(run.id, |hold| hold.run)),
    })
}

fn new_run(app: &App, job: &Job, trigger: JobTrigger, actor: Option<String>) -> JobRun {
    JobRun {
        id: JobRunId::generate(),
        job: job.name.to_owned(),
        trigger,
        actor,
        replica: app.replica.name.clone(),
        state: JobState::Running,
        started_at: app.now(),
        finished_at: None,
        took_ms: None,
        counts: JobCounts::default(),
        error: None,
        cancelled_by: None,
    }
}
