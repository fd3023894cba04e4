//! The log filter: which lines every replica writes, until a time. Query `logFilter`; mutations `setLogFilter`,
//! `resetLogFilter`.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use barycenter_core::store::{RuntimeName, RuntimeSetting};

use crate::admin::error::{bad_input, failed};
use crate::admin::scalar::DateTime;
use crate::app::App;
use crate::telemetry::LogFilter as Filter;

/// The longest time, in seconds: a week. A filter that is forgotten fills a disk.
const MOST_SECONDS: i32 = 7 * 86_400;

/// Which lines are logged.
#[derive(SimpleObject)]
pub(super) struct LogFilter {
    /// What holds now, in the words of `RUST_LOG`.
    filter: String,
    /// What the replica that answers was started with, and goes back to.
    configured: String,
    /// Until when `filter` holds; none where it is the configured one.
    expires_at: Option<DateTime>,
}

impl LogFilter {
    fn of(app: &App, setting: Option<RuntimeSetting>) -> Self {
        let configured = app.log.configured().to_owned();
        match setting {
            Some(RuntimeSetting { value, expires_at }) => {
                Self { filter: value, configured, expires_at: Some(DateTime(expires_at)) }
            }
            None => Self { filter: configured.clone(), configured, expires_at: None },
        }
    }
}

/// Queries about the log.
#[derive(Default)]
pub(super) struct LogQuery;

#[Object]
impl LogQuery {
    /// Which lines are logged.
    async fn log_filter(&self, context: &Context<'_>) -> Result<LogFilter> {
        let app = context.data::<Arc<App>>()?;
        let found = app.store.runtime_settings().get(RuntimeName::LogFilter, app.now()).await;
        Ok(LogFilter::of(app, found.map_err(|error| failed(context, &error))?))
    }
}

/// What can be done about the log.
#[derive(Default)]
pub(super) struct LogMutation;

#[Object]
impl LogMutation {
    /// Sets which lines every replica logs, for so many seconds, a week at most; replicas follow within seconds.
    async fn set_log_filter(&self, context: &Context<'_>, filter: String, seconds: i32) -> Result<LogFilter> {
        let app = context.data::<Arc<App>>()?;
        Filter::check(&filter).map_err(|error| bad_input(error.to_string()))?;
        if !(1..=MOST_SECONDS).contains(&seconds) {
            return Err(bad_input(format!("seconds is {seconds}; from 1 to {MOST_SECONDS}")));
        }
        let setting = RuntimeSetting { value: filter, expires_at: app.now().plus(seconds.into()) };
        let stored = app.store.runtime_settings().set(RuntimeName::LogFilter, &setting).await;
        stored.map_err(|error| failed(context, &error))?;
        Ok(LogFilter::of(app, Some(setting)))
    }

    /// Lets every replica log as it was configured.
    async fn reset_log_filter(&self, context: &Context<'_>) -> Result<LogFilter> {
        let app = context.data::<Arc<App>>()?;
        let reset = app.store.runtime_settings().reset(RuntimeName::LogFilter).await;
        reset.map_err(|error| failed(context, &error))?;
        Ok(LogFilter::of(app, None))
    }
}
