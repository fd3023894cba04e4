//! Figures and their limits, a line each.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use barycenter_e2e::DatabaseKind;

use crate::Door;

/// What has been measured.
#[derive(Default)]
pub(crate) struct Report {
    over: u32,
}

/// Where something was measured.
#[derive(Clone, Copy)]
pub(crate) struct Place(pub(crate) DatabaseKind, pub(crate) Door);

impl Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let database = match self.0 {
            DatabaseKind::Sqlite => "SQLite",
            DatabaseKind::Postgresql => "PostgreSQL",
        };
        let door = match self.1 {
            Door::Direct => "direct",
            Door::Online => "online",
        };
        write!(formatter, "{database:<10} {door}")
    }
}

impl Report {
    /// Prints a figure that must not be over its limit.
    pub(crate) fn at_most(&mut self, place: impl Display, what: &str, figure: f64, limit: f64, unit: &str, how: &str) {
        self.line(place, what, figure, "≤", limit, unit, how, figure <= limit);
    }

    /// Prints a figure that must not be under its limit.
    pub(crate) fn at_least(&mut self, place: impl Display, what: &str, figure: f64, limit: f64, unit: &str, how: &str) {
        self.line(place, what, figure, "≥", limit, unit, how, figure >= limit);
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of a line")]
    fn line(
        &mut self,
        place: impl Display,
        what: &str,
        figure: f64,
        sign: &str,
        limit: f64,
        unit: &str,
        how: &str,
        is_held: bool,
    ) {
        self.over += u32::from(!is_held);
        let verdict = if is_held { "ok  " } else { "OVER" };
        say(format_args!("{verdict} {place:<18} {what:<34} {figure:>7.2} {unit} ({sign} {limit})  {how}"));
    }

    /// Returns the exit code.
    pub(crate) fn end(self) -> ExitCode {
        ExitCode::from(u8::from(self.over > 0))
    }
}

/// Prints a line.
pub(crate) fn say(text: impl Display) {
    writeln!(std::io::stdout(), "{text}").expect("stdout takes a line");
}
