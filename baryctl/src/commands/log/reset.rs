//! `baryctl log reset`: the lines that the daemons were started with.

use crate::commands::Context;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::target::LogChange;

/// Runs the command.
///
/// # Errors
/// When the server cannot be reached or refuses, or stdout cannot be written.
pub(crate) fn run(context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("log reset")?;
    super::run(LogChange::Reset, context, printer)
}
