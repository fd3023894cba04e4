//! `baryctl clients list`: clients in the order of their ids, page by page.

use crate::cli::ClientList;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::print_pages;

/// Runs the command.
///
/// # Errors
/// When the target refuses or stdout cannot be written.
pub(crate) fn run(arguments: &ClientList, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    with_target(context, |session| {
        print_pages(printer, arguments.limit, |after| session.wait(session.target.clients(after)))
    })?;
    Ok(Exit::Ok)
}
