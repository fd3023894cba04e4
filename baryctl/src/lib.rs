//! baryctl, the admin CLI, as a library: [`run`] is the whole program, so that tests call it in process.
//!
//! ```text
//!   main ──► run ──► cli ──► commands ──► target ──► admin_api   (schema/admin.graphql, over HTTP)
//!                     └► settings  │          └─────► barycenter-core (--direct)
//!                                  └► render: the only code that prints
//! ```
//!
//! The server is known only as `schema/admin.graphql`. Standard streams and the environment come in as [`Io`];
//! nothing but [`process`] reads them by itself. Answers go to stdout, all else to stderr; what a run ends with is an [`Exit`].

mod admin_api;
pub mod cli;
mod commands;
mod error;
mod import;
mod process;
mod render;
mod settings;
mod target;
#[cfg(test)]
mod test;

use std::ffi::OsString;
use std::io::{Read, Write};

use clap::FromArgMatches as _;
use clap::error::ErrorKind;

pub use crate::commands::man::pages as manual_pages;
pub use crate::error::{CtlError, Exit};
pub use crate::process::process;
pub use crate::settings::Environment;

use crate::cli::{Cli, Format};
use crate::commands::Context;
use crate::render::Printer;
use crate::settings::Settings;

/// What a run reads and writes.
pub struct Io<'io> {
    /// Standard input.
    pub stdin: &'io mut dyn Read,
    /// Where answers go.
    pub stdout: &'io mut dyn Write,
    /// Where all else goes.
    pub stderr: &'io mut dyn Write,
    /// Which of them a person sits at.
    pub terminals: Terminals,
    /// The variables.
    pub environment: Environment,
}

/// Which of the standard streams are terminals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminals {
    /// Standard input.
    pub stdin: bool,
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
}

/// Runs the command that `arguments` (the program's name first) name, to its end. A reader who goes away early
/// (`baryctl users list | head -1`) is no failure.
pub fn run(arguments: &[OsString], io: Io<'_>) -> Exit {
    let Io { stdin, stdout, stderr, terminals, environment } = io;
    let mut printer = Printer::new(stdout, stderr, terminals);
    let cli = match parse(arguments, &environment, &mut printer) {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    if let Some(format) = cli.global.output {
        printer.set_format(format);
    }
    let outcome = Settings::resolve(&cli.global, &environment).and_then(|settings| {
        printer.configure(&settings);
        let context = Context { settings, flags: cli.global, environment, stdin, stdin_is_terminal: terminals.stdin };
        let exit = commands::run(cli.command, context, &mut printer)?;
        printer.flush()?;
        Ok(exit)
    });
    outcome.unwrap_or_else(|error| {
        if !error.is_closed_pipe() {
            let _ = printer.flush();
            printer.error(&error);
        }
        error.exit
    })
}

/// Reads the command line; prints help, the version or what is wrong with it.
fn parse(arguments: &[OsString], environment: &Environment, printer: &mut Printer<'_>) -> Result<Cli, Exit> {
    let parsed = cli::command().try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(|error| {
        if !error.use_stderr() {
            let written = printer.raw(error.to_string().as_bytes()).and_then(|()| printer.flush());
            return written.map_or_else(|error| error.exit, |()| Exit::Ok);
        }
        if let Some(format) = wanted_format(arguments, environment) {
            printer.set_format(format);
        }
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !printer.format().is_json() {
            printer.note(error.to_string().trim_end());
            return Exit::Usage;
        }
        printer.error(&usage_error(&error));
        Exit::Usage
    })
}

/// Finds out whether programs read the errors of a command line that could not be parsed.
fn wanted_format(arguments: &[OsString], environment: &Environment) -> Option<Format> {
    let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let named = texts
        .iter()
        .zip(texts.iter().skip(1))
        .find_map(|(flag, value)| matches!(*flag, "-o" | "--output").then_some(*value));
    let joined = texts.iter().find_map(|text| {
        text.strip_prefix("--output=").or_else(|| text.strip_prefix("-o")).filter(|value| !value.is_empty())
    });
    match named.or(joined).or_else(|| environment.text("BARYCTL_OUTPUT")) {
        Some("json") => Some(Format::Json),
        Some("ndjson") => Some(Format::Ndjson),
        _ => None,
    }
}

/// Returns clap's complaint in our form: its first line is the message, the rest are the ways out.
fn usage_error(error: &clap::Error) -> CtlError {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return CtlError::usage("the command is incomplete").hint("baryctl --help lists all commands");
    }
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let mut failure = CtlError::usage(first.strip_prefix("error: ").unwrap_or(first));
    for line in lines {
        if let Some(tip) = line.strip_prefix("tip: ") {
            failure = failure.hint(tip);
        } else if let Some(usage) = line.strip_prefix("Usage: ") {
            failure = failure.hint(format!("usage: {usage}"));
        } else if !line.starts_with("For more information") {
            failure = failure.detail(line);
        }
    }
    failure
}
