//! `baryctl jobs get ID…`: everything about runs. Exits 5 if one of them does not exist.

use crate::cli::JobsGet;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::print_found;

/// Runs the command.
///
/// # Errors
/// When a run does not exist, the target refuses, or stdout cannot be written.
pub(crate) fn run(arguments: &JobsGet, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let found = with_target(context, |session| {
        arguments.ids.iter().map(|id| session.wait(session.target.job_run(id))).collect::<Result<Vec<_>, _>>()
    })?;
    print_found(printer, &arguments.ids, found)
}
