//! Logs: text or JSON on stderr, chosen by `log.format`, filtered by `RUST_LOG`.
//!
//! Nothing here is a place for secrets: whoever logs names things by their ids. A panic is one line of the log, too.

use std::io::{self, IsTerminal as _};
use std::panic;

use barycenter_core::config::LogFormat;
use thiserror::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// What is logged when nobody says.
const DEFAULT: &str = "info";

/// Libraries that talk about themselves; whoever wants to hear them names them in `RUST_LOG`.
const QUIET: &str = "sqlx=warn,sqlx::postgres::notice=warn,sea_orm=warn,sea_orm_migration=warn,poem=warn";

/// Why there is no log.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("RUST_LOG {filter:?} is not a filter: {source}")]
    Filter {
        /// What `RUST_LOG` holds.
        filter: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// Somebody in this process logs already.
    #[error("the log is set up twice in one process")]
    Twice,
}

/// Begins to log; `filter` is the value of `RUST_LOG`.
///
/// # Errors
/// When the filter cannot be read.
pub fn begin(format: LogFormat, filter: Option<&str>) -> Result<(), TelemetryError> {
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter_of(filter)?).with_writer(io::stderr);
    match format {
        LogFormat::Text => subscriber.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).with_span_list(false).try_init(),
    }
    .map_err(|_| TelemetryError::Twice)?;
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(message, place, "a fault of the program itself; please report it");
    }));
    Ok(())
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
