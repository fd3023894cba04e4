//! This daemon among its replicas: it says every few seconds that it is there, so that operators see how many serve,
//! and whether all are of one version and have one root key. A daemon that stops says so; one that dies is forgotten by
//! the clean-up.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use barycenter_core::keyring::{Keyring, KeyringError};
use barycenter_core::model::{Replica, Timestamp};
use barycenter_core::store::SchemaStatus;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use crate::app::App;

/// How often it is said.
const BEAT: Duration = Duration::from_secs(10);

/// How long the first word may take.
const GREETING: Duration = Duration::from_secs(2);

/// How long the last word may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Returns what there is to say about this process.
///
/// # Errors
/// When the cryptographic library fails.
pub(crate) fn this(keyring: &Keyring, issuer: String, now: Timestamp) -> Result<Replica, KeyringError> {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = match host.trim() {
        "" => "unknown",
        host => host,
    };
    Ok(Replica {
        id: Uuid::now_v7().to_string(),
        name: format!("{host}/{}", std::process::id()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        root: keyring.root_fingerprint()?,
        schema: SchemaStatus::newest(),
        issuer,
        public_address: None,
        started_at: now,
        seen_at: now,
    })
}

/// Says for the first time that this daemon is there, so that whoever hears that it is ready finds it among the replicas.
pub(crate) async fn arrive(app: &App, public_address: &str) {
    let replica = Replica { public_address: Some(public_address.to_owned()), ..app.replica.clone() };
    // What went wrong is told by the beats that follow.
    let _ = timeout(GREETING, app.store.replicas().note(&replica)).await;
}

/// Says again and again that this daemon is there, with the address of its public listener.
pub(crate) async fn beat(app: Arc<App>, public_address: String) {
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut replica = Replica { public_address: Some(public_address), ..app.replica.clone() };
    let mut is_away = false;
    loop {
        beats.tick().await;
        replica.seen_at = app.now();
        let noted = async {
            app.store.replicas().note(&replica).await?;
            app.store.replicas().all().await
        };
        match noted.await {
            Ok(replicas) => {
                let present = replicas.iter().filter(|replica| replica.is_present(app.now())).count();
                app.metrics.replicas.set(i64::try_from(present).unwrap_or(i64::MAX));
                is_away = false;
            }
            Err(error) => {
                // Said once, not every few seconds.
                if !is_away {
                    tracing::warn!(%error, "the other replicas cannot be told that this one is there");
                }
                is_away = true;
            }
        }
    }
}

/// Says that this daemon goes.
pub(crate) async fn leave(app: &App) {
    match timeout(FAREWELL, app.store.replicas().forget(&app.replica.id)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "the other replicas could not be told that this one goes"),
        Err(_) => tracing::debug!("the other replicas could not be told in time that this one goes"),
    }
}
