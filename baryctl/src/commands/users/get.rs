//! `baryctl users get NAME…`: everything about users, by name. Exits 5 if one of them does not exist.

use crate::cli::UsersGet;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::print_found;

/// Runs the command.
///
/// # Errors
/// When a user does not exist, the target refuses, or stdout cannot be written.
pub(crate) fn run(arguments: &UsersGet, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let found = with_target(context, |session| {
        arguments.names.iter().map(|name| session.wait(session.target.user(name))).collect::<Result<Vec<_>, _>>()
    })?;
    print_found(printer, &arguments.names, found)
}
