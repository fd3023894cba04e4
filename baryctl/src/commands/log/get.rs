//! `baryctl log get`: which lines the daemons write.

use crate::commands::Context;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::target::LogChange;

/// Runs the command.
///
/// # Errors
/// When the server cannot be reached or refuses, or stdout cannot be written.
pub(crate) fn run(context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("log get")?;
    super::run(LogChange::None, context, printer)
}
