//! One sync at a time for each manager: taking, renewing and giving back its lease.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
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
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = sleep(Duration::from_secs(LEASE_SECONDS.unsigned_abs() / 3)) => {}
        }
        match select(work.as_mut(), pin!(target.take_lease(lease))).await {
            // What has been asked for may be carried out after the lease is given back, unless it is waited for.
            Either::Left((done, renewal)) => {
                let _ = renewal.await;
                return done;
            }
            Either::Right((renewed, _)) => drop(renewed?),
        }
    }
}
