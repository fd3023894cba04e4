//! Jobs on one database: who runs them, and what becomes of bad ones.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use barycenter_core::clock::{Clock, FixedClock};
use barycenter_core::model::{JOB_HELD_SECONDS, JobLogLevel, JobRun, JobState, JobTrigger, ScheduledJob};
use barycenter_core::store::JobRunFilter;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::scheduler::look;
use super::*;
use crate::app::App;
use crate::testing::{NOW, test_app_with};

const HOUR: Duration = Duration::from_secs(3600);

/// A job that is due every minute.
const fn job(name: &'static str, work: fn(Context) -> Work) -> Job {
    Job { name, about: "is a test", every: minutes(1), deadline: HOUR, work }
}

async fn app_with(timetable: &'static [Job]) -> (Arc<App>, TempDir, Arc<FixedClock>) {
    let (mut app, folder, clock) = test_app_with(|_| ()).await;
    Arc::get_mut(&mut app).unwrap().jobs = Jobs::new(timetable);
    look(&app).await.unwrap();
    (app, folder, clock)
}

/// Lets time pass until everything is due, has it done, and returns what was noted, the newest first.
async fn next_round(app: &Arc<App>, clock: &FixedClock) -> Vec<JobRun> {
    clock.advance(60);
    look(app).await.unwrap();
    app.jobs.all_ended().await;
    history(app).await
}

async fn history(app: &App) -> Vec<JobRun> {
    app.store.job_runs().page(100, &JobRunFilter::default()).await.unwrap()
}

