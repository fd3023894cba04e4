//! Jobs: every due run is taken once, whoever's clock is ahead; what the dead have begun is taken over; and the history
//! is bounded.

use std::collections::BTreeSet;

use barycenter_core::model::{
    JOB_HELD_SECONDS, JobCounts, JobLogLevel, JobLogLine, JobOutcome, JobRun, JobRunId, JobState, JobTrigger,
    ScheduledJob, Timestamp,
};
use barycenter_core::store::{JobRunFilter, Store};
use tokio::task::JoinSet;

use crate::support::{NOW, on_both};

fn job() -> ScheduledJob {
    ScheduledJob {
        name: "clean-up".to_owned(),
        about: "removes what has expired".to_owned(),
        every_seconds: 60,
        next_at: NOW,
        succeeded_at: None,
        running: None,
    }
}

fn run(replica: &str, now: Timestamp) -> JobRun {
    JobRun {
        id: JobRunId::generate(),
        job: "clean-up".to_owned(),
        trigger: JobTrigger::Schedule,
        actor: None,
        replica: replica.to_owned(),
        state: JobState::Running,
        started_at: now,
        finished_at: None,
        took_ms: None,
        counts: JobCounts::default(),
        error: None,
        cancelled_by: None,
    }
}

fn outcome(state: JobState, now: Timestamp) -> JobOutcome {
    let error = (state == JobState::Failed).then(|| "the disk is full".to_owned());
    JobOutcome { state, finished_at: now, took_ms: 7, counts: JobCounts::of("sessions", 2), error, next_at: None }
}

async fn the_job(store: &Store) -> ScheduledJob {
    store.jobs().by_name("clean-up").await.unwrap().unwrap()
}

async fn states(store: &Store) -> Vec<JobState> {
    let runs = store.job_runs().page(1000, &JobRunFilter::default()).await.unwrap();
    runs.into_iter().map(|run| run.state).collect()
}

