//! What a service manager is told (sd_notify(3)): that the daemon is ready, that it is alive, that it is stopping.
//! Without one, nothing is told to anybody.

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

/// Says that the daemon is ready, and from then on, as often as the manager's watchdog wants to hear it, that it is
/// alive: that tasks are still run.
pub(super) async fn ready() {
    tell(&[NotifyState::Ready]);
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    let mut beat = interval(patience / 3);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

/// Says that the daemon is stopping.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager could not be told how the daemon stands");
    }
}
