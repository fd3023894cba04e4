//! `baryctl users list`: users in the order of their names, page by page.

use crate::cli::UsersList;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::print_pages;

/// Runs the command.
///
/// # Errors
/// When the target refuses or stdout cannot be written.
pub(crate) fn run(arguments: UsersList, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let UsersList { search, limit } = arguments;
    with_target(context, |session| {
        print_pages(printer, limit, |after| session.wait(session.target.users(search.clone(), after)))
    })?;
    Ok(Exit::Ok)
}
