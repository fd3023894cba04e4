//! `key-rotation`: carries out what is due of the keyring, as [`crate::keyring::tend`] does.
//!
//! Steps are due on the second, so the loop of every replica looks every two seconds, and nearly always comes first: what
//! it has carried out it notes as a run of this job. The job is what tells that the keyring can be tended at all: it
//! fails when that cannot be, in the history, the metrics and the alerts, and it carries out what a loop has left.

use barycenter_core::keyring::Step;
use barycenter_core::model::JobCounts;

use crate::jobs::{Context, JobError};

/// The job's name.
pub(crate) const NAME: &str = "key-rotation";

/// Carries out what is due, and says each step.
///
/// # Errors
/// When the database does not answer, or the keyring is wrapped under another root key by now. Then nothing has happened.
pub(super) async fn run(context: Context) -> Result<JobCounts, JobError> {
    let app = &context.app;
    let steps = app.keyring.tend(&app.keyring.policy(&app.config.oidc), app.now()).await?;
    for step in &steps {
        context.say(step.to_string()).await;
    }
    Ok(counts(&steps))
}

/// Returns how many steps there were of each kind.
pub(crate) fn counts(steps: &[Step]) -> JobCounts {
    let mut counts = JobCounts::default();
    for step in steps {
        counts.add(step.kind(), 1);
    }
    counts
}