async fn the_job(app: &App, name: &str) -> ScheduledJob {
    app.store.jobs().by_name(name).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_is_due_is_done_and_noted() {
    async fn work(context: Context) -> Result<JobCounts, JobError> {
        context.say("begins").await;
        context.warn("and goes on").await;
        Ok(JobCounts::of("things", 3))
    }
    const TIMETABLE: &[Job] = &[job("good", |context| Box::pin(work(context)))];
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    assert_eq!(history(&app).await, [], "not at once after the first start");
    let runs = next_round(&app, &clock).await;
    assert_eq!(runs.len(), 1);
    let JobRun { trigger, state, counts, started_at, finished_at, .. } = &runs[0];
    assert_eq!((*trigger, *state, counts.get("things")), (JobTrigger::Schedule, JobState::Ok, 3));
    assert_eq!((*started_at, *finished_at, runs[0].took_ms.is_some()), (NOW.plus(60), Some(NOW.plus(60)), true));
    assert_eq!(runs[0].replica, app.replica.name);
    let lines = app.store.job_runs().lines(&runs[0].id, 0, 10).await.unwrap();
    let said: Vec<_> = lines.iter().map(|line| (line.number, line.level, line.message.as_str())).collect();
    assert_eq!(said, [(1, JobLogLevel::Info, "begins"), (2, JobLogLevel::Warning, "and goes on")]);
    look(&app).await.unwrap();
    assert_eq!(history(&app).await.len(), 1, "it is not due again yet");
    assert_eq!(the_job(&app, "good").await.succeeded_at, Some(NOW.plus(60)));
}

#[tokio::test]
async fn a_panic_is_a_failed_run_and_not_a_dead_scheduler() {
    const TIMETABLE: &[Job] = &[
        job("panics", |_| {
            Box::pin(async {
                let counts: Result<JobCounts, u8> = "7".parse().map_or(Ok(JobCounts::default()), Err);
                Ok(counts.unwrap_or_else(|number| panic!("number {number}")))
            })
        }),
        job("fails", |_| Box::pin(async { Err(JobError::new("the disk is full")) })),
        job("good", |_| Box::pin(async { Ok(JobCounts::default()) })),
    ];
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    for round in 1..=2 {
        let runs = next_round(&app, &clock).await;
        assert_eq!(runs.len(), 3 * round);
        for run in runs {
            let (state, error) = match run.job.as_str() {
                "panics" => (JobState::Failed, Some("panicked: number 7")),
                "fails" => (JobState::Failed, Some("the disk is full")),
                _ => (JobState::Ok, None),
            };
            assert_eq!((run.state, run.error.as_deref()), (state, error), "{}", run.job);
            let lines = app.store.job_runs().lines(&run.id, 0, 10).await.unwrap();
            assert_eq!(lines.last().map(|line| line.message.as_str()), error, "the last line says why");
        }
    }
}

#[tokio::test]
async fn a_job_that_hangs_ends_at_its_deadline() {
    const HANGS: Job = job("hangs", |_| Box::pin(pending()));
    const TIMETABLE: &[Job] = &[Job { deadline: Duration::from_millis(50), ..HANGS }];
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    let runs = next_round(&app, &clock).await;
    assert_eq!((runs[0].state, runs[0].error.as_deref()), (JobState::Failed, Some("did not end within 50ms")));
    assert_eq!(the_job(&app, "hangs").await.running, None);
}

#[tokio::test]
async fn a_job_is_not_triggered_while_it_runs() {
    static GATE: Semaphore = Semaphore::const_new(0);
    const TIMETABLE: &[Job] = &[job("waits", |_| {
        Box::pin(async {
            drop(GATE.acquire().await?);
            Ok(JobCounts::default())
        })
    })];
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    let Triggered::Started(run) = trigger(&app, "waits", "somebody").await.unwrap() else { panic!("it does not run") };
    assert_eq!((run.trigger, run.actor.as_deref()), (JobTrigger::Operator, Some("somebody")));
    let Triggered::Running(other) = trigger(&app, "waits", "somebody else").await.unwrap() else { panic!("twice") };
    assert_eq!(other, run.id);
    clock.advance(30);
    look(&app).await.unwrap();
    assert_eq!(history(&app).await.len(), 1);
    assert!(matches!(trigger(&app, "nothing", "somebody").await.unwrap(), Triggered::Unknown));
    GATE.add_permits(1);
    app.jobs.all_ended().await;
    assert_eq!(history(&app).await[0].state, JobState::Ok);
}

#[tokio::test]
async fn what_a_dead_replica_has_begun_is_done_by_another() {
    const TIMETABLE: &[Job] = &[job("good", |_| Box::pin(async { Ok(JobCounts::default()) }))];
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    let dead = JobRun {
        id: barycenter_core::model::JobRunId::generate(),
        job: "good".to_owned(),
        trigger: JobTrigger::Operator,
        actor: None,
        replica: "elsewhere/1".to_owned(),
        state: JobState::Running,
        started_at: NOW,
        finished_at: None,
        took_ms: None,
        counts: JobCounts::default(),
        error: None,
    };
    assert!(app.store.take_job(&the_job(&app, "good").await, &dead).await.unwrap());
    clock.advance(JOB_HELD_SECONDS - 1);
    look(&app).await.unwrap();
    assert_eq!(history(&app).await.len(), 1, "it may live");
    clock.advance(1);
    look(&app).await.unwrap();
    app.jobs.all_ended().await;
    let states: Vec<JobState> = history(&app).await.into_iter().map(|run| run.state).collect();
    assert_eq!(states, [JobState::Ok, JobState::Abandoned]);
}

#[tokio::test]
async fn a_run_that_is_told_to_stop_goes_on_soon_elsewhere() {
    const TIMETABLE: &[Job] = &[job("long", |context| {
        Box::pin(async move {
            while !context.is_stopping() {
                tokio::task::yield_now().await;
            }
            Ok(JobCounts::of("half", 1))
        })
    })];
    let (app, _folder, _clock) = app_with(TIMETABLE).await;
    assert!(matches!(trigger(&app, "long", "somebody").await.unwrap(), Triggered::Started(_)));
    app.jobs.stop(HOUR).await;
    let run = history(&app).await.remove(0);
    assert_eq!((run.state, run.counts.get("half")), (JobState::Ok, 1));
    assert_eq!(the_job(&app, "long").await.next_at, NOW, "what is left is due at once");
    assert!(matches!(trigger(&app, "long", "somebody").await.unwrap(), Triggered::Stopping));
    look(&app).await.unwrap();
    assert_eq!(history(&app).await.len(), 1, "nothing begins any more");
}

#[tokio::test]
async fn a_run_that_does_not_stop_is_ended() {
    const TIMETABLE: &[Job] = &[job("hangs", |_| Box::pin(pending()))];
    let (app, _folder, _clock) = app_with(TIMETABLE).await;
    assert!(matches!(trigger(&app, "hangs", "somebody").await.unwrap(), Triggered::Started(_)));
    app.jobs.stop(Duration::from_millis(20)).await;
    let run = history(&app).await.remove(0);
    assert_eq!(
        (run.state, run.error.as_deref()),
        (JobState::Failed, Some("the daemon was stopped before it had ended"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_schedulers_run_each_due_run_once() {
    static DONE: AtomicU64 = AtomicU64::new(0);
    const TIMETABLE: &[Job] = &[job("counted", |_| {
        Box::pin(async {
            DONE.fetch_add(1, Ordering::Relaxed);
            Ok(JobCounts::default())
        })
    })];
    let (one, _folder, clock) = app_with(TIMETABLE).await;
    let other = App::open(one.config.clone(), Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    let other = Arc::new(App { jobs: Jobs::new(TIMETABLE), ..other });
    for round in 1..=25 {
        clock.advance(60);
        let looks = [&one, &other].map(|app| {
            let app = Arc::clone(app);
            tokio::spawn(async move { look(&app).await.unwrap() })
        });
        for look in looks {
            look.await.unwrap();
        }
        one.jobs.all_ended().await;
        other.jobs.all_ended().await;
        assert_eq!(DONE.load(Ordering::Relaxed), round);
    }
}

#[tokio::test]
async fn the_clean_up_removes_what_has_expired() {
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    app.store.leases().take("sync", "somebody", NOW, 10).await.unwrap();
    clock.advance(1000);
    look(&app).await.unwrap();
    app.jobs.all_ended().await;
    let run = history(&app).await.remove(0);
    assert_eq!((run.job.as_str(), run.state, run.counts.get("leases")), ("clean-up", JobState::Ok, 1), "{run:?}");
}

#[test]
fn the_timetable_is_sound() {
    for (place, job) in TIMETABLE.iter().enumerate() {
        assert!(TIMETABLE.iter().skip(place + 1).all(|other| other.name != job.name), "{} twice", job.name);
        assert!(job.every.as_secs() > 0 && job.deadline.as_secs() > 0, "{}", job.name);
        assert!(job.name.chars().all(|character| character.is_ascii_lowercase() || character == '-'), "{}", job.name);
    }
}
