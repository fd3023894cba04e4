//! `baryctl completions SHELL`: a completion script, made from the command tree alone.

use crate::cli::{self, CompletionsArguments};
use crate::error::{CtlError, Exit};
use crate::render::Printer;

/// Runs the command.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn run(arguments: &CompletionsArguments, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli::command(), "baryctl", &mut script);
    printer.raw(&script)?;
    Ok(Exit::Ok)
}
