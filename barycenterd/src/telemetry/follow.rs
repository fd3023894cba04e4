//! The log filter that an operator has set (`baryctl log set`): every replica follows it, until its time is over.

use std::sync::Arc;
use std::time::Duration;

use barycenter_core::store::{RuntimeName, RuntimeSetting};
use tokio::time::sleep;

use crate::app::App;

/// How often the database is asked.
pub(crate) const INTERVAL: Duration = Duration::from_secs(5);

/// Follows until it is dropped.
pub(crate) async fn follow(app: Arc<App>) {
    let mut followed: Option<String> = None;
    loop {
        match app.store.runtime_settings().get(RuntimeName::LogFilter, app.now()).await {
            Ok(setting) => {
                let wanted = setting.as_ref().map(|setting| setting.value.clone());
                if wanted != followed {
                    apply(&app, setting.as_ref());
                    followed = wanted;
                }
            }
            // What is set stays; what is wrong with the database is said by whoever needs it.
            Err(error) => tracing::debug!(%error, "the log filter cannot be looked up"),
        }
        sleep(INTERVAL).await;
    }
}

fn apply(app: &App, setting: Option<&RuntimeSetting>) {
    match app.log.set(setting.map(|setting| setting.value.as_str())) {
        Ok(()) => match setting {
            Some(RuntimeSetting { value, expires_at }) => {
                tracing::info!(filter = value, until = %expires_at, "an operator has set the log filter");
            }
            None => tracing::info!(filter = app.log.configured(), "the log filter is as configured again"),
        },
        Err(error) => tracing::error!(%error, "the log filter that an operator has set is not followed"),
    }
}
