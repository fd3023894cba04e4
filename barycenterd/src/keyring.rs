//! Keeps this replica's view of the keyring new, and the keyring itself moving: what is due is carried out by whichever
//! replica comes first. The mirror of the published keys is written beside that: a file system that hangs delays nobody.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::app::App;

/// How often the keyring is looked at: well within what a view may be behind.
const INTERVAL: Duration = Duration::from_secs(2);

/// Tends the keyring until it is dropped.
pub(crate) async fn tend(app: Arc<App>) {
    let policy = app.keyring.policy(&app.config.oidc);
    let mut trouble: Option<String> = None;
    loop {
        let outcome = app.keyring.tend(&policy, app.now()).await;
        let reason = outcome.err().map(|error| error.to_string());
        match (&reason, &trouble) {
            (Some(reason), before) if before.as_ref() != Some(reason) => {
                tracing::error!(%reason, "the keyring cannot be tended");
            }
            (None, Some(_)) => tracing::info!("the keyring is tended again"),
            _ => {}
        }
        trouble = reason;
        sleep(INTERVAL).await;
    }
}

/// Keeps the mirror of the published keys up to date until it is dropped.
pub(crate) async fn mirror(app: Arc<App>) {
    loop {
        let writer = Arc::clone(&app);
        if let Err(error) = spawn_blocking(move || writer.keyring.write_mirror()).await {
            tracing::error!(%error, "the JWKS mirror was not written");
        }
        sleep(INTERVAL).await;
    }
}
