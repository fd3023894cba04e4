//! `baryctl log set FILTER`: other lines, on every replica, until a time.

use crate::cli::LogSet;
use crate::commands::Context;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::target::LogChange;

/// Runs the command.
///
/// # Errors
/// When the filter is none, the server cannot be reached or refuses, or stdout cannot be written.
pub(crate) fn run(arguments: LogSet, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("log set")?;
    let LogSet { filter, duration } = arguments;
    super::run(LogChange::Set { filter, seconds: duration.as_secs().max(1) }, context, printer)
}
