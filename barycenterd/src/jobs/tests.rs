//! Jobs on one database: who runs them, and what becomes of bad ones.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use barycenter_core::clock::{Clock, FixedClock};
use barycenter_core::keyring::{Rotated, Rotation, Run};
use barycenter_core::model::{JOB_HELD_SECONDS, JobLogLevel, JobRun, JobState, JobTrigger, ScheduledJob, SigningKey};
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
        cancelled_by: None,
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

#[tokio::test]
async fn a_run_that_is_cancelled_ends_whether_it_listens_or_not() {
    const TIMETABLE: &[Job] = &[
        job("hangs", |_| Box::pin(pending())),
        job("listens", |context| {
            Box::pin(async move {
                while !context.is_stopping() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Ok(JobCounts::of("half", 1))
            })
        }),
    ];
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    for (name, counts) in [("hangs", ""), ("listens", "1 half")] {
        let Triggered::Started(run) = trigger(&app, name, "somebody").await.unwrap() else { panic!("it does not run") };
        let due = the_job(&app, name).await.next_at;
        assert!(app.store.job_runs().cancel(&run.id, "somebody else").await.unwrap());
        app.jobs.all_ended().await;
        let run = app.store.job_runs().by_id(&run.id).await.unwrap().unwrap();
        assert_eq!((run.state, run.cancelled_by.as_deref()), (JobState::Cancelled, Some("somebody else")));
        assert_eq!(run.error.as_deref(), Some("cancelled by somebody else"));
        assert_eq!(run.counts.to_string(), counts, "what was done until then");
        assert_eq!(the_job(&app, name).await.next_at, due, "it runs again when it is due, not before");
        let lines = app.store.job_runs().lines(&run.id, 0, 10).await.unwrap();
        assert_eq!(lines.last().map(|line| line.message.as_str()), Some("cancelled by somebody else"));
    }
    clock.advance(60);
    look(&app).await.unwrap();
    assert_eq!(history(&app).await.len(), 4, "the next time is as ever");
    app.jobs.stop(Duration::from_millis(20)).await;
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

/// Has everything of the real timetable done; returns what became of each job.
async fn done(app: &Arc<App>, clock: &FixedClock) -> Vec<(String, JobState, String)> {
    clock.advance(1000);
    look(app).await.unwrap();
    app.jobs.all_ended().await;
    let mut runs = history(app).await;
    runs.truncate(TIMETABLE.len());
    runs.sort_by(|one, other| one.job.cmp(&other.job));
    let told = |run: JobRun| (run.job, run.state, run.error.unwrap_or_else(|| run.counts.to_string()));
    runs.into_iter().map(told).collect()
}

fn told(job: &str, state: JobState, words: &str) -> (String, JobState, String) {
    (job.to_owned(), state, words.to_owned())
}

#[tokio::test]
async fn what_has_expired_is_removed_and_keys_and_mirror_are_as_they_should_be() {
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    app.store.leases().take("sync", "somebody", NOW, 10).await.unwrap();
    let mirror = std::fs::read_to_string(&app.config.keys.jwks_path).unwrap();
    std::fs::write(&app.config.keys.jwks_path, "{}").unwrap();
    assert_eq!(
        done(&app, &clock).await,
        [
            told("clean-up", JobState::Ok, "1 leases"),
            told("jwks-mirror", JobState::Ok, "1 written"),
            told("key-rotation", JobState::Ok, "1 prolonged"),
        ]
    );
    assert_eq!(std::fs::read_to_string(&app.config.keys.jwks_path).unwrap(), mirror);
    assert_eq!(
        done(&app, &clock).await,
        ["clean-up", "jwks-mirror", "key-rotation"].map(|job| told(job, JobState::Ok, "")),
        "nothing is left to do"
    );
}

#[tokio::test]
async fn steps_of_keys_are_counted_by_kind_and_said() {
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    done(&app, &clock).await;
    let policy = app.keyring.policy(&app.config.oidc);
    let clocks = app.keyring.clocks(&policy, app.now()).await.unwrap();
    let rotation = Rotation { algorithm: None, activate_in: None, run: Run::Real };
    let rotated = app.keyring.rotate(rotation, &policy, clocks).await.unwrap();
    let Rotated::Published { key, .. } = rotated else { panic!("{rotated:?}") };
    // Time that was skipped does not count at once; the key's own time is put back instead.
    let due = SigningKey { activates_at: Some(NOW), created_at: NOW, ..key };
    app.store.signing_keys().update(&due).await.unwrap();
    let found = done(&app, &clock).await;
    assert_eq!(found[2], told("key-rotation", JobState::Ok, "1 activated"));
    let filter = JobRunFilter { job: Some("key-rotation".to_owned()), ..JobRunFilter::default() };
    let run = app.store.job_runs().page(1, &filter).await.unwrap().remove(0);
    let lines = app.store.job_runs().lines(&run.id, 0, 10).await.unwrap();
    assert_eq!(lines[0].message, format!("{} signs from now on", due.kid));
}

#[tokio::test]
async fn keys_that_cannot_be_tended_and_a_mirror_that_cannot_be_written_are_failed_runs() {
    let (app, _folder, clock) = app_with(TIMETABLE).await;
    done(&app, &clock).await;
    let path = &app.config.keys.jwks_path;
    std::fs::remove_file(path).unwrap();
    std::fs::create_dir_all(path.join("in the way")).unwrap();
    let key = app.store.signing_keys().all().await.unwrap().remove(0);
    let other = SigningKey { root: "another".to_owned(), lifetime: 0, ..key };
    app.store.signing_keys().update(&other).await.unwrap();
    let found = done(&app, &clock).await;
    let (mirror, keys) = (&found[1], &found[2]);
    assert_eq!((mirror.1, keys.1), (JobState::Failed, JobState::Failed), "{found:?}");
    assert!(mirror.2.contains("(keys.jwks_path) cannot be written"), "{found:?}");
    assert!(keys.2.contains("does not open the keyring"), "{found:?}");
}

#[test]
fn the_timetable_is_sound() {
    for (place, job) in TIMETABLE.iter().enumerate() {
        assert!(TIMETABLE.iter().skip(place + 1).all(|other| other.name != job.name), "{} twice", job.name);
        assert!(job.every.as_secs() > 0 && job.deadline.as_secs() > 0, "{}", job.name);
        assert!(job.name.chars().all(|character| character.is_ascii_lowercase() || character == '-'), "{}", job.name);
    }
}
