//! The flags that every command takes, before or after its name.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};

/// Flags that every command takes. `None` and `false`: not given.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArguments {
    /// Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]
    #[arg(short, long, global = true, value_name = "URL")]
    pub server: Option<String>,

    /// Act on the database itself, through the daemon's configuration [env: BARYCTL_DIRECT=1]
    #[arg(long, global = true)]
    pub direct: bool,

    /// The daemon's configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,

    /// Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]
    #[arg(short, long, global = true, value_name = "FORMAT", value_enum, hide_possible_values = false)]
    pub output: Option<Format>,

    /// What to show of each thing in a list: a,b,c
    #[arg(long, global = true, value_name = "FIELDS", value_delimiter = ',')]
    pub fields: Vec<String>,

    /// What not to show
    #[arg(long, global = true, value_name = "WHAT", value_enum, default_value_t)]
    pub redact: Redaction,

    /// How to tell of progress
    #[arg(long, global = true, value_name = "MODE", value_enum, default_value_t)]
    pub progress: ProgressMode,

    /// Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    pub log_format: Option<LogForm>,

    /// When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub color: Option<ColorChoice>,

    /// Say nothing but the answer and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Answer yes to the question whether to go on
    #[arg(short, long, global = true)]
    pub yes: bool,

    /// Answer the question that asks for a word to be typed
    #[arg(long, global = true, value_name = "WORD", allow_hyphen_values = true)]
    pub confirm: Option<String>,

    /// Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]
    #[arg(long, global = true)]
    pub no_input: bool,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Table,
    /// For people, with every column
    Wide,
    /// One JSON document
    Json,
    /// One JSON value on each line
    Ndjson,
    /// Names only, one on each line
    Name,
    /// The values of --fields only, one thing on each line, tabs between them
    Value,
}

impl Format {
    /// Returns whether programs read it: errors are JSON too.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson)
    }
}

/// What is not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Redaction {
    /// Secrets, which are never shown
    #[default]
    Secrets,
    /// E-mail addresses and the values of properties as well
    Pii,
    /// Everything but numbers
    All,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ProgressMode {
    /// A bar on a terminal, lines elsewhere
    #[default]
    Auto,
    /// Lines
    Plain,
    /// Not at all
    None,
}

/// The form of remarks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object on each line
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal
    #[default]
    Auto,
    /// Even into a pipe
    Always,
    /// Not at all
    Never,
}

/// Reads `500ms`, `30s`, `2m`, `1h`, or whole seconds without a unit.
///
/// # Errors
/// When it is none of these, or no time at all.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => 0,
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(milliseconds)) {
        Some(total) if total > 0 => Ok(Duration::from_millis(total)),
        _ => Err(format!("{text:?} is not a duration such as 500ms, 30s or 2m")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        for text in ["", "s", "0s", "-1s", "1w", "99999999999999999999s", "1 s"] {
            assert!(duration(text).is_err(), "{text:?}");
        }
    }
}
