//! One sync at a time for each manager: taking, renewing and giving back its lease.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::reconcile::target::{LEASE_SECONDS, Lease, Target};

/// How often somebody who waits asks again.
const PAUSE: Duration = Duration::from_millis(250);

/// Waits until nobody else syncs for this manager. Returns who does, if that takes longer than `patience`.
///
/// # Errors
/// When the target fails.
pub(super) async fn take<T: Target>(target: &T, lease: &Lease, patience: Duration) -> Result<Option<String>, T::Error> {
    let until = Instant::now() + patience;
    loop {
        let Some(holder) = target.take_lease(lease).await? else { return Ok(None) };
        if Instant::now() >= until {
            return Ok(Some(holder));
        }
        sleep(PAUSE.min(until - Instant::now())).await;
    }
}

/// Does `work` and renews the lease meanwhile.
///
/// # Errors
/// Those of `work`, and when the lease cannot be renewed because the target fails.
pub(super) async fn holding<T: Target, A>(
    target: &T,
    lease: &Lease,
    work: impl Future<Output = Result<A, T::Error>>,
) -> Result<A, T::Error> {
    let renewing = async {
        loop {
            sleep(Duration::from_secs(LEASE_SECONDS.unsigned_abs() / 3)).await;
            if let Err(error) = target.take_lease(lease).await {
                return error;
            }
        }
    };
    tokio::select! {
        done = work => done,
        error = renewing => Err(error),
    }
}
