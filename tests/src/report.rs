//! What benchmarks measure: figures and their limits, a line each.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

/// What has been measured: figures that hold, and such that do not.
#[derive(Debug, Default)]
pub struct Report {
    over: u32,
}

impl Report {
    /// Prints a figure that must not be over its limit.
    pub fn at_most(&mut self, place: impl Display, what: &str, figure: f64, limit: f64, unit: &str, how: &str) {
        self.line(place, what, figure, unit, &format!("(≤ {limit})"), how, figure <= limit);
    }

    /// Prints a figure that must not be under its limit.
    pub fn at_least(&mut self, place: impl Display, what: &str, figure: f64, limit: f64, unit: &str, how: &str) {
        self.line(place, what, figure, unit, &format!("(≥ {limit})"), how, figure >= limit);
    }

    /// Prints a figure that has no limit.
    pub fn tell(&mut self, place: impl Display, what: &str, figure: f64, unit: &str, how: &str) {
        self.line(place, what, figure, unit, "", how, true);
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of a line")]
    fn line(
        &mut self,
        place: impl Display,
        what: &str,
        figure: f64,
        unit: &str,
        limit: &str,
        how: &str,
        is_held: bool,
    ) {
        self.over += u32::from(!is_held);
        let verdict = if is_held { "ok  " } else { "OVER" };
        say(format_args!("{verdict} {place:<18} {what:<34} {figure:>8.2} {unit} {limit}  {how}"));
    }

    /// Returns the exit code.
    pub fn end(self) -> ExitCode {
        ExitCode::from(u8::from(self.over > 0))
    }
}

/// Prints a line.
pub fn say(text: impl Display) {
    writeln!(std::io::stdout(), "{text}").expect("stdout takes a line");
}