#[tokio::test]
async fn a_run_is_taken_renewed_and_noted() {
    on_both(|_place, store| async move {
        store.jobs().enter(&job()).await.unwrap();
        store
            .jobs()
            .enter(&ScheduledJob { about: "new words".to_owned(), next_at: NOW.plus(9), ..job() })
            .await
            .unwrap();
        let seen = the_job(&store).await;
        assert_eq!((seen.about.as_str(), seen.next_at), ("new words", NOW), "when it is due stays");
        let ours = run("one", NOW);
        assert!(store.take_job(&seen, &ours).await.unwrap());
        assert!(!store.take_job(&seen, &run("two", NOW)).await.unwrap());
        assert!(
            !store
                .take_job(&the_job(&store).await, &JobRun { trigger: JobTrigger::Operator, ..run("two", NOW) })
                .await
                .unwrap(),
            "it runs"
        );
        assert!(store.jobs().renew(&ours, NOW.plus(10)).await.unwrap());
        let held = the_job(&store).await.running.unwrap();
        assert_eq!(
            (held.run, held.replica.as_str(), held.until),
            (ours.id.clone(), "one", NOW.plus(10 + JOB_HELD_SECONDS))
        );
        assert!(store.finish_job(&ours, &outcome(JobState::Ok, NOW.plus(11))).await.unwrap());
        let after = the_job(&store).await;
        assert_eq!((&after.running, after.next_at, after.succeeded_at), (&None, NOW.plus(60), Some(NOW.plus(11))));
        let noted = store.job_runs().by_id(&ours.id).await.unwrap().unwrap();
        assert_eq!((noted.state, noted.took_ms, noted.counts.get("sessions")), (JobState::Ok, Some(7), 2));
        let asked =
            JobRun { trigger: JobTrigger::Operator, actor: Some("admin token".to_owned()), ..run("two", NOW.plus(12)) };
        assert!(store.take_job(&after, &asked).await.unwrap(), "an operator need not wait");
        let cut_short = JobOutcome { next_at: Some(NOW.plus(13)), ..outcome(JobState::Ok, NOW.plus(13)) };
        assert!(store.finish_job(&asked, &cut_short).await.unwrap());
        assert_eq!(the_job(&store).await.next_at, NOW.plus(13));
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_replica_has_begun_is_taken_over_and_stays_abandoned() {
    on_both(|_place, store| async move {
        store.jobs().enter(&job()).await.unwrap();
        let dead = run("one", NOW);
        assert!(store.take_job(&the_job(&store).await, &dead).await.unwrap());
        let early = NOW.plus(JOB_HELD_SECONDS - 1);
        assert!(!store.take_job(&the_job(&store).await, &run("two", early)).await.unwrap());
        let late = NOW.plus(JOB_HELD_SECONDS);
        let successor = run("two", late);
        assert!(store.take_job(&the_job(&store).await, &successor).await.unwrap());
        assert_eq!(states(&store).await, [JobState::Running, JobState::Abandoned]);
        // It was not dead after all.
        assert!(!store.jobs().renew(&dead, late).await.unwrap());
        assert!(!store.finish_job(&dead, &outcome(JobState::Ok, late)).await.unwrap());
        assert_eq!(states(&store).await, [JobState::Running, JobState::Abandoned]);
        assert!(store.finish_job(&successor, &outcome(JobState::Failed, late)).await.unwrap());
        assert_eq!(states(&store).await, [JobState::Failed, JobState::Abandoned]);
        assert_eq!(store.job_runs().count_failed(NOW).await.unwrap(), 2);
        assert_eq!(the_job(&store).await.succeeded_at, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn schedulers_on_one_database_never_run_one_due_run_twice() {
    on_both(|place, store| async move {
        store.jobs().enter(&job()).await.unwrap();
        let mut replicas = Vec::new();
        for _ in 0..3 {
            replicas.push(place.connect().await);
        }
        for round in 0..40 {
            let mut tasks = JoinSet::new();
            for (number, replica) in replicas.iter().enumerate() {
                let (replica, name) = (replica.clone(), format!("replica {number}"));
                // Their clocks differ by some seconds, and each looks twice.
                let now = NOW.plus(round * 60 + i64::try_from(number).unwrap() * 4);
                tasks.spawn(async move {
                    let mut taken = Vec::new();
                    for _ in 0..2 {
                        let seen = replica.jobs().by_name("clean-up").await.unwrap().unwrap();
                        let ours = run(&name, now);
                        if seen.is_due(now) && replica.take_job(&seen, &ours).await.unwrap() {
                            assert!(replica.finish_job(&ours, &outcome(JobState::Ok, now)).await.unwrap());
                            taken.push(seen.next_at);
                        }
                    }
                    taken
                });
            }
            let taken: Vec<Timestamp> = tasks.join_all().await.into_iter().flatten().collect();
            assert_eq!(taken, [NOW.plus(round * 60)], "round {round}");
        }
    })
    .await;
}

/// One of several daemons, with a clock of its own.
struct Simulated {
    name: String,
    ahead: i64,
    run: Option<(JobRun, i64)>,
}

/// xorshift: the same numbers in every run of the tests.
fn random(state: &mut u64, below: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % below
}

#[tokio::test]
async fn replicas_whose_clocks_differ_and_that_die_share_no_run() {
    on_both(|_place, store| async move {
        let mut deaths = 0;
        for seed in 1..=4_u64 {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let name = format!("job {seed}");
            let entered = ScheduledJob { name: name.clone(), ..job() };
            store.jobs().enter(&entered).await.unwrap();
            let mut replicas: Vec<Simulated> = (0..3_u8)
                .map(|number| Simulated {
                    name: format!("replica {number}"),
                    ahead: i64::try_from(random(&mut state, 31)).unwrap() - 15,
                    run: None,
                })
                .collect();
            let (mut time, mut slots, mut dead) = (0_i64, BTreeSet::new(), BTreeSet::new());
            for _ in 0..150 {
                time += 1 + i64::try_from(random(&mut state, 9)).unwrap();
                let acting = usize::try_from(random(&mut state, 3)).unwrap();
                for (number, replica) in replicas.iter_mut().enumerate() {
                    let now = NOW.plus(time + replica.ahead);
                    // A living holder renews at least every ten seconds.
                    if let Some((held, renewed)) = &mut replica.run {
                        assert!(
                            store.jobs().renew(held, now).await.unwrap(),
                            "seed {seed}: a living holder was robbed"
                        );
                        *renewed = time;
                    }
                    if number != acting {
                        continue;
                    }
                    match replica.run.take() {
                        Some((held, _)) if random(&mut state, 5) == 0 => {
                            dead.insert(held.id.to_string());
                        }
                        Some((held, _)) if random(&mut state, 2) == 0 => {
                            assert!(store.finish_job(&held, &outcome(JobState::Ok, now)).await.unwrap());
                        }
                        Some(held) => replica.run = Some(held),
                        None => {
                            let seen = store.jobs().by_name(&name).await.unwrap().unwrap();
                            if !seen.is_due(now) {
                                continue;
                            }
                            let ours = JobRun { job: name.clone(), ..run(&replica.name, now) };
                            assert!(store.take_job(&seen, &ours).await.unwrap(), "nobody else acts");
                            match seen.running {
                                Some(hold) => {
                                    assert!(dead.contains(hold.run.as_str()), "seed {seed}: the holder lives")
                                }
                                None => assert!(slots.insert(seen.next_at), "seed {seed}: {} twice", seen.next_at),
                            }
                            replica.run = Some((ours, time));
                        }
                    }
                }
            }
            assert!(slots.len() > 3, "seed {seed}: {} runs", slots.len());
            deaths += dead.len();
        }
        assert!(deaths > 3, "{deaths} deaths");
    })
    .await;
}

#[tokio::test]
async fn the_history_of_a_job_is_bounded_and_failures_are_kept() {
    on_both(|_place, store| async move {
        store.jobs().enter(&job()).await.unwrap();
        let mut first = None;
        for number in 0..130 {
            let now = NOW.plus(number * 60);
            let ours = run("one", now);
            assert!(store.take_job(&the_job(&store).await, &ours).await.unwrap());
            let state = if number < 5 { JobState::Failed } else { JobState::Ok };
            let line = JobLogLine { number: 1, at: now, level: JobLogLevel::Info, message: "said".to_owned() };
            store.job_runs().say(&ours.id, &line).await.unwrap();
            assert!(store.finish_job(&ours, &outcome(state, now)).await.unwrap());
            if number == 5 {
                first = Some(ours.id);
            }
        }
        let found = states(&store).await;
        assert_eq!(found.iter().filter(|state| **state == JobState::Ok).count(), 100);
        assert_eq!(found.iter().filter(|state| **state == JobState::Failed).count(), 5, "older, and still there");
        let first = first.unwrap();
        assert_eq!(store.job_runs().by_id(&first).await.unwrap(), None);
        assert_eq!(store.job_runs().lines(&first, 0, 10).await.unwrap(), [], "what it said went with it");
        let filter = JobRunFilter { state: Some(JobState::Failed), ..JobRunFilter::default() };
        let failed = store.job_runs().page(2, &filter).await.unwrap();
        assert_eq!(failed.iter().map(|run| run.started_at).collect::<Vec<_>>(), [NOW.plus(240), NOW.plus(180)]);
        let after = JobRunFilter { after: Some(failed[1].id.clone()), since: Some(NOW.plus(60)), ..filter };
        let rest = store.job_runs().page(10, &after).await.unwrap();
        assert_eq!(rest.iter().map(|run| run.started_at).collect::<Vec<_>>(), [NOW.plus(120), NOW.plus(60)]);
        let other = JobRunFilter { job: Some("other".to_owned()), ..JobRunFilter::default() };
        assert_eq!(store.job_runs().page(10, &other).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn of_a_run_that_says_too_much_the_last_lines_are_kept() {
    on_both(|_place, store| async move {
        store.jobs().enter(&job()).await.unwrap();
        let ours = run("one", NOW);
        assert!(store.take_job(&the_job(&store).await, &ours).await.unwrap());
        for number in 1..=1_200 {
            let message = if number == 1_200 { "é".repeat(3000) } else { format!("line {number}") };
            let line = JobLogLine { number, at: NOW, level: JobLogLevel::Warning, message };
            store.job_runs().say(&ours.id, &line).await.unwrap();
        }
        let lines = store.job_runs().lines(&ours.id, 0, 5_000).await.unwrap();
        assert_eq!((lines.len(), lines[0].number), (1_000, 201));
        assert_eq!(lines[999].message.chars().count(), 2000);
        assert_eq!(store.job_runs().last_line(&ours.id).await.unwrap(), 1_200);
        let behind = store.job_runs().lines(&ours.id, 1_198, 10).await.unwrap();
        assert_eq!(behind.iter().map(|line| line.number).collect::<Vec<_>>(), [1_199, 1_200]);
    })
    .await;
}

#[tokio::test]
async fn a_run_is_cancelled_while_it_is_under_way_and_who_asked_first_is_kept() {
    on_both(|_place, store| async move {
        store.jobs().enter(&job()).await.unwrap();
        let ours = run("one", NOW);
        assert!(!store.job_runs().cancel(&ours.id, "alice").await.unwrap(), "there is no such run");
        assert!(store.take_job(&the_job(&store).await, &ours).await.unwrap());
        assert_eq!(store.job_runs().cancelled_by(&ours.id).await.unwrap(), None);
        for actor in ["alice", "bob"] {
            assert!(store.job_runs().cancel(&ours.id, actor).await.unwrap());
            assert_eq!(store.job_runs().cancelled_by(&ours.id).await.unwrap().as_deref(), Some("alice"));
        }
        assert!(store.finish_job(&ours, &outcome(JobState::Cancelled, NOW.plus(2))).await.unwrap());
        assert!(!store.job_runs().cancel(&ours.id, "bob").await.unwrap(), "it has ended");
        let noted = store.job_runs().by_id(&ours.id).await.unwrap().unwrap();
        assert_eq!((noted.state, noted.cancelled_by.as_deref()), (JobState::Cancelled, Some("alice")));
        assert_eq!(store.job_runs().count_failed(NOW).await.unwrap(), 0, "it did not fail");
        assert_eq!(the_job(&store).await.running, None);
    })
    .await;
}

#[tokio::test]
async fn what_was_done_between_two_runs_is_noted_whole() {
    on_both(|_place, store| async move {
        store.jobs().enter(&job()).await.unwrap();
        let under_way = run("one", NOW);
        assert!(store.take_job(&the_job(&store).await, &under_way).await.unwrap());
        let at = NOW.plus(3);
        let done = JobRun { state: JobState::Ok, finished_at: Some(at), ..run("two", at) };
        let line = |number| JobLogLine { number, at, level: JobLogLevel::Info, message: format!("step {number}") };
        store.note_job(&done, &[line(1), line(2)]).await.unwrap();
        assert_eq!(store.job_runs().by_id(&done.id).await.unwrap(), Some(done.clone()));
        assert_eq!(store.job_runs().lines(&done.id, 0, 10).await.unwrap(), [line(1), line(2)]);
        let known = the_job(&store).await;
        assert_eq!((known.succeeded_at, known.running.map(|hold| hold.run)), (Some(at), Some(under_way.id)));
        let failed = JobRun { state: JobState::Failed, finished_at: Some(NOW.plus(9)), ..run("two", NOW.plus(9)) };
        store.note_job(&failed, &[]).await.unwrap();
        let earlier = JobRun { state: JobState::Ok, finished_at: Some(NOW), ..run("two", NOW) };
        store.note_job(&earlier, &[]).await.unwrap();
        assert_eq!(the_job(&store).await.succeeded_at, Some(at), "neither a failure nor what was before changes it");
        assert!(store.note_job(&done, &[line(1)]).await.is_err(), "twice");
    })
    .await;
}
