//! Keeps this replica's view of the keyring new, and the keyring itself moving: what is due is carried out by whichever
//! replica comes first. The mirror of the published keys is written beside that: a file system that hangs delays nobody.
//!
//! These loops are what makes steps happen on the second, and every replica's mirror new; the jobs `key-rotation` and
//! `jwks-mirror` do the same every ten minutes, on one replica, so that what cannot be done is a failed run. What a loop
//! has done is noted as a run of its job ([`crate::jobs::note`]): the history of jobs is the whole story, and has no
//! rows for nothing.

use std::sync::Arc;
use std::time::Duration;

use barycenter_core::keyring::Step;
use barycenter_core::model::{JobCounts, Timestamp};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::app::App;
use crate::jobs::{Deed, jwks_mirror, key_rotation, note};

/// How often the keyring is looked at: well within what a view may be behind.
const INTERVAL: Duration = Duration::from_secs(2);

/// Tends the keyring until it is dropped.
pub(crate) async fn tend(app: Arc<App>) {
    let policy = app.keyring.policy(&app.config.oidc);
    let mut trouble: Option<String> = None;
    let mut history = History::default();
    loop {
        let now = app.now();
        let outcome = app.keyring.tend(&policy, now).await;
        let reason = outcome.as_ref().err().map(ToString::to_string);
        match (&reason, &trouble) {
            (Some(reason), before) if before.as_ref() != Some(reason) => {
                tracing::error!(%reason, "the keyring cannot be tended");
            }
            (None, Some(_)) => tracing::info!("the keyring is tended again"),
            _ => {}
        }
        trouble = reason;
        history.add(outcome.ok().and_then(|steps| of_steps(&steps, now)));
        history.write(&app).await;
        sleep(INTERVAL).await;
    }
}

/// What there is to note about steps that were taken: nothing if there were none.
fn of_steps(steps: &[Step], at: Timestamp) -> Option<Deed> {
    let said = steps.iter().map(ToString::to_string).collect();
    let counts = key_rotation::counts(steps);
    (!steps.is_empty()).then_some(Deed { job: key_rotation::NAME, at, outcome: Ok(said), counts })
}

/// Keeps the mirror of the published keys up to date until it is dropped.
pub(crate) async fn mirror(app: Arc<App>) {
    let mut known: Option<String> = None;
    let mut history = History::default();
    loop {
        let writer = Arc::clone(&app);
        match spawn_blocking(move || writer.keyring.write_mirror()).await {
            Ok(written) => {
                let fault = written.fault().map(str::to_owned);
                history.add(of_mirror(known.as_deref(), fault.as_deref(), app.now()));
                known = fault;
            }
            Err(error) => tracing::error!(%error, "the JWKS mirror was not written"),
        }
        history.write(&app).await;
        sleep(INTERVAL).await;
    }
}

/// What there is to note about the mirror: that it cannot be written any more, for another reason than before, or can
/// again.
fn of_mirror(before: Option<&str>, now: Option<&str>, at: Timestamp) -> Option<Deed> {
    let outcome = match now {
        _ if before == now => return None,
        Some(fault) => Err(fault.to_owned()),
        None => Ok(vec!["the mirror is written again".to_owned()]),
    };
    let counts = if outcome.is_ok() { JobCounts::of("written", 1) } else { JobCounts::default() };
    Some(Deed { job: jwks_mirror::NAME, at, outcome, counts })
}

/// What is still to be noted: a database that is away for a moment loses nothing of it.
#[derive(Default)]
struct History(Vec<Deed>);

impl History {
    fn add(&mut self, deed: Option<Deed>) {
        self.0.extend(deed);
    }

    /// Notes it, the oldest first. What was not noted is, at the next turn; the log has it already.
    async fn write(&mut self, app: &App) {
        while let Some(deed) = self.0.first() {
            if let Err(error) = note(app, deed).await {
                tracing::debug!(%error, job = deed.job, "what was done is noted later");
                return;
            }
            self.0.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use barycenter_core::model::{JobLogLine, JobRun, JobState, SigningAlgorithm};
    use barycenter_core::store::JobRunFilter;

    use super::*;
    use crate::testing::{NOW, test_app};

    async fn noted(app: &App) -> Vec<(JobRun, Vec<JobLogLine>)> {
        let mut found = Vec::new();
        for run in app.store.job_runs().page(10, &JobRunFilter::default()).await.unwrap() {
            let lines = app.store.job_runs().lines(&run.id, 0, 10).await.unwrap();
            found.push((run, lines));
        }
        found
    }

    #[tokio::test]
    async fn steps_that_the_loop_takes_are_runs_of_the_job() {
        let (app, _folder) = test_app().await;
        let mut history = History::default();
        history.add(of_steps(&[], NOW));
        history.write(&app).await;
        assert!(noted(&app).await.is_empty(), "no rows for nothing");
        let publish = Step::Publish { algorithm: SigningAlgorithm::Es256, activates_at: NOW.plus(300) };
        let kid = app.keyring.keys()[0].kid.clone();
        history.add(of_steps(&[publish, Step::Prolong(kid.clone())], NOW));
        history.write(&app).await;
        history.write(&app).await;
        let (run, lines) = noted(&app).await.remove(0);
        assert_eq!((run.job.as_str(), run.state, run.finished_at), ("key-rotation", JobState::Ok, Some(NOW)));
        assert_eq!(run.counts.to_string(), "1 prolonged, 1 published");
        let said: Vec<&str> = lines.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(
            said,
            [
                "a new ES256 key is published; it signs from 2026-11-23T11:05:00Z on",
                &format!("{kid} signs tokens that live longer than before")
            ]
        );
        assert_eq!(noted(&app).await.len(), 1, "once");
    }

    #[tokio::test]
    async fn a_mirror_that_breaks_and_mends_is_two_runs_of_the_job() {
        let (app, _folder) = test_app().await;
        let mut history = History::default();
        for (before, now) in [(None, None), (None, Some("full")), (Some("full"), Some("full")), (Some("full"), None)] {
            history.add(of_mirror(before, now, NOW));
        }
        history.write(&app).await;
        let found: Vec<_> = noted(&app).await.into_iter().map(|(run, _)| (run.job, run.state, run.error)).collect();
        let job = || "jwks-mirror".to_owned();
        assert_eq!(found, [(job(), JobState::Ok, None), (job(), JobState::Failed, Some("full".to_owned()))]);
    }
}
