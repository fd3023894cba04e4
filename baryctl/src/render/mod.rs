//! The only code that prints. The answer goes to stdout in the chosen format; everything else goes to stderr.
//!
//! A text that comes from outside is shown through [`plain()`]: a display name must not move the cursor. Symbols carry
//! the meaning, colour never does alone.

mod change;
pub(crate) mod export;
mod fields;
mod job;
pub(crate) mod list;
pub(crate) mod plan_view;
mod redaction;
mod report;
mod row;
pub(crate) mod sync_view;

use std::fmt::Display;
use std::io::Write;

use console::Style;
use serde::Serialize;

use crate::Terminals;
use crate::cli::{ColorChoice, Format, Redaction};
use crate::error::CtlError;
use crate::settings::Settings;

pub(crate) use row::Row;

/// Version of the form of JSON answers.
pub(crate) const FORMAT_VERSION: &str = "1.0";

/// Writes answers, remarks and errors.
pub(crate) struct Printer<'io> {
    stdout: &'io mut dyn Write,
    stderr: &'io mut dyn Write,
    format: Format,
    fields: Vec<String>,
    redaction: Redaction,
    quiet: bool,
    json_log: bool,
    terminals: Terminals,
    colors: [bool; 2],
}

/// A JSON answer: what it is, and itself.
#[derive(Serialize)]
struct Envelope<'a, T> {
    format: &'static str,
    kind: &'a str,
    #[serde(flatten)]
    body: &'a T,
}

/// An error as a JSON answer.
#[derive(Serialize)]
struct ErrorBody<'a> {
    exit: u8,
    code: &'a str,
    message: &'a str,
    details: &'a [String],
    hints: &'a [String],
}

impl<'io> Printer<'io> {
    /// Returns a printer in plain text, for what goes wrong before the settings are known.
    pub(crate) fn new(stdout: &'io mut dyn Write, stderr: &'io mut dyn Write, terminals: Terminals) -> Self {
        Self {
            stdout,
            stderr,
            format: Format::Table,
            fields: Vec::new(),
            redaction: Redaction::default(),
            quiet: false,
            json_log: false,
            terminals,
            colors: [false; 2],
        }
    }

    /// Follows the settings from now on.
    pub(crate) fn configure(&mut self, settings: &Settings) {
        self.format = settings.output;
        self.quiet = settings.quiet;
        self.fields.clone_from(&settings.fields);
        self.redaction = settings.redact;
        self.json_log = settings.json_log;
        let on = |terminal: bool| match settings.color {
            ColorChoice::Auto => terminal,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        self.colors = [on(self.terminals.stdout), on(self.terminals.stderr)];
    }

    /// Reports errors as JSON from now on.
    pub(crate) fn set_format(&mut self, format: Format) {
        self.format = format;
    }

    /// Returns the form of the answer.
    #[must_use]
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Chooses what of each thing in a list is wanted, as --fields does.
    pub(crate) fn choose(&mut self, fields: &[&str]) {
        self.fields = fields.iter().map(|name| (*name).to_owned()).collect();
    }

    /// Returns what of each thing in a list is wanted; empty: as the format has it.
    #[must_use]
    pub(crate) fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Returns what is not shown.
    #[must_use]
    pub(crate) fn redaction(&self) -> Redaction {
        self.redaction
    }

    /// Returns whether a person reads stderr.
    #[must_use]
    pub(crate) fn is_remark_terminal(&self) -> bool {
        self.terminals.stderr
    }

    /// Returns whether only the answer and errors are wanted.
    #[must_use]
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Writes a line to stderr, wanted or not: what another program waits for there.
    pub(crate) fn remark(&mut self, text: impl Display) {
        self.say(format_args!("{text}"));
    }

    /// Returns whether a person reads stdout.
    #[must_use]
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminals.stdout
    }

