//! `clean-up`: removes what has expired, in small transactions with a pause after each: whoever signs in meanwhile
//! waits for one of them at most. What expires is listed in `barycenter_core::store::EXPIRING`.

use std::time::Duration;

use barycenter_core::model::JobCounts;
use barycenter_core::store::EXPIRING;
use tokio::time::sleep;

use crate::jobs::{Context, JobError};

/// How long others have the database for themselves after each transaction.
const PAUSE: Duration = Duration::from_millis(20);

/// Removes from each table what is over.
///
/// # Errors
/// When the database does not answer. What has been removed until then stays removed.
pub(super) async fn run(context: Context) -> Result<JobCounts, JobError> {
    let mut counts = JobCounts::default();
    for what in EXPIRING {
        let mut from = None;
        loop {
            let removed = context.app.store.remove_expired(what, context.app.now(), from).await?;
            if removed.rows > 0 {
                counts.add(what.table, removed.rows);
            }
            from = removed.next;
            if context.is_stopping() {
                context.say(format!("stops early, at {}", what.table)).await;
                return Ok(counts);
            }
            if from.is_none() {
                break;
            }
            sleep(PAUSE).await;
        }
    }
    Ok(counts)
}
