//! `jwks-mirror`: writes `keys.jwks_path` if it is not what it should be.
//!
//! Every replica has a mirror and keeps it new every two seconds ([`crate::keyring::mirror`]); the one that takes a run
//! looks at its own. A loop whose mirror cannot be written any more, or can again, notes that as a run of this job: so
//! the history, the metrics and the alerts show each replica's fault, and this job those that last.

use std::sync::Arc;

use barycenter_core::keyring::Mirrored;
use barycenter_core::model::JobCounts;
use tokio::task::spawn_blocking;

use crate::jobs::{Context, JobError};

/// The job's name.
pub(crate) const NAME: &str = "jwks-mirror";

/// Writes the mirror of the replica that runs this.
///
/// # Errors
/// When it cannot be written.
pub(super) async fn run(context: Context) -> Result<JobCounts, JobError> {
    let app = Arc::clone(&context.app);
    // A file system that hangs blocks nobody; the run ends at its deadline.
    match spawn_blocking(move || app.keyring.write_mirror()).await? {
        Mirrored::Kept => Ok(JobCounts::default()),
        Mirrored::Written => Ok(JobCounts::of("written", 1)),
        Mirrored::Failed(reason) => Err(JobError::new(reason)),
    }
}