    /// Writes one line of the answer.
    ///
    /// # Errors
    /// When stdout cannot be written; a closed pipe among others.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), CtlError> {
        Ok(writeln!(self.stdout, "{text}")?)
    }

    /// Writes a text as it is.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), CtlError> {
        Ok(self.stdout.write_all(bytes)?)
    }

    /// Writes a JSON answer on one line.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn document(&mut self, kind: &str, body: &impl Serialize) -> Result<(), CtlError> {
        self.json(&Envelope { format: FORMAT_VERSION, kind, body })
    }

    /// Writes a JSON value on one line.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CtlError> {
        serde_json::to_writer(&mut *self.stdout, value).map_err(std::io::Error::from)?;
        self.line("")
    }

    /// Hands everything written so far to the reader.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn flush(&mut self) -> Result<(), CtlError> {
        Ok(self.stdout.flush()?)
    }

    /// Remarks on something, unless only the answer is wanted.
    pub(crate) fn note(&mut self, text: impl Display) {
        if !self.quiet {
            self.record("info", &text.to_string());
        }
    }

    /// Says something in the chosen form.
    fn record(&mut self, level: &str, text: &str) {
        if self.json_log {
            let line = serde_json::json!({ "level": level, "message": text });
            self.say(format_args!("{line}"));
        } else {
            self.say(format_args!("{text}"));
        }
    }

    /// Warns, unless only the answer is wanted.
    pub(crate) fn warn(&mut self, text: impl Display) {
        if self.quiet {
            return;
        }
        if self.json_log {
            self.record("warning", &text.to_string());
        } else {
            let label = self.paint_remark(&Style::new().yellow().bold(), "warning:");
            self.say(format_args!("{label} {text}"));
        }
    }

    /// Reports an error: the last thing that a run says.
    pub(crate) fn error(&mut self, error: &CtlError) {
        if self.format.is_json() || self.json_log {
            let error = ErrorBody {
                exit: error.exit.number(),
                code: error.exit.name(),
                message: &error.message,
                details: &error.details,
                hints: &error.hints,
            };
            let text = serde_json::to_string(&Envelope { format: FORMAT_VERSION, kind: "Error", body: &error });
            self.say(format_args!("{}", text.unwrap_or_default()));
            return;
        }
        let label = self.paint_remark(&Style::new().red().bold(), "error:");
        self.say(format_args!("{label} {}", plain(&error.message)));
        for detail in &error.details {
            self.say(format_args!("  {}", plain(detail)));
        }
        for hint in &error.hints {
            let label = self.paint_remark(&Style::new().cyan(), "hint:");
            self.say(format_args!("  {label} {}", plain(hint)));
        }
    }

    /// Nothing can be done about a stderr that is closed.
    fn say(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.stderr, "{text}");
    }

    /// Returns a text in a style, if the answer may have colour.
    #[must_use]
    pub(crate) fn paint(&self, style: &Style, text: &str) -> String {
        if self.colors[0] { style.clone().force_styling(true).apply_to(text).to_string() } else { text.to_owned() }
    }

    fn paint_remark(&self, style: &Style, text: &str) -> String {
        if self.colors[1] { style.clone().force_styling(true).apply_to(text).to_string() } else { text.to_owned() }
    }

    /// Refuses `-o name` for an answer that has no names.
    ///
    /// # Errors
    /// When that format is chosen.
    pub(crate) fn refuse_names(&self, command: &str) -> Result<(), CtlError> {
        if matches!(self.format, Format::Name | Format::Value) {
            return Err(CtlError::usage(format!("`{command}` has no names to list: use -o table or -o json")));
        }
        Ok(())
    }
}

/// Returns a text with everything that would not show, or would move the cursor or turn the writing direction,
/// escaped.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    let unsafe_to_show = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if unsafe_to_show(character) { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    shown
}

/// Returns `9,850`.
#[must_use]
pub(crate) fn count(number: impl Display) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns `1 user`, `9,850 users`.
#[must_use]
pub(crate) fn counted(number: impl Display, noun: &str) -> String {
    let number = count(number);
    format!("{number} {noun}{}", if number == "1" { "" } else { "s" })
}

/// Returns how long something took: `40ms`, `1.2s`, `3m 20s`.
#[must_use]
pub(crate) fn took(milliseconds: i64) -> String {
    match milliseconds {
        ..1000 => format!("{milliseconds}ms"),
        1000..60_000 => format!("{}.{}s", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => format!("{}m {}s", milliseconds / 60_000, milliseconds % 60_000 / 1000),
    }
}

/// Returns an RFC 3339 time to the minute: `2026-07-02 11:20Z`.
#[must_use]
pub(crate) fn minute(time: &str) -> String {
    match (time.get(..10), time.get(11..16)) {
        (Some(day), Some(minute)) if time.ends_with('Z') => format!("{day} {minute}Z"),
        _ => plain(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_the_cursor_is_escaped() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\\nc\\u{202e}d");
        assert_eq!(plain("Jürgen 🦀 \"x\""), "Jürgen 🦀 \"x\"");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [count(0), count(999), count(1000), count(1_234_567)].each_ref().map(String::as_str)
        );
        assert_eq!(counted(1, "user"), "1 user");
        assert_eq!(counted(0, "user"), "0 users");
    }

    #[test]
    fn spans_are_short() {
        assert_eq!([took(40), took(1234), took(59_999), took(200_000)], ["40ms", "1.2s", "59.9s", "3m 20s"]);
    }

    #[test]
    fn times_are_shown_to_the_minute() {
        assert_eq!(minute("2026-07-02T11:20:33Z"), "2026-07-02 11:20Z");
        assert_eq!(minute("@9"), "@9");
    }
}
