//! Logs: text or JSON on stderr, chosen by `log.format`, filtered by `RUST_LOG`, or by what an operator has set while
//! the daemon runs ([`LogFilter`]). Traces, where a collector is named: `traces.rs`.
//!
//! Nothing here is a place for secrets: whoever logs names things by their ids. A panic is one line of the log, too.

pub(crate) mod follow;
pub(crate) mod traces;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::panic;
use std::sync::Arc;

use barycenter_core::config::{Config, LogFormat};
use opentelemetry_otlp::ExporterBuildError;
use thiserror::Error;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, reload};

use traces::Traces;

/// What is logged when nobody says.
const DEFAULT: &str = "info";

/// Libraries that talk about themselves; whoever wants to hear them names them in `RUST_LOG`.
const QUIET: &str = "sqlx=warn,sqlx::postgres::notice=warn,sea_orm=warn,sea_orm_migration=warn,poem=warn,opentelemetry=warn,opentelemetry_sdk=warn,opentelemetry-otlp=warn";

/// Why there is no log.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("{filter:?} is not a log filter, such as info or info,barycenterd=debug (RUST_LOG): {source}")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// The collector cannot be used.
    #[error("traces cannot be sent (telemetry.otlp_endpoint, OTEL_EXPORTER_OTLP_ENDPOINT): {0}")]
    Traces(#[from] ExporterBuildError),
    /// The log is no longer there.
    #[error("the log has ended")]
    Gone,
    /// Somebody in this process logs already.
    #[error("the log is set up twice in one process")]
    Twice,
}

/// What was begun, until it ends.
pub struct Telemetry {
    /// Which lines are logged.
    pub filter: LogFilter,
    traces: Option<Traces>,
}

impl Telemetry {
    /// Sends what has not been sent yet.
    pub fn end(self) {
        if let Some(traces) = &self.traces {
            traces.end();
        }
    }
}

/// Which lines of the log are written: as `RUST_LOG` says, until somebody says otherwise.
#[derive(Clone, Default)]
pub struct LogFilter(Option<Arc<Begun>>);

struct Begun {
    handle: reload::Handle<EnvFilter, Registry>,
    configured: String,
}

impl LogFilter {
    /// Writes the lines that `filter` lets through; `None`: those that `RUST_LOG` asks for.
    ///
    /// # Errors
    /// When it is not a filter.
    pub fn set(&self, filter: Option<&str>) -> Result<(), TelemetryError> {
        let Some(begun) = &self.0 else { return Ok(()) };
        let filter = filter_of(Some(filter.unwrap_or(&begun.configured)))?;
        begun.handle.reload(filter).map_err(|_| TelemetryError::Gone)
    }

    /// Returns what `RUST_LOG` asks for.
    #[must_use]
    pub fn configured(&self) -> &str {
        self.0.as_ref().map_or(DEFAULT, |begun| &begun.configured)
    }

    /// Refuses what is not a filter.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(filter: &str) -> Result<(), TelemetryError> {
        filter_of(Some(filter)).map(drop)
    }
}

/// Begins to log, as `RUST_LOG` in the environment says, and to trace, if a collector is named.
///
/// # Errors
/// When the filter cannot be read or the collector cannot be used.
pub fn begin(config: &Config, environment: &BTreeMap<String, String>) -> Result<Telemetry, TelemetryError> {
    let asked = environment.get("RUST_LOG").map(|text| text.trim()).filter(|text| !text.is_empty());
    let configured = asked.unwrap_or(DEFAULT).to_owned();
    let (filter, handle) = reload::Layer::new(filter_of(Some(&configured))?);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match config.log.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let traces = Traces::begin(&config.telemetry, environment)?;
    let spans = traces.as_ref().map(|traces| {
        let told =
            Targets::new().with_target("barycenterd", LevelFilter::INFO).with_target("sea_orm", LevelFilter::INFO);
        tracing_opentelemetry::layer().with_tracer(traces.tracer()).with_filter(told)
    });
    let begun = tracing_subscriber::registry().with(lines.with_filter(filter)).with(spans).try_init();
    begun.map_err(|_| TelemetryError::Twice)?;
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(message, place, "a fault of the program itself; please report it");
    }));
    Ok(Telemetry { filter: LogFilter(Some(Arc::new(Begun { handle, configured }))), traces })
}

/// Puts what is quiet before what is asked for, so that asking wins.
fn filter_of(asked: Option<&str>) -> Result<EnvFilter, TelemetryError> {
    let asked = asked.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(DEFAULT);
    EnvFilter::builder()
        .parse(format!("{QUIET},{asked}"))
        .map_err(|source| TelemetryError::Filter { filter: asked.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_quiet_unless_they_are_named() {
        let filter = filter_of(Some("debug")).unwrap().to_string();
        assert!(filter.contains("sqlx=warn") && filter.contains("debug"), "{filter}");
        let filter = filter_of(Some("info,sqlx=debug")).unwrap().to_string();
        assert!(filter.contains("sqlx=debug") && !filter.contains("sqlx=warn"), "{filter}");
        assert!(filter_of(Some("")).unwrap().to_string().contains("info"));
        assert!(filter_of(Some("a=b=c")).is_err());
    }
}
