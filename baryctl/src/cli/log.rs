//! `baryctl log …`: which lines running daemons write.

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::cli::global::duration;

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub enum LogAction {
    /// Show which lines are logged
    Get,
    /// Log other lines for a while, on every replica
    Set(LogSet),
    /// Log again what the daemons were started with
    Reset,
}

/// Which lines are logged, and for how long.
#[derive(Debug, Clone, Args)]
pub struct LogSet {
    /// Which lines, as in RUST_LOG: debug, or info,barycenterd::oidc=trace
    #[arg(value_name = "FILTER")]
    pub filter: String,

    /// For how long; a week at most
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, default_value = "1h")]
    pub duration: Duration,
}
